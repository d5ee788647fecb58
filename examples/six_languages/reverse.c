/* Actor in C: reverses the digits of the number at the start of each line. */
#include <stdio.h>
#include <string.h>

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    size_t digits = strspn(line, "0123456789");
    for (size_t i = 0; i < digits / 2; i++) {
      char c = line[i];
      line[i] = line[digits - 1 - i];
      line[digits - 1 - i] = c;
    }
    fputs(line, stdout);
  }
  return 0;
}

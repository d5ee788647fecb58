// Actor in Java: keeps the last three lines.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayDeque;

class Last {
  public static void main(String[] args) throws IOException {
    var lines = new ArrayDeque<String>();
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      lines.add(line);
      if (lines.size() > 3) lines.remove();
    }
    lines.forEach(System.out::println);
  }
}

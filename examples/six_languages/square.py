"""Actor in Python: squares the number on each line."""
import sys

for line in sys.stdin:
    print(int(line) ** 2)

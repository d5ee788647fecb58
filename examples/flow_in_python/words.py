"""A flow in Python: `python3 words.py` runs it with the installed engine, `python3 words.py --json` prints it."""
import sys

from sluice_actor import flow

words = flow("words-in-python")
text = words.file("text", "text.txt")
split = words.process("split", ["tr", "-cs", "A-Za-z", "\n"], text, explain="A word a line")
top = words.shell("top", "sort | uniq -c | sort -k1,1nr -k2 | head -n 3", split, explain="The most frequent ones")
words.out(top)

if "--json" in sys.argv:
    print(words.to_json())
else:
    print(words.run().text, end="")

"""copy_to.py ORDER FD...: copies stdin to each descriptor, `alternate` piece by piece, or in `sequence`: to the
first while it reads, and from memory to the others when stdin has ended."""
import sys

from pipes import chunks, run, write_all


def main():
    order, fds = sys.argv[1], [int(word) for word in sys.argv[2:]]
    held = []
    for data in chunks(0):
        for fd in fds if order == "alternate" else fds[:1]:
            write_all(fd, data)
        if order == "sequence":
            held.append(data)
    for fd in fds[1:]:
        for data in held:
            write_all(fd, data)


run(main)

"""zip.py BYTES PATH...: so many bytes of each input in turn, until all have ended; `-` is stdin."""
import os
import sys

from pipes import open_port, run, write_all


def read_exactly(fd, size):
    parts = []
    while size > 0 and (data := os.read(fd, min(size, 65536))):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def main():
    size = int(sys.argv[1])
    fds = [open_port(path) for path in sys.argv[2:]]
    while fds:
        still = []
        for fd in fds:
            data = read_exactly(fd, size)
            write_all(1, data)
            if len(data) == size:
                still.append(fd)
        fds = still


run(main)

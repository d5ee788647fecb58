"""source.py CHUNK ORDER FD:BYTES:SEED:KIND...

Writes streams that depend on nothing but the arguments, in pieces of CHUNK bytes. ORDER is `sequence` (one stream
after the other) or `alternate`; KIND is `text` (whole lines), `cut` (the last line has no end), `long` (lines of more
than a megabyte) or `bytes`. No two blocks of a stream are the same.
"""
import random
import sys

from pipes import run, write_all

BLOCK = 65536
LONG_LINE_BLOCKS = 20


def text(seed):
    choose = random.Random(seed)
    lines = []
    size = 0
    while size < BLOCK:
        length = choose.choice((0, 1, 5, 20, 20, 80, 80, 300, 5000))
        line = bytes(choose.choices(b"abcdefghijklmnopqrstuvwxyz ABC0123456789", k=length)) + b"\n"
        lines.append(line)
        size += len(line)
    return b"".join(lines)[:BLOCK]


def blocks(size, seed, kind):
    base = random.Random(seed).randbytes(BLOCK) if kind == "bytes" else text(seed)
    if kind == "long":
        base = base.replace(b"\n", b"-")
    twice = base + base
    number = 0
    while size > 0:
        turn = number * 7919 % BLOCK
        mark = b" " if kind == "long" and number % LONG_LINE_BLOCKS > 0 else b"\n"
        block = (b"%d" % number + mark + twice[turn:turn + BLOCK])[:min(size, BLOCK)]
        size -= len(block)
        number += 1
        if size == 0 and kind == "text":
            block = block[:-1] + b"\n"
        yield block


def pieces(size, seed, kind, chunk):
    """Pieces of exactly `chunk` bytes, and a last one."""
    waiting = bytearray()
    for block in blocks(size, seed, kind):
        waiting += block
        at = 0
        while len(waiting) - at >= chunk:
            yield waiting[at:at + chunk]
            at += chunk
        del waiting[:at]
    if waiting:
        yield waiting


def main():
    chunk, order = int(sys.argv[1]), sys.argv[2]
    streams = []
    for word in sys.argv[3:]:
        fd, size, seed, kind = word.split(":")
        streams.append((int(fd), pieces(int(size), int(seed), kind, chunk)))
    if order == "sequence":
        for fd, stream in streams:
            for piece in stream:
                write_all(fd, piece)
        return
    while streams:
        still = []
        for fd, stream in streams:
            piece = next(stream, None)
            if piece is not None:
                write_all(fd, piece)
                still.append((fd, stream))
        streams = still


run(main)

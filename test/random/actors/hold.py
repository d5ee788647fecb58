"""hold.py: reads all of stdin before it writes anything; then every byte, turned over."""
from pipes import chunks, run, write_all

TABLE = bytes(255 - byte for byte in range(256))


def main():
    held = list(chunks(0))
    for data in held:
        write_all(1, data.translate(TABLE))


run(main)

"""threads.py join PATH...: reads every input in a thread of its own, and writes one after the other to stdout.
threads.py split FD:PATH...: a thread for each copies an input to a descriptor. `-` is stdin."""
import os
import queue
import sys
import threading

from pipes import chunks, open_port, run, write_all


def read_into(waiting, path):
    try:
        for data in chunks(open_port(path)):
            waiting.put(data)
    finally:
        waiting.put(None)


def join(paths):
    queues = []
    for path in paths:
        waiting = queue.SimpleQueue()
        threading.Thread(target=read_into, args=(waiting, path), daemon=True).start()
        queues.append(waiting)
    for waiting in queues:
        while (data := waiting.get()) is not None:
            write_all(1, data)


def copy(fd, path):
    try:
        for data in chunks(open_port(path)):
            write_all(fd, data)
    except BrokenPipeError:
        os._exit(9)


def split(words):
    threads = []
    for word in words:
        fd, path = word.split(":", 1)
        thread = threading.Thread(target=copy, args=(int(fd), path))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


run(lambda: (join if sys.argv[1] == "join" else split)(sys.argv[2:]))

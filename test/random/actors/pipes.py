"""Reading and writing descriptors, for the actors written in Python."""
import os


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def chunks(fd, size=65536):
    while data := os.read(fd, size):
        yield data


def open_port(path):
    return 0 if path == "-" else os.open(path, os.O_RDONLY)


def run(main):
    """A reader that has left ends the actor quietly, with an exit code of its own."""
    try:
        main()
    except (BrokenPipeError, ConnectionResetError):
        os._exit(9)

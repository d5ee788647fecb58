"""Both ends of an exchange with the Python SDK: what messages.py does with bare JSON, as an actor is written."""
import sys
import time
from os.path import abspath, dirname, join

sys.path.insert(0, join(dirname(abspath(__file__)), "../../actors/python"))

from sluice_actor import Actor, run  # noqa: E402

from messages import middle  # noqa: E402

clock = time.perf_counter
what, *words = sys.argv[1:]
count = int(words[0]) if words else 0


class Send(Actor):
    def on_start(self, env):
        for n in range(count):
            self.send("sink", "Ping", {"count": n})


class Sink(Actor):
    seen, start = 0, None

    def on_ping(self, env):
        self.start = self.start or clock()
        self.seen += 1
        assert env.msg.count == self.seen - 1
        if self.seen == count:
            self.emit({"rate": (count - 1) / (clock() - self.start)})


class Client(Actor):
    def on_start(self, env):
        times = []
        for n in range(count):
            start = clock()
            self.ask("server", "Ping", {"n": n})
            times.append(clock() - start)
        self.emit(middle(times))


class Server(Actor):
    def on_ping(self, env):
        self.reply(env, "Pong", env.msg)


run({"send": Send, "sink": Sink, "client": Client, "server": Server}[what])

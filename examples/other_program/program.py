"""A program of its own, which answers every Ping: `python3 program.py`, and in another terminal `sluice flow.json`.

It may as well be in C++ or Rust: all that it has to know is JSON over ZeroMQ.
"""
import os

from sluice_actor import Actor, Manager, ZmqReceiver, ZmqSender

ENDPOINT = os.environ.get("THERE", "tcp://127.0.0.1:5002")


class Pong(Actor):
    def on_ping(self, env):
        self.reply(env, "Pong", {"count": env.msg.count})


if __name__ == "__main__":
    manager = Manager()
    ZmqReceiver(ENDPOINT, manager, ZmqSender(local_endpoint=ENDPOINT))
    manager.manage("pong", Pong())
    manager.init()
    print("pong is at", ENDPOINT)
    try:
        manager.run()
    except KeyboardInterrupt:
        manager.end()

"""Measures a word, slowly."""
import os
import time

from sluice_actor import Actor, run


class Worker(Actor):
    def on_measure(self, env):
        time.sleep(0.2)
        self.reply(env, "Done", {"word": env.msg.word, "length": len(env.msg.word), "worker": os.getpid()})


run(Worker)

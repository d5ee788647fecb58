"""What is saved is there again after a crash."""
import os
import signal

from sluice_actor import Actor, run


class Counter(Actor):
    def pre_start(self):
        self.state = self.state or {"count": 0}

    def on_add(self, env):
        self.state["count"] += env.msg.n
        self.save()
        self.reply(env, "Total", {"count": self.state["count"], "process": os.getpid()})

    def on_crash(self, env):
        os.kill(os.getpid(), signal.SIGKILL)


run(Counter)

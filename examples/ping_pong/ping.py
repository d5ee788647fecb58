"""Plays so many rounds with pong and tells score of each."""
from sluice_actor import Actor, run


class Ping(Actor):
    def on_start(self, env):
        self.send("pong", "Ping", {"count": 1})

    def on_pong(self, env):
        self.send("score", "Point", {"text": "round %d" % env.msg.count})
        if env.msg.count < self.args["rounds"]:
            self.reply(env, "Ping", {"count": env.msg.count + 1})
        else:
            self.send("score", "End")


run(Ping)

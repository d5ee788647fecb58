"""Plays so many rounds with pong, who lives elsewhere and may take a minute for each."""
from sluice_actor import Actor, run


class Ping(Actor):
    def on_start(self, env):
        for count in range(1, self.args["rounds"] + 1):
            pong = self.ask("pong", "Ping", {"count": count}, timeout=60)
            self.emit("round %d" % pong.count)
        self.finish()


run(Ping)

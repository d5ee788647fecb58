"""Gives each order its route."""
from sluice_actor import Actor, run


class Triage(Actor):
    def on_order(self, env):
        actors = ["price", "wrap"] if env.msg.get("gift") else ["price"]
        self.send(None, "Order", env.message, route={"actors": actors, "current": 0})


run(Triage)

"""Wraps an order, whatever it is."""
from sluice_actor import Actor, run


class Wrap(Actor):
    def on_order(self, env):
        self.forward(env, dict(env.msg, gift="wrapped"))


run(Wrap)

"""Publishes its readings; it knows nobody."""
from sluice_actor import Actor, run


class Sensor(Actor):
    def on_start(self, env):
        for celsius in self.args:
            self.publish("house/%s/temperature" % self.name, "Reading", {"celsius": celsius})
        self.publish("house/%s/battery" % self.name, "Reading", {"percent": 80})


run(Sensor)

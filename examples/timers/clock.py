"""Ticks every 20 ms, three times, and rings once after half a second."""
from sluice_actor import Actor, Timer, run


class Clock(Actor):
    def on_start(self, env):
        self.ticks = 0
        self.tick = Timer.periodic(self, 0.02, timer_id="tick")
        Timer.once(self, 0.5, timer_id="alarm")
        Timer.once(self, 0.1, timer_id="never").cancel()

    def on_timeout(self, env):
        if env.msg.id == "tick":
            self.ticks += 1
            if self.ticks == 3:
                self.tick.cancel()
        self.emit("%s %d" % (env.msg.id, self.ticks))


run(Clock)

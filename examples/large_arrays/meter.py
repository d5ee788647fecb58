"""Says how bright frames are; with numpy it would be `image.array.mean()`."""
from sluice_actor import Actor, get_memory_pool, run


class Meter(Actor):
    def on_frame(self, env):
        with get_memory_pool().open(env.msg.image) as image:
            self.emit({"number": env.msg.number, "mean": sum(image.memory.tobytes()) / image.nbytes})


run(Meter)

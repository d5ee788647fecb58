"""Takes frames and gives them away: a message has only where they are."""
from sluice_actor import Actor, get_memory_pool, run


class Camera(Actor):
    def on_start(self, env):
        pool = get_memory_pool()
        for number in range(self.args["frames"]):
            frame = pool.acquire((1080, 1920), dtype="uint8")
            frame.copy_from(bytes([number * 50]) * frame.nbytes)
            self.send("meter", "Frame", {"number": number, "image": pool.give(frame)})


run(Camera)

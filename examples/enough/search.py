"""The first three perfect numbers: what divides them gives them as its sum."""
from sluice_actor import Actor, run

WANTED = 3


class Search(Actor):
    def on_start(self, env):
        self.found = 0

    def on_record(self, env):
        number = env.message
        if self.found == WANTED or sum(n for n in range(1, number) if number % n == 0) != number:
            return
        self.emit(number)
        self.found += 1
        if self.found == WANTED:
            self.finish()  # What comes until Shutdown is left alone.


if __name__ == "__main__":
    run(Search)

"""Several actors in one program: their states, and what they tell each other and the test."""
import asyncio
import unittest
from dataclasses import dataclass, field
from typing import Optional
from uuid import UUID, uuid4

from sluice_actor import Actor, NotLaunched, ReceiveTimeout, Runtime, StateError, Timer, message


@message
@dataclass
class Multiply:
    a: float
    b: float
    message_id: UUID = field(default_factory=uuid4)
    correlation_id: Optional[UUID] = None


@message
@dataclass
class Product:
    result: float
    message_id: UUID = field(default_factory=uuid4)
    correlation_id: Optional[UUID] = None


async def multiplier(ctx):
    while not ctx.should_terminate:
        if not ctx.is_active:
            await ctx.wait_active()
            continue
        try:
            request = await ctx.receive(timeout=0.1)
        except asyncio.TimeoutError:
            continue
        if request.a < 0:
            raise RuntimeError("negative")
        await ctx.send(Product(request.a * request.b, correlation_id=request.message_id))


async def user(ctx):
    async for request in ctx:
        reply = await ctx.ask("multiplier", Multiply(request.n, 2))
        await ctx.send("Twice", {"n": reply.result}, to="nobody")


class Clock(Actor):
    def on_begin(self, env):
        self.beat = Timer.periodic(self, 0.01, timer_id="beat")
        self.beats = 0

    def on_timeout(self, env):
        self.beats += 1
        if self.beats == 3:
            self.beat.cancel()
            self.save({"beats": self.beats})
            self.send("tester", "Beats", {"n": self.beats})


class TestRuntime(unittest.TestCase):
    def run_test(self, test):
        return asyncio.run(asyncio.wait_for(test(), 30))

    def test_an_actor_is_launched_activated_and_talked_to(self):
        async def test():
            async with Runtime() as runtime:
                self.assertEqual(runtime.state_of("multiplier"), "CREATED")
                await runtime.launch("multiplier", multiplier)
                with self.assertRaisesRegex(StateError, "Cannot send message to 'multiplier' from state 'LAUNCHED'"):
                    await runtime.send("multiplier", Multiply(1, 2))
                await runtime.activate("multiplier")
                request = Multiply(6, 7)
                await runtime.send("multiplier", request)
                response = await runtime.receive("multiplier", timeout=10)
                self.assertEqual((response.result, response.correlation_id), (42, request.message_id))
                with self.assertRaises(asyncio.TimeoutError):
                    await runtime.receive("multiplier", timeout=0.01)
                self.assertEqual((await runtime.ask("multiplier", Multiply(2, 3))).result, 6)
            self.assertEqual(runtime.state_of("multiplier"), "TERMINATED")

        self.run_test(test)

    def test_who_is_deactivated_keeps_its_messages(self):
        async def test():
            async with Runtime() as runtime:
                await runtime.launch("multiplier", multiplier)
                await runtime.activate("multiplier")
                await runtime.deactivate("multiplier")
                with self.assertRaises(ReceiveTimeout):
                    await runtime.receive("multiplier", timeout=0.2)  # It waits to be active by now.
                for n in range(3):
                    await runtime.send("multiplier", Multiply(n, 1))
                with self.assertRaises(ReceiveTimeout):
                    await runtime.receive("multiplier", timeout=0.3)
                await runtime.activate("multiplier")
                results = [(await runtime.receive("multiplier", timeout=10)).result for _ in range(3)]
                self.assertEqual(results, [0, 1, 2])

        self.run_test(test)

    def test_actors_reach_each_other(self):
        async def test():
            async with Runtime() as runtime:
                for name, actor in (("multiplier", multiplier), ("user", user)):
                    await runtime.launch(name, actor)
                    await runtime.activate(name)
                await runtime.send("user", "Go", {"n": 4})
                twice = await runtime.receive("user", timeout=10)
                self.assertEqual((twice.n, twice.receiver), (8, "nobody"))

        self.run_test(test)

    def test_classes_have_timers(self):
        async def test():
            async with Runtime() as runtime:
                await runtime.launch("clock", Clock)
                await runtime.activate("clock")
                await runtime.send("clock", "Begin")
                self.assertEqual((await runtime.receive("clock", timeout=10)).n, 3)

        self.run_test(test)

    def test_what_ends_an_actor_reaches_the_test(self):
        async def test():
            async with Runtime() as runtime:
                await runtime.launch("multiplier", multiplier)
                await runtime.activate("multiplier")
                await runtime.send("multiplier", Multiply(-1, 1))
                await runtime.receive("multiplier", timeout=10)

        with self.assertRaisesRegex(RuntimeError, "negative"):
            self.run_test(test)

    def test_who_does_not_end_is_cancelled(self):
        cancelled = []

        async def stuck(ctx):
            try:
                await asyncio.sleep(1000)
            finally:
                cancelled.append(True)

        async def test():
            runtime = Runtime()
            await runtime.launch("stuck", stuck)
            await runtime.activate("stuck")
            await runtime.terminate("stuck", timeout=0.01)
            await runtime.terminate("stuck")

        self.run_test(test)
        self.assertEqual(cancelled, [True])

    def test_wrong_names_and_states_are_told(self):
        async def test():
            runtime = Runtime()
            with self.assertRaisesRegex(NotLaunched, r"Cannot activate 'a': it was not launched \(launched: none\)"):
                await runtime.activate("a")
            await runtime.launch("a", multiplier)
            with self.assertRaisesRegex(StateError, "launched already"):
                await runtime.launch("a", multiplier)
            with self.assertRaisesRegex(StateError, "Cannot deactivate 'a' from state 'LAUNCHED'"):
                await runtime.deactivate("a")
            await runtime.shutdown()

        self.run_test(test)


if __name__ == "__main__":
    unittest.main()

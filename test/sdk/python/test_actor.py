"""Actors in Python are tested without an engine."""
import asyncio
import json
import os
import subprocess
import sys
import threading
import unittest
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../actors/python/src"))

from sluice_actor import (  # noqa: E402
    Actor, ActorError, AskError, AskTimeout, KernelContext, Timer, handler, message, register_message, ring_kernel,
    run, test_actor,
)


@register_message
class Ping:
    def __init__(self, count):
        self.count = count


class Pong:
    def __init__(self, count):
        self.count = count


class PongActor(Actor):
    def on_ping(self, env):
        self.reply(env, Pong(env.msg.count))


class Counter(Actor):
    def pre_start(self):
        self.state = self.state or {"count": 0}

    def on_add(self, env):
        count = self.state["count"] + env.msg.n
        if count < 0:
            raise ActorError("NEGATIVE", "below zero", {"count": count})
        self.state["count"] = count
        self.save()
        self.reply(env, "Total", self.state)

    def on_consult(self, env):
        answer = self.get_ref("oracle").fast_send(Ping(1), self._actor_ref, timeout=2)
        self.reply(env, "Total", {"count": answer.count, "first": answer.list[0]["n"]})

    async def on_later(self, env):
        await asyncio.sleep(0)
        self.reply(env, "Total", {"count": -1})

    def on_broken(self, env):
        raise ValueError("zut")

    def on_stop(self):
        self.state = {"count": 99}


class Keyed(Actor):
    def on_start(self, env):
        self.send("log", "Began", {"started": self.key})

    def on_activate(self, env):
        self.send("log", "Began", {"activated": self.key})

    def on_change(self, env):
        self.state["count"] += 1
        self.args["list"].append(2)
        env.msg.list.append(2)

    def on_calculaterequest(self, env):
        self.reply(env, "Seen", {"id": env.message_id, "priority": env.priority, "payload": env.message})

    def on_later(self, env):
        Timer.once(self, 1.0)

    def on_timeout(self, env):
        raise ActorError("LATE", "too late")

    def on_broken(self, env):
        raise ActorError("LATE", "too late")

    def on_crowd(self, env):
        def send(n):
            for at in range(100):
                self.send("other", "Item", {"n": n * 100 + at})

        threads = [threading.Thread(target=send, args=(n,)) for n in range(env.msg.many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def on_enough(self, env):
        self.finish("enough")


class Heart(Actor):
    def on_start(self, env):
        self.beat = Timer.periodic(self._actor_ref, 0.1, timer_id="beat")
        Timer.once(self, 0.25, timer_id="end")
        Timer.once(self, 1.0).cancel()

    def on_timeout(self, env):
        self.publish("beats", "Beat", {"n": env.msg.id})
        if env.msg.id == "end":
            self.beat.cancel()


@message
@dataclass
class CalculateRequest:
    a: float
    b: float
    operation: str = "add"


@message
@dataclass
class CalculateResponse:
    result: float
    success: bool = True
    error: str = None
    error_code: str = None


@ring_kernel(kernel_id="calculator")
async def calculator(ctx: KernelContext) -> None:
    while not ctx.should_terminate:
        if not ctx.is_active:
            await ctx.wait_active()
            continue
        try:
            request = await ctx.receive(timeout=0.1)
            try:
                result = request.a / request.b if request.operation == "div" else request.a + request.b
                await ctx.send(CalculateResponse(result=result, correlation_id=request.message_id))
            except ZeroDivisionError:
                await ctx.send(CalculateResponse(
                    result=0.0, success=False, error="Division by zero", error_code="DIVIDE_BY_ZERO",
                    correlation_id=request.message_id))
        except asyncio.TimeoutError:
            continue


async def echo(ctx):
    async for request in ctx:
        await ctx.reply(request, "Echo", dict(request))
    await ctx.send("Bye", {}, to="log")


@handler("Double")
def double(msg):
    return {"n": msg.n * 2}


class TestActors(unittest.TestCase):
    def test_message_classes(self):
        (sent,) = test_actor(PongActor).send(Ping(1))
        self.assertEqual(sent.raw, {"message_type": "Pong", "receiver": "tester", "correlation_id": "message-1",
                                    "message": {"count": 1}})

    def test_a_message_that_its_class_does_not_take_is_rejected(self):
        pong = test_actor(PongActor)
        (sent,) = pong.send("Ping", {"other": 1})
        self.assertEqual(sent.message_type, "Reject")
        self.assertEqual(sent.msg.code, "BAD_MESSAGE")
        self.assertIn("count", sent.msg.reason)
        self.assertEqual(pong.ask("Ping", {"count": 2, "other": 1}), {"count": 2})

    def test_state(self):
        counter = test_actor(Counter, state={"count": 40})
        self.assertEqual(counter.ask("Add", {"n": 2}), {"count": 42})
        self.assertEqual(counter.state, {"count": 42})
        counter.shutdown()
        self.assertEqual(counter.state, {"count": 99})

    def test_errors(self):
        counter = test_actor(Counter)
        with self.assertRaises(AskError) as caught:
            counter.ask("Add", {"n": -1})
        self.assertEqual((caught.exception.code, caught.exception.details), ("NEGATIVE", {"count": -1}))
        with self.assertRaises(ValueError):
            counter.send("Broken")

    def test_asks(self):
        counter = test_actor(Counter)
        with self.assertRaises(AskError) as caught:
            counter.ask("Consult")
        self.assertEqual(caught.exception.code, "TIMEOUT")
        self.assertIsInstance(caught.exception, (asyncio.TimeoutError, TimeoutError))
        self.assertIsInstance(caught.exception, AskTimeout)
        self.assertEqual(counter.now, 2.0)
        counter.answer("Ping", lambda msg: {"count": msg.count + 1, "list": [{"n": 5}]})
        self.assertEqual(counter.ask("Consult"), {"count": 2, "first": 5})

    def test_coroutine_handlers(self):
        self.assertEqual(test_actor(Counter).ask("Later"), {"count": -1})

    def test_timers(self):
        heart = test_actor(Heart)
        self.assertEqual([each.msg.n for each in heart.advance(2)], ["beat", "beat", "end"])
        self.assertEqual(heart.timers, [])

    def test_receive_loops(self):
        calc = test_actor(calculator)
        (sent,) = calc.send(CalculateRequest(a=10, b=5))
        self.assertEqual(sent.msg.result, 15.0)
        self.assertTrue(sent.msg.success)
        (sent,) = calc.send(CalculateRequest(a=10, b=0, operation="div"))
        self.assertEqual(sent.error, {"code": "DIVIDE_BY_ZERO", "message": "Division by zero"})
        self.assertFalse(sent.message["success"])
        self.assertEqual(calc.advance(1), [])
        self.assertEqual(calc.shutdown(), [])

    def test_receive_loops_end(self):
        loop = test_actor(echo)
        self.assertEqual(loop.ask("Any", {"ü": [1]}), {"ü": [1]})
        (sent,) = loop.shutdown()
        self.assertEqual((sent.receiver, sent.message_type), ("log", "Bye"))

    def test_functions(self):
        self.assertEqual(test_actor(None).ask("Double", {"n": 4}), {"n": 8})
        self.assertEqual(test_actor(None).send("Triple", {"n": 4})[0].msg.code, "UNKNOWN_TYPE")
        self.assertEqual(test_actor(lambda msg: [msg.n]).ask("Any", {"n": 4}), [4])

    def test_an_instance_of_a_keyed_actor_is_activated(self):
        ann = test_actor(Keyed, key="ann", state={"count": 1})
        self.assertEqual([each.msg for each in ann.started], [{"activated": "ann"}])
        self.assertEqual([each.msg for each in test_actor(Keyed).started], [{"started": None}])

    def test_what_is_given_stays_as_it_is(self):
        state, args, payload = {"count": 1}, {"list": [1]}, {"list": [1]}
        ann = test_actor(Keyed, key="ann", state=state, args=args)
        ann.send("Change", payload)
        self.assertEqual((state, args, payload), ({"count": 1}, {"list": [1]}, {"list": [1]}))
        self.assertEqual(ann.state, {"count": 1})  # It has not been saved.
        ann.shutdown()
        self.assertEqual(ann.state, {"count": 2})

    def test_a_message_says_its_identity_and_priority(self):
        echo = test_actor(Keyed)
        request = CalculateRequest(a=1, b=2, priority=7)
        (sent,) = echo.send(request)
        self.assertEqual(sent.msg, {"id": request.message_id, "priority": 7, "payload": {"a": 1, "b": 2, "operation": "add"}})
        self.assertEqual(sent.correlation_id, request.message_id)
        self.assertEqual(echo.ask(request)["id"], request.message_id)
        (sent,) = echo.send(request, message_id="own", priority=9)
        self.assertEqual((sent.msg.id, sent.msg.priority), ("own", 9))

    def test_an_error_that_nobody_is_told_reaches_the_test(self):
        late = test_actor(Keyed)
        late.send("Later")
        with self.assertRaises(ActorError):
            late.advance(1)
        with self.assertRaises(ActorError):
            late.send("Broken", {}, correlation_id="other")
        self.assertEqual([each.error.code for each in late.send("Broken")], ["LATE"])

    def test_what_threads_send_is_sent_at_once(self):
        crowd = test_actor(Keyed)
        crowd.send("Crowd", {"many": 8})
        self.assertEqual(sorted(each.msg.n for each in crowd.sent if each.message_type == "Item"), list(range(800)))

    def test_an_actor_says_that_the_run_is_over(self):
        (sent,) = test_actor(Keyed).send("Enough")
        self.assertEqual((sent.receiver, sent.message_type, sent.msg), ("$flow", "Finish", {"reason": "enough"}))

    def test_wrong_use(self):
        with self.assertRaises(TypeError):
            run(5)
        with self.assertRaises(ValueError):
            CalculateRequest(a=1, b=2, priority=256)


class TestProcess(unittest.TestCase):
    def test_tasks_of_coroutine_handlers_go_on_between_messages(self):
        program = """
import asyncio
from sluice_actor import Actor, run

class Ticker(Actor):
    async def on_go(self, env):
        self.tasks = [asyncio.ensure_future(self.tick(n)) for n in (1, 3600)]

    async def tick(self, n):
        await asyncio.sleep(n / 1000 if n == 1 else n)
        self.send("other", "Tick", {"n": n})

run(Ticker)
"""
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../actors/python/src")
        env = dict(os.environ, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1", SLUICE_PROTOCOL="messages")
        actor = subprocess.Popen([sys.executable, "-c", program], env=env, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        actor.stdin.write('{"message_type":"Go","message":{}}\n')
        actor.stdin.flush()
        tick = actor.stdout.readline()  # Nothing else is given to it.
        rest = actor.communicate()
        self.assertEqual((json.loads(tick)["message"], rest, actor.returncode), ({"n": 1}, ("", ""), 0))


if __name__ == "__main__":
    unittest.main()

"""The conformance actor as a receive loop in Python: the parts that a loop can do."""
import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../actors/python"))

from sluice_actor import AskError, Fatal, Timer, run  # noqa: E402


async def crowd(ctx, n, request):
    await asyncio.sleep(request.after / 1000)
    for at in range(request.count):
        await ctx.send("Item", {"n": n * request.count + at, "pad": request.pad}, to=request.to)
        await asyncio.sleep(0)


async def conformance(ctx):
    timers = {}
    tasks = []
    if isinstance(ctx.args, dict) and "greet" in ctx.args:
        await ctx.send("Started", {"name": ctx.name, "key": ctx.key}, to=ctx.args["greet"])
    async for request in ctx:
        env = ctx.envelope
        kind = env.message_type
        if kind == "Ping":
            await ctx.reply(request, "Pong", {"n": request.get("n")})
        elif kind == "Who":
            await ctx.send("Me", {"name": ctx.name, "key": ctx.key, "args": ctx.args, "state": ctx.state})
        elif kind == "Echo":
            await ctx.reply(request, "Echo", env.message)
        elif kind == "Say":
            await ctx.publish(request.topic, "Said", {"text": request.text})
        elif kind == "Tell":
            await ctx.send("Told", {"text": request.text}, to=request.to)
        elif kind == "Emit":
            ctx.emit(env.message)
        elif kind == "Pass":
            await ctx.forward(request, env.message, request.get("then", ()))
        elif kind == "Ask":
            try:
                got = await ctx.ask(request.to, "Question", {"text": request.text}, timeout=request.timeout / 1000)
                await ctx.reply(request, "Answer", {"reply": got})
            except AskError as error:
                await ctx.reply(request, "Answer", {"code": error.code})
        elif kind == "SetOnce":
            timers[request.id] = Timer.once(ctx, request.after / 1000, timer_id=request.id)
        elif kind == "SetEvery":
            timers[request.id] = Timer.periodic(ctx, request.every / 1000, timer_id=request.id)
        elif kind == "Unset":
            timers[request.id].cancel()
        elif kind == "Timeout":
            await ctx.send("Ticked", {"id": request.id}, to="tester")
        elif kind == "Finish":
            ctx.finish(request.get("reason"))
        elif kind == "Exit":
            await ctx.reply(request, "Bye", {})
            sys.exit(request.code)
        elif kind == "Crowd":
            await ctx.reply(request, "Begun", {})
            for n in range(request.many):
                tasks.append(asyncio.ensure_future(crowd(ctx, n, request)))
        elif kind == "Print":
            print(request.text)
            await ctx.reply(request, "Printed", {})
        elif kind == "Many":
            for n in range(request.count):
                await ctx.send("Item", {"n": n}, to=env.sender)
            await ctx.reply(request, "Done", {})
        elif kind == "Fail" and request.how == "fatal":
            raise Fatal(request.text)


if __name__ == "__main__":
    run(conformance)

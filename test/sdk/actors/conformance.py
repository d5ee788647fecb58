"""The conformance actor in Python: what each message has to do is in docs/sdk.md."""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../actors/python"))

from sluice_actor import Actor, ActorError, AskError, Fatal, Timer, run  # noqa: E402


class Conformance(Actor):
    def on_start(self, env):
        self.timers = {}
        if isinstance(self.args, dict) and "greet" in self.args:
            self.send(self.args["greet"], "Started", {"name": self.name, "key": self.key})

    def on_activate(self, env):
        self.on_start(env)
        if isinstance(self.args, dict) and "woken" in self.args:
            self.send(self.args["woken"], "Woken", {"key": self.key})

    def on_ping(self, env):
        self.reply(env, "Pong", {"n": env.msg.get("n")})

    def on_who(self, env):
        self.reply(env, "Me", {"name": self.name, "key": self.key, "args": self.args, "state": self.state})

    def on_echo(self, env):
        self.reply(env, "Echo", env.message)

    def on_say(self, env):
        self.publish(env.msg.topic, "Said", {"text": env.msg.text})

    def on_tell(self, env):
        self.send(env.msg.to, "Told", {"text": env.msg.text})

    def on_pass(self, env):
        self.forward(env, env.message, env.msg.get("then", ()))

    def on_emit(self, env):
        self.emit(env.message)

    def on_ask(self, env):
        try:
            got = self.ask(env.msg.to, "Question", {"text": env.msg.text}, timeout=env.msg.timeout / 1000)
            self.reply(env, "Answer", {"reply": got})
        except AskError as error:
            self.reply(env, "Answer", {"code": error.code})

    def on_setonce(self, env):
        self.timers[env.msg.id] = Timer.once(self, env.msg.after / 1000, timer_id=env.msg.id)

    def on_setevery(self, env):
        self.timers[env.msg.id] = Timer.periodic(self, env.msg.every / 1000, timer_id=env.msg.id)

    def on_unset(self, env):
        self.timers[env.msg.id].cancel()

    def on_timeout(self, env):
        if env.msg.id == "fail":
            raise ActorError("NO_FUNDS", "too late")
        self.send("tester", "Ticked", {"id": env.msg.id})

    def on_add(self, env):
        count = (self.state or {"count": 0})["count"] + env.msg.n
        self.save({"count": count})
        self.reply(env, "Total", {"count": count})

    def on_note(self, env):
        self.state = {"note": env.msg.text}

    def on_load(self, env):
        self.reply(env, "Loaded", {"state": self.load_state()})

    def on_fail(self, env):
        how, text = env.msg.how, env.msg.text
        if how == "business":
            raise ActorError("NO_FUNDS", text, {"balance": 3})
        raise Fatal(text) if how == "fatal" else ValueError(text)

    def on_finish(self, env):
        self.finish(env.msg.get("reason"))

    def on_exit(self, env):
        self.reply(env, "Bye", {})
        sys.exit(env.msg.code)

    def on_crowd(self, env):
        def send(n):
            for at in range(env.msg.count):
                self.send(env.msg.to, "Item", {"n": n * env.msg.count + at, "pad": env.msg.pad})

        self.reply(env, "Begun", {})
        for n in range(env.msg.many):
            threading.Timer(env.msg.after / 1000, send, (n,)).start()

    def on_print(self, env):
        print(env.msg.text)
        self.reply(env, "Printed", {})

    def on_many(self, env):
        for n in range(env.msg.count):
            self.send(env.sender, "Item", {"n": n})
        self.reply(env, "Done", {})


if __name__ == "__main__":
    run(Conformance)

"""Every message that cannot be delivered or understood comes back, with a reason and a code."""
from sluice_actor import Actor, AskError, run


class Sender(Actor):
    def on_start(self, env):
        self.send("echo", "Text", {"text": "hello"})
        self.send("nobody", "Text", {"text": "hello?"})
        self.send("echo", "Picture", {"width": 3})

    def on_text(self, env):
        self.emit("echo says %s" % env.msg.text)

    def on_reject(self, env):
        self.emit("%s: %s" % (env.msg.code, env.msg.reason))
        if env.msg.code == "UNKNOWN_TYPE":
            self.ask_in_vain()

    def ask_in_vain(self):
        for receiver, message_type in (("nobody", "Text"), ("echo", "Picture")):
            try:
                self.ask(receiver, message_type, {})
            except AskError as error:
                self.emit("asked %s: %s" % (receiver, error))


run(Sender)

"""Senders, and actors of other programs, as something to send to."""
import unittest

from sluice_actor import Actor, RemoteActorRef, test_actor

far = RemoteActorRef("pong", "tcp://localhost:5002", None)


class Ping(Actor):
    def on_start(self, env):
        far.send("Ping", self._actor_ref, {"n": 1})

    def on_hello(self, env):
        self.log("%s %s" % (env.sender.name, env.sender.endpoint))
        env.sender.send("Hi", data={"to": env.sender})

    def on_ask(self, env):
        self.reply(env, "Got", far.ask("Get", self, {}))

    def on_nobody(self, env):
        self.reply(env, "Sender", {"sender": env.sender})


def told(sent):
    return [(env.receiver, env.message_type, env.message) for env in sent]


class RemoteTest(unittest.TestCase):
    def test_sends_to_an_address(self):
        self.assertEqual(told(test_actor(Ping).started), [("pong@tcp://localhost:5002", "Ping", {"n": 1})])

    def test_a_sender_can_be_sent_to(self):
        ping = test_actor(Ping)
        address = "a@tcp://host:1"
        sent = told(ping.send("Hello", {}, sender=address))
        self.assertEqual(sent[0][2]["text"], "a tcp://host:1")
        self.assertEqual(sent[1], (address, "Hi", {"to": address}))
        self.assertEqual(told(ping.send("Hello", {}, sender="local"))[0][2]["text"], "local None")

    def test_asks_another_program(self):
        ping = test_actor(Ping)
        ping.answer("Get", {"n": 2})
        self.assertEqual(ping.ask("Ask", {}), {"n": 2})

    def test_who_gives_no_name_is_nobody(self):
        sent = test_actor(Ping).send("Nobody", {}, sender="@")
        self.assertEqual(sent[0].message, {"sender": None})


if __name__ == "__main__":
    unittest.main()

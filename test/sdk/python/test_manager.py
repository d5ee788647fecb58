"""Programs that make their actors themselves, as flows."""
import os
import sys
import unittest
from unittest import mock

from sluice_actor import (
    MESSAGE_REGISTRY, Actor, LocalActorRef, Manager, Reject, RemoteActorRef, ZmqReceiver, ZmqSender, test_actor,
)
from sluice_actor.engine import EngineMissing


class Ping(Actor):
    def __init__(self, pong, handle):
        self.pong, self.handle = pong, handle

    def on_start(self, env):
        self.pong.send("Ping", self._actor_ref, {"n": 1})

    def on_pong(self, env):
        self.handle.terminate()


class ManagerTest(unittest.TestCase):
    def test_its_actors_send_to_each_other_and_end_the_flow(self):
        manager = Manager("tcp://*:5001")
        pong = manager.manage("pong", Actor())
        ping = test_actor(Ping(pong, manager.get_handle()))
        told = [(env.receiver, env.message_type, env.message) for env in ping.started + ping.send("Pong", {})]
        self.assertEqual(told, [("pong", "Ping", {"n": 1}), ("$flow", "Finish", {})])
        self.assertTrue(manager.get_handle().is_terminated())
        self.assertEqual(manager.get_endpoint(), "tcp://*:5001")

    def test_names_are_known_and_given_once(self):
        manager = Manager()
        first = manager.manage("a", Actor())
        self.assertEqual((type(first), first.name, str(first.address)), (LocalActorRef, "a", "a"))
        found = manager.get_ref("a")
        self.assertEqual((found and found.name, manager.get_ref("b")), ("a", None))
        with self.assertRaisesRegex(ValueError, "Cannot manage 'a': there is an actor of this name already"):
            manager.manage("a", Actor())

    def test_is_a_flow_whose_actors_are_the_same_program(self):
        manager = Manager()
        sender = ZmqSender(local_endpoint="tcp://localhost:5001")
        manager.manage("receiver", ZmqReceiver("tcp://*:5001", manager, sender))
        manager.manage("a", Actor())
        flow = manager.to_dict()
        self.assertEqual(flow["endpoint"], {"listen": "tcp://*:5001", "advertise": "tcp://localhost:5001"})
        self.assertEqual(list(flow["actors"]), ["a"])
        self.assertEqual(flow["actors"]["a"]["run"][0], sys.executable)
        sender.set_local_endpoint("tcp://*:5001")
        self.assertEqual(manager.to_dict()["endpoint"], {"listen": "tcp://*:5001"})
        self.assertEqual(Manager().to_dict(), {"actors": {}})

    def test_says_how_to_install_the_engine(self):
        manager = Manager()
        manager.manage("a", Actor())
        gone = {"PATH": "/nowhere", "SLUICE_ENGINE": "", "SLUICE_PROTOCOL": ""}
        with mock.patch.dict(os.environ, gone), mock.patch("os.access", return_value=False):
            with self.assertRaisesRegex(EngineMissing, "npm install sluice"):
                manager.init()
        with self.assertRaisesRegex(RuntimeError, r"Cannot run before init\(\)"):
            manager.run()
        manager.end()

    def test_a_class_is_registered_by_its_type(self):
        MESSAGE_REGISTRY["Reject"] = Reject
        self.assertEqual(MESSAGE_REGISTRY["Reject"], Reject)
        self.assertEqual((MESSAGE_REGISTRY.get("Nobody"), "Reject" in MESSAGE_REGISTRY), (None, True))
        with self.assertRaises(KeyError):
            MESSAGE_REGISTRY["Nobody"]
        del_registered()

    def test_a_handle_of_another_program_takes_the_sender_of_the_original(self):
        self.assertEqual(str(RemoteActorRef("a", "tcp://b:1", zmq_sender=ZmqSender()).address), "a@tcp://b:1")


def del_registered():
    from sluice_actor.messages import registry
    del registry["Reject"]


if __name__ == "__main__":
    unittest.main()

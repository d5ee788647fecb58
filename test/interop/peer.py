"""A program that speaks JSON over ZeroMQ with pyzmq: answers each Ping, as the original does; first it says Hello.

Arguments: where it listens, and where it says Hello.
"""
import sys

import zmq

here, there = sys.argv[1:]
context = zmq.Context.instance()
pull = context.socket(zmq.PULL)
pull.bind(here)
sockets = {}


def send(endpoint, receiver, message_type, message):
    if endpoint not in sockets:
        sockets[endpoint] = context.socket(zmq.PUSH)
        sockets[endpoint].connect(endpoint)
    sockets[endpoint].send_json({
        "sender_actor": "pong",
        "sender_endpoint": here,
        "receiver": receiver,
        "message_type": message_type,
        "message": message,
    })


send(there, "ping", "Hello", {"long": "ü" * 100_000})
while True:
    frame = pull.recv_json()
    if frame["message_type"] == "Ping":
        send(frame["sender_endpoint"], frame["sender_actor"], "Pong", frame["message"])

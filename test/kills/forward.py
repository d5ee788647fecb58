# Two message actors for killing: "front" sends each record on by its key, "bank" notes it. Both fall dead now and then.
import json
import os
import random
import signal
import sys

role, log, share = sys.argv[1], sys.argv[2], float(sys.argv[3])


def put(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def fall():
    if random.random() < share:
        os.kill(os.getpid(), signal.SIGKILL)


for line in iter(sys.stdin.readline, ""):
    env = json.loads(line)
    kind, message = env["message_type"], env["message"]
    if kind != "Shutdown":
        fall()
    if kind == "Record" and role == "front":
        put(receiver="bank", message_type="Deposit", message=message)
    elif kind == "Deposit":
        with open(log, "a") as file:
            file.write("%s %d\n" % (message["key"], message["n"]))
    if kind != "Shutdown":
        fall()
    put(ack=env["message_id"])
    if kind != "Shutdown":
        fall()

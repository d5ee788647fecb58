# An actor of a random flow of messages, which does what its `args` say and writes down all that it does:
#   H n sender   it has handled item n      S n receiver   it has sent it on      R n code   that came back
#   Q id, A id   asked, and answered        L n code       a dead letter          E how      it ends
import json
import os
import signal
import sys
import time

log = os.open(f"log/{os.environ['TALKER']}.{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
config, taken, waiting, unanswered, timers = {}, 0, [], set(), 0
# The last one that it handled is of a type that it does not acknowledge.
is_unsaid = False


def note(*words):
    os.write(log, (" ".join(map(str, words)) + "\n").encode())


def write(data):
    while data:
        data = data[os.write(1, data):]


def put(**line):
    write(json.dumps(line).encode() + b"\n")


def read_lines():
    if config.get("ahead", True):
        yield from sys.stdin.buffer
        return
    line = b""
    while piece := os.read(0, 1):
        line += piece
        if piece == b"\n":
            yield line
            line = b""


def ack(names):
    way = config["ack"]
    for name in reversed(names) if way == "backward" else names:
        if way in ("none", "reply"):
            continue
        if way == "unknown":
            put(ack="nobody knows this")
        put(ack=name)
        if way == "twice":
            put(ack=name)


def noise(kind):
    write({
        "blank": b"\n  \n\r\n",
        "broken": b"{no json\n",
        "list": b"[1, 2]\n",
        "binary": b"\xff\xfe\x00\x80\n",
        "huge": b'{"message": "' + b"x" * 70_000 + b'"}\n',
        "key": b'{"message": 1, "priority": "high"}\n',
        "stray": b'{"correlation_id": "no such message", "message": "stray"}\n',
    }[kind])


def end(how):
    note("E", how)
    if how == "daemon":
        if os.fork() == 0:
            time.sleep(2)
        os._exit(3)
    if how == "leave":
        put(receiver="$flow", message_type="Leave")
        os._exit(0)
    if how == "half":
        write(b'{"message": "half of a l')
    if how in ("kill", "half"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(3 if how == "exit3" else 0)


def handle(env):
    global taken, is_unsaid
    taken += 1
    if config.get("crash") and taken == config["crash"]["after"] and config["crash"]["when"] == "before":
        crash()
    item, name = env["message"], env["message_id"]
    n = item["n"] if isinstance(item, dict) else item
    note("H", n, env.get("sender_actor") or "-")
    if config.get("delay"):
        time.sleep(config["delay"])
    payload = item if isinstance(item, dict) else {"n": n, "k": n % config["keys"]}
    for to in config["to"]:
        for receiver in to["receivers"]:
            note("S", n, receiver)
        put(**{**to["line"], "message": payload, **({} if "receiver" not in to["line"] else {
            "receiver": to["line"]["receiver"].replace("KEY", str(n % config["keys"]))})})
    if config["out"]:
        note("O", n)
        put(message=n)
    for kind in config["noise"].get(str(taken), []):
        noise(kind)
    for ask in config["asks"].get(str(taken), []):
        question = f"{os.environ['TALKER']}-{os.getpid()}-{n}-{len(unanswered)}-{ask['message_type']}"
        note("Q", question)
        unanswered.add(question)
        put(**ask, message_id=question, headers={"ask": config["askMs"]})
    for timer in config["timers"].get(str(taken), []):
        put(receiver="$timer", **timer)
    if config["finish"] == taken:
        note("F", n)
        put(receiver="$flow", message_type="Finish", message={"reason": "enough"})
    if config["ack"] == "reply":
        put(correlation_id=name, receiver="sink", message_type="Done")
    is_unsaid = env["message_type"] == "Note" and not config["notes"]
    if not is_unsaid:
        waiting.append(name)
    if len(waiting) >= config["batch"]:
        ack(waiting)
        waiting.clear()
    if config.get("crash") and taken == config["crash"]["after"]:
        crash()


def crash():
    marker = f"log/crashed.{os.environ['TALKER']}"
    times = os.path.getsize(marker) if os.path.exists(marker) else 0
    if times >= config["crash"]["times"]:
        return
    # Who leaves has acknowledged what it had in hand, or something that came later.
    if config["crash"]["how"] == "leave" and is_unsaid:
        config["crash"]["after"] += 1
        return
    with open(marker, "a") as file:
        file.write("x")
    if config["crash"]["how"] == "leave":
        ack(waiting)
    end(config["crash"]["how"])


first = True
config["ahead"] = os.environ.get("AHEAD", "1") == "1"
for line in read_lines():
    env = json.loads(line)
    kind = env.get("message_type")
    if kind == "Start":
        config.update(env["message"]["args"])
    if kind in ("Start", "Shutdown", "Activate", "Deactivate"):
        if kind == "Shutdown":
            ack(waiting)
            waiting.clear()
        if config["words"]:
            put(ack=env["message_id"])
    elif env.get("correlation_id") is not None and env["correlation_id"] in unanswered:
        note("A", env["correlation_id"], (env.get("error") or {}).get("code", "ok"))
    elif kind == "Reject":
        code, inner = env["message"]["code"], env["message"]["envelope"]
        payload = inner.get("message")
        n = payload.get("n", "?") if isinstance(payload, dict) else payload
        note("L" if config.get("letters") else "R", n, code, inner.get("receiver") or "-")
        if config["ack"] != "none":
            put(ack=env["message_id"])
    elif kind == "Ask":
        how = config["answers"][taken % len(config["answers"])] if config["answers"] else "ok"
        note("G", env["message_id"])
        reply = dict(receiver=env["sender_actor"], correlation_id=env["message_id"], message="yes")
        for _ in range({"ok": 1, "twice": 2, "never": 0, "error": 1}[how]):
            put(**reply, **({"error": {"code": "NO", "message": "no"}} if how == "error" else {}))
        if config["ack"] != "none":
            put(ack=env["message_id"])
    elif kind in ("Record", "Item", "Note"):
        handle(env)
    elif kind == "Timeout":
        note("T", env["message"]["id"])
        if config["ack"] != "none":
            put(ack=env["message_id"])
    elif env.get("headers", {}).get("ask") and env.get("correlation_id") is None:
        if config["ack"] != "none":
            put(ack=env["message_id"])
    else:
        note("?", kind, env.get("correlation_id"))
        if config["ack"] != "none":
            put(ack=env["message_id"])
note("E", "end")

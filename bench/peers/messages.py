"""Both ends of an exchange, as actors of a flow and over ZeroMQ: the same JSON, made and read by the same functions."""
import json
import sys
import time

dumps, loads = json.dumps, json.loads
clock = time.perf_counter


def envelope(kind, receiver, message):
    return dumps({"message_type": kind, "receiver": receiver, "message": message})


def told(**figures):
    return dumps({"message": figures}) + "\n"


def middle(times):
    times = sorted(times[len(times) // 5:])  # What warms up does not count.
    return {"p50": times[len(times) // 2] * 1e6, "p99": times[len(times) * 99 // 100] * 1e6}


# --- actors of a flow -------------------------------------------------------------------------------------


def actor_send(count, fast):
    sys.stdin.readline()
    write = sys.stdout.write
    lines, size = [], 0
    for n in range(count):
        if fast:
            lines.append('{"message_type":"Ping","receiver":"sink","message":{"count":%d}}\n' % n)
        else:
            lines.append(envelope("Ping", "sink", {"count": n}) + "\n")
        if len(lines) == 500:
            write("".join(lines))
            sys.stdout.flush()
            lines.clear()
    write("".join(lines))
    sys.stdout.flush()
    for _ in sys.stdin:
        pass


def actor_sink(count, fast):
    if fast:
        return count_lines(count)
    seen, start = 0, None
    for line in sys.stdin:
        if loads(line)["message_type"] != "Ping":
            continue
        start = start or clock()
        seen += 1
        if seen == count:
            sys.stdout.write(told(rate=(count - 1) / (clock() - start)))
            sys.stdout.flush()


def count_lines(count):
    """Reads without looking: what the engine itself can do."""
    seen, start = -1, None  # The first line is Start.
    while True:
        data = sys.stdin.buffer.raw.read(1 << 20)
        if not data:
            return
        seen += data.count(b"\n")
        start = start or clock()
        if seen >= count:
            sys.stdout.write(told(rate=count / (clock() - start)))
            sys.stdout.flush()
            count = float("inf")


def actor_client(count):
    write, flush, read = sys.stdout.write, sys.stdout.flush, sys.stdin.readline
    read()
    times = []
    for n in range(count):
        start = clock()
        write(envelope("Ping", "server", {"n": n}) + "\n")
        flush()
        loads(read())
        times.append(clock() - start)
    write(told(**middle(times)))
    flush()
    for _ in sys.stdin:
        pass


def actor_server():
    for line in sys.stdin:
        env = loads(line)
        if env["message_type"] == "Ping":
            sys.stdout.write(envelope("Pong", env["sender_actor"], env["message"]) + "\n")
            sys.stdout.flush()


def actor_bank():
    """Counts for each key, and looks whether the order is kept."""
    last = {}
    seen = 0
    for line in sys.stdin:
        env = loads(line)
        if env["message_type"] == "Add":
            key, n = env["message"]["key"], env["message"]["n"]
            if last.get(key, -1) >= n:
                sys.exit("order of %s is not kept" % key)
            last[key] = n
            seen += 1
        sys.stdout.write('{"ack":"%s"}\n' % env["message_id"])
        if env["message_type"] == "Shutdown":
            sys.stdout.write(told(keys=len(last), messages=seen))
        sys.stdout.flush()


def actor_keys(keys, count):
    sys.stdin.readline()
    for n in range(count):
        sys.stdout.write(envelope("Add", "bank", {"key": "k%d" % (n % keys), "n": n}) + "\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        pass


# --- over ZeroMQ ------------------------------------------------------------------------------------------


def zmq_one_way(port, count):
    import os
    import zmq
    address = "tcp://127.0.0.1:%d" % port
    if os.fork() == 0:
        context = zmq.Context()
        push = context.socket(zmq.PUSH)
        push.connect(address)
        for n in range(count):
            push.send(envelope("Ping", "sink", {"count": n}).encode())
        push.close()
        context.term()  # Waits until all of them are sent.
        os._exit(0)
    pull = zmq.Context().socket(zmq.PULL)
    pull.bind(address)
    loads(pull.recv())
    start = clock()
    for _ in range(count - 1):
        loads(pull.recv())
    sys.stdout.write(told(rate=(count - 1) / (clock() - start)))


def zmq_server(address, count, mode):
    import os
    import zmq
    if os.fork() != 0:
        return
    socket = zmq.Context().socket(zmq.REP)
    (socket.connect if mode == "broker" else socket.bind)(address)
    for _ in range(count):
        env = loads(socket.recv())
        socket.send(envelope("Pong", "client", env["message"]).encode())
    time.sleep(0.2)
    os._exit(0)


def zmq_request(port, count, mode):
    import os
    import signal
    import zmq
    front, back = "tcp://127.0.0.1:%d" % port, "tcp://127.0.0.1:%d" % (port + 1)
    broker = 0
    if mode == "broker":
        broker = os.fork()
        if broker == 0:
            context = zmq.Context()
            router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
            router.bind(front)
            dealer.bind(back)
            zmq.proxy(router, dealer)
    zmq_server(back if mode == "broker" else front, count, mode)
    socket = zmq.Context().socket(zmq.REQ)
    socket.connect(front)
    times = []
    for n in range(count):
        start = clock()
        socket.send(envelope("Ping", "server", {"n": n}).encode())
        loads(socket.recv())
        times.append(clock() - start)
    if broker:
        os.kill(broker, signal.SIGKILL)
    sys.stdout.write(told(**middle(times)))


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    numbers = [int(word) if word.isdigit() else word for word in words]
    {
        "send": lambda count: actor_send(count, False),
        "sink": lambda count: actor_sink(count, False),
        "fast-send": lambda count: actor_send(count, True),
        "fast-sink": lambda count: actor_sink(count, True),
        "client": actor_client,
        "server": actor_server,
        "bank": actor_bank,
        "keys": actor_keys,
        "zmq-one-way": zmq_one_way,
        "zmq-request": lambda port, count: zmq_request(port, count, "direct"),
        "zmq-broker": lambda port, count: zmq_request(port, count, "broker"),
    }[what](*numbers)

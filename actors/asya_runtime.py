#!/usr/bin/env python3
"""Calls a plain Python function for each message: over a Unix socket, or on stdin and stdout with --stdio.

    export ASYA_HANDLER="my_app.handler.predict"
    python asya_runtime.py

One file, Python 3.7 or later, nothing to install. docs/handlers.md has every variable and both formats.
"""

import copy
import importlib
import inspect
import json
import logging
import os
import re
import selectors
import signal
import socket
import stat
import struct
import sys
import threading
import time
import traceback

log = logging.getLogger("asya.runtime")

HANDLER_PATH = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)+$")
CONTROL = ("Start", "Shutdown", "Activate", "Deactivate")  # What the engine says to every actor.
FAN_OUT_MAX = 65536  # Messages that one call may make; a generator may be endless.
LISTEN_MAX = 128
CONNECTIONS_MAX = 64
LINGER_SECONDS = 1.0  # How long the rest of a refused frame is read away, so that the sender gets to the answer.
SEND_SECONDS = 30.0
TIMEOUT_GRACE_SECONDS = 2.0  # How long a handler has to come back after its time is up.


class Failure(Exception):
    """Why a message has no result: a code and a text, as they are answered."""

    def __init__(self, code, message, cause=None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.cause = cause


class HandlerTimeout(BaseException):
    """Raised inside a handler whose time is up; no `except Exception` catches it."""


# ---------------------------------------------------------------- loading


def load_handler(path):
    """The function or method that a path names. A class is made once and keeps its state across calls."""
    if not path:
        raise ValueError("ASYA_HANDLER is not set (expected module.path.function or module.path.Class.method)")
    if not HANDLER_PATH.match(path):
        raise ValueError(
            "Invalid handler %r (expected module.path.function or module.path.Class.method)" % (path,)
        )
    module, names = import_longest(path.split("."))
    if len(names) > 2:
        raise ImportError("Cannot load %r: no module %r" % (path, ".".join(path.split(".")[:-2])))
    owner = get_member(module, names[0], path)
    if len(names) == 1:
        handler = owner
    else:
        if inspect.isclass(owner):
            check_constructor(owner)
            owner = owner()
        handler = get_member(owner, names[1], path)
    if inspect.isclass(handler):
        raise TypeError("Cannot call %r: it is a class (expected a method of it: %s.method)" % (path, path))
    if not callable(handler):
        raise TypeError("Cannot call %r: it is of type %s" % (path, type(handler).__name__))
    return handler


def import_longest(parts):
    """The module of the longest prefix that can be imported, and the names after it."""
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        try:
            return importlib.import_module(name), parts[length:]
        except ModuleNotFoundError as error:
            # A module that is there but needs one that is not has failed; only the name itself may be missing.
            missing = error.name or ""
            if missing != name and not name.startswith(missing + "."):
                raise
    raise ModuleNotFoundError("Cannot load %r: no module named %r" % (".".join(parts), parts[0]))


def get_member(owner, name, path):
    try:
        return getattr(owner, name)
    except AttributeError:
        raise AttributeError("Cannot load %r: %r has no %r" % (path, getattr(owner, "__name__", owner), name))


def check_constructor(cls):
    try:
        parameters = list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return  # Written in C: making one will tell.
    for each in parameters:
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            raise TypeError(
                "Class handler %s.__init__() parameter '%s' must have a default value. "
                "It is made once, with no arguments." % (cls.__name__, each.name)
            )


# ---------------------------------------------------------------- calling


class Caller:
    """Calls a handler and gives the list of its results, whatever kind of function it is."""

    def __init__(self, handler, timeout=0.0, detect_oom=True, clean_cuda=True):
        self.handler = handler
        self.timeout = timeout
        self.detect_oom = detect_oom
        self.clean_cuda = clean_cuda
        self.loop = None
        self.on_stuck = None  # Called from another thread when a handler does not even end when it is told to.

    def __call__(self, argument):
        """The results, in a list, and whether the handler gave several (a list) or one."""
        try:
            with self.deadline():
                return self.collect(self.handler(argument))
        except HandlerTimeout:
            self.cancel_tasks()
            raise Failure("timeout_error", "Handler has not ended within %gs" % self.timeout)
        except SystemExit as error:
            raise Failure("processing_error", "Handler called sys.exit(%r)" % (error.code,), error)
        except MemoryError as error:
            raise Failure("oom_error" if self.detect_oom else "processing_error", str(error) or "Out of memory", error)
        except Failure:
            raise
        except BaseException as error:
            raise Failure(self.code_of(error), text_of(error), error)

    def collect(self, value):
        if inspect.isawaitable(value):
            value = self.event_loop().run_until_complete(await_it(value))
        if value is None:
            return [], False
        if inspect.isgenerator(value):
            return take(value), True
        if inspect.isasyncgen(value):
            return self.event_loop().run_until_complete(take_async(value)), True
        if isinstance(value, (list, tuple)):
            return list(value), True
        return [value], False

    def event_loop(self):
        """One loop for all calls, so that what a handler opens in it stays usable."""
        import asyncio  # Takes longer to load than all of this; only who needs it waits.

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        return self.loop

    def cancel_tasks(self):
        if self.loop is None or self.loop.is_running():
            return
        import asyncio

        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=TIMEOUT_GRACE_SECONDS))

    def code_of(self, error):
        text = text_of(error)
        if self.detect_oom and "out of memory" in text.lower() and "cuda" in text.lower():
            torch = sys.modules.get("torch")
            if self.clean_cuda and torch is not None:
                try:
                    torch.cuda.empty_cache()
                except Exception:  # The answer matters more.
                    log.exception("Cannot empty the CUDA cache")
            return "cuda_oom_error"
        return "processing_error"

    def deadline(self):
        return Deadline(self.timeout, self.on_stuck)


async def await_it(value):
    return await value


def take(generator):
    taken = []
    for each in generator:
        if len(taken) == FAN_OUT_MAX:
            generator.close()
            raise ValueError("Handler has yielded more than %d messages" % FAN_OUT_MAX)
        taken.append(each)
    return taken


async def take_async(generator):
    taken = []
    async for each in generator:
        if len(taken) == FAN_OUT_MAX:
            await generator.aclose()
            raise ValueError("Handler has yielded more than %d messages" % FAN_OUT_MAX)
        taken.append(each)
    return taken


class Deadline:
    """Interrupts what runs within it after some seconds; when that does not help, tells `on_stuck`."""

    def __init__(self, seconds, on_stuck):
        self.seconds = seconds
        self.on_stuck = on_stuck
        self.watch = None
        self.previous = None

    def __enter__(self):
        if self.seconds <= 0:
            return
        self.previous = signal.signal(signal.SIGALRM, self.interrupt)
        if self.on_stuck is not None:
            self.watch = threading.Timer(self.seconds + TIMEOUT_GRACE_SECONDS, self.on_stuck)
            self.watch.daemon = True
            self.watch.start()
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_):
        if self.seconds <= 0:
            return
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # The alarm may come just now, once.
            if self.watch is not None:
                self.watch.cancel()
            signal.signal(signal.SIGALRM, self.previous)

    @staticmethod
    def interrupt(*_):
        raise HandlerTimeout()


# ---------------------------------------------------------------- JSON


def parse(data):
    """Any JSON, and nothing but: Python itself would take NaN."""
    return json.loads(data.decode("utf-8"), parse_constant=refuse_constant)


def refuse_constant(name):
    raise ValueError("%s is no JSON" % name)


def to_json(value):
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def read_bool(text):
    return text.strip().lower() in ("true", "1", "yes")


# ---------------------------------------------------------------- route rules


def check_envelope(envelope, route_in=None, lenient=False):
    """Raises ValueError when an envelope is wrong, or its route breaks a rule; gives what is known of it."""
    if not isinstance(envelope, dict):
        raise ValueError("Envelope must be a dict, not %s" % kind_of(envelope))
    for field in ("payload", "route"):
        if field not in envelope:
            raise ValueError("Missing required field '%s' in envelope" % field)
    route = check_route(envelope["route"])
    headers = envelope.get("headers")
    if headers is not None and not isinstance(headers, dict):
        raise ValueError("Field 'headers' must be a dict")
    if route_in is not None:
        check_change(route, route_in, lenient)
    if envelope.get("id") is not None and not isinstance(envelope["id"], str):
        raise ValueError("Field 'id' must be a string")
    known = {"payload": envelope["payload"], "route": route}
    known.update((key, envelope[key]) for key in ("id", "parent_id", "headers") if envelope.get(key) is not None)
    return known


def check_route(route):
    if not isinstance(route, dict):
        raise ValueError("Field 'route' must be a dict")
    if "actors" not in route:
        raise ValueError("Missing required field 'actors' in route")
    actors = route["actors"]
    current = route.get("current", 0)
    if not isinstance(actors, list):
        raise ValueError("Field 'route.actors' must be a list")
    if not isinstance(current, int) or isinstance(current, bool):
        raise ValueError("Field 'route.current' must be an integer")
    if not actors:
        raise ValueError("Field 'route.actors' cannot be empty")
    for at, actor in enumerate(actors):
        if not isinstance(actor, str) or not actor:
            raise ValueError("Field 'route.actors[%d]' must be a string, not empty" % at)
    if not 0 <= current <= len(actors):
        raise ValueError(
            "Invalid route.current=%d: out of bounds for actors of length %d" % (current, len(actors))
        )
    checked = dict(route)
    checked["current"] = current
    return checked


def check_change(route, route_in, lenient):
    at = route_in["current"]
    done = route_in["actors"][: at + 1]
    kept = route["actors"][: at + 1]
    if kept[: len(done)] != done:
        raise ValueError(
            "Route modification error: already-processed actors cannot be erased. "
            "Input route had %r (actors 0-%d), but output route starts with %r. "
            "Runtimes can add future actors but must preserve all actors up to current."
            % (done, len(done) - 1, kept)
        )
    if lenient:
        return
    before, after = point_of(route_in), point_of(route)
    if before == after and at == route["current"]:
        return
    if before == after:
        before += " at position %d" % at
        after += " at position %d" % route["current"]
    raise ValueError(
        "Route mismatch: input route points to %s, but output route points to %s. "
        "Actor cannot change its current position in the route." % (before, after)
    )


def point_of(route):
    actors, current = route["actors"], route["current"]
    return repr(actors[current]) if current < len(actors) else "its end"


def kind_of(value):
    """As JSON names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "list", tuple: "list"}.get(type(value), type(value).__name__)


# ---------------------------------------------------------------- one message over the socket


class Config:
    """What the ASYA_ variables say; a mistake in one raises ValueError."""

    def __init__(self, env):
        self.folder = env.get("ASYA_SOCKET_DIR") or "/var/run/asya"
        self.path = os.path.join(self.folder, env.get("ASYA_SOCKET_NAME") or "asya-runtime.sock")
        self.ready_path = os.path.join(self.folder, "runtime-ready")
        mode = env.get("ASYA_SOCKET_CHMOD", "0o666").strip()
        self.chmod = read_number("ASYA_SOCKET_CHMOD", mode, lambda text: int(text, 8)) if mode else None
        self.handler = env.get("ASYA_HANDLER", "")
        self.mode = choose(env, "ASYA_HANDLER_MODE", ("payload", "envelope"))
        self.metadata = read_bool(env.get("ASYA_INCLUDE_METADATA", "false"))
        self.validate = read_bool(env.get("ASYA_ENABLE_VALIDATION", "true"))
        self.lenient = choose(env, "ASYA_ROUTE_RULES", ("strict", "lenient")) == "lenient"
        self.format = choose(env, "ASYA_RESPONSE_FORMAT", ("status", "envelopes"))
        self.chunk = positive(env, "ASYA_CHUNK_SIZE", "4096", int)
        self.frame_max = positive(env, "ASYA_MAX_FRAME_SIZE", str(64 * 1024 * 1024), int)
        self.timeout = read_number("ASYA_HANDLER_TIMEOUT", env.get("ASYA_HANDLER_TIMEOUT") or "0", float)
        self.drain = read_number("ASYA_DRAIN_TIMEOUT", env.get("ASYA_DRAIN_TIMEOUT") or "5", float)
        self.keep_alive = read_bool(env.get("ASYA_KEEP_ALIVE", "false"))
        self.detect_oom = read_bool(env.get("ASYA_ENABLE_OOM_DETECTION", "true"))
        self.clean_cuda = read_bool(env.get("ASYA_CUDA_CLEANUP_ON_OOM", "true"))


def choose(env, name, allowed):
    value = env.get(name) or allowed[0]
    if value.strip().lower() not in allowed:
        raise ValueError("Invalid %s=%s: not in %r" % (name, value, allowed))
    return value.strip().lower()


def read_number(name, text, convert):
    try:
        return convert(text)
    except ValueError:
        raise ValueError("Invalid %s=%s: not a number" % (name, text))


def positive(env, name, default, convert):
    value = read_number(name, env.get(name) or default, convert)
    if value <= 0:
        raise ValueError("Invalid %s=%s: not above 0" % (name, value))
    return value


class Responder:
    """Makes the answer to one frame; there always is one."""

    def __init__(self, config, caller):
        self.config = config
        self.caller = caller

    def answer(self, frame):
        try:
            envelope = self.read(frame)
            response = self.respond(envelope)
            if len(response) > self.config.frame_max:
                raise Failure(
                    "processing_error",
                    "Answer of %d bytes is too large (at most %d, ASYA_MAX_FRAME_SIZE)"
                    % (len(response), self.config.frame_max),
                )
            return response
        except Failure as failure:
            return self.failed(failure)
        except Exception as error:  # Whatever else there may be: who waits gets an answer.
            return self.failed(Failure("processing_error", text_of(error), error))

    def read(self, frame):
        is_status = self.config.format == "status"
        try:
            envelope = parse(frame)
        except (ValueError, RecursionError) as error:
            raise Failure("invalid_json" if is_status else "msg_parsing_error", "Invalid JSON: %s" % error, error)
        try:
            if self.config.validate:
                check_envelope(envelope)
                envelope["route"].setdefault("current", 0)
            elif not isinstance(envelope, dict):
                raise ValueError("Envelope must be a dict, not %s" % kind_of(envelope))
            elif self.config.mode == "payload" and not self.config.metadata and "payload" not in envelope:
                raise ValueError("Missing required field 'payload' in envelope")
        except ValueError as error:
            raise Failure("processing_error" if is_status else "msg_parsing_error", str(error), error)
        return envelope

    def respond(self, envelope):
        config = self.config
        is_plain = config.mode == "payload" and not config.metadata
        # The handler may change what it gets in place: rules and answers look at this copy.
        kept = {key: envelope[key] for key in ("route", "headers") if key in envelope}
        if not is_plain:
            kept = copy.deepcopy(kept) if "headers" in kept or config.mode == "payload" else copy_route(kept)
        results, is_list = self.caller(envelope["payload"] if is_plain else envelope)
        if config.mode == "envelope":
            results = self.check_results(results, kept)
        elif config.format == "envelopes":
            results = [dict(kept, payload=result, **moved_on(kept)) for result in results]
        if config.format == "envelopes":
            return to_json(results)
        return to_json({"status": "ok", "result": results if is_list else results[0] if results else None})

    def check_results(self, results, kept):
        if not self.config.validate:
            return results
        checked = []
        for at, result in enumerate(results):
            try:
                envelope = check_envelope(result, kept["route"], self.config.lenient)
            except ValueError as error:
                text = "Invalid output envelope[%d/%d]: %s" % (at, len(results), error)
                raise Failure("processing_error", text, error)
            if "headers" in kept and "headers" not in envelope:
                envelope["headers"] = kept["headers"]
            if self.config.format == "envelopes" and not self.config.lenient:
                envelope.update(moved_on(envelope))
            checked.append(envelope)
        return checked

    def failed(self, failure):
        cause = failure.cause
        log.warning("%s: %s", failure.code, failure.message, exc_info=cause if log.isEnabledFor(logging.INFO) else None)
        kind = type(cause or failure).__name__
        if self.config.format == "envelopes":
            details = {"message": failure.message, "type": kind, "traceback": traceback_of(cause)}
            return to_json([{"error": failure.code, "details": details}])
        answer = {"status": "error", "error": failure.code, "message": failure.message, "type": kind, "severity": "fatal"}
        if failure.code in ("oom_error", "cuda_oom_error"):
            answer.update(severity="recoverable", retry_after=30 if failure.code == "oom_error" else 60)
        return to_json(answer)


def copy_route(kept):
    """Of what rules look at; names and places cannot be changed in place."""
    route = kept.get("route")
    if not isinstance(route, dict) or not isinstance(route.get("actors"), list):
        return kept
    return {"route": dict(route, actors=list(route["actors"]))}


def moved_on(envelope):
    """The route one actor further; its end is not passed."""
    route = envelope.get("route")
    if not isinstance(route, dict) or not isinstance(route.get("actors"), list):
        return {}
    return {"route": dict(route, current=min(route.get("current", 0) + 1, len(route["actors"])))}


def traceback_of(error):
    if error is None:
        return ""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def text_of(error):
    """What an error says, if it can say it."""
    try:
        return str(error) or type(error).__name__
    except Exception:
        return type(error).__name__


# ---------------------------------------------------------------- the socket


class Connection:
    """The bytes of one client as they come."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.data = bytearray()
        self.limit = limit
        self.since = time.monotonic()
        self.is_watched = False

    def receive(self, chunk):
        """Reads what is there. False at the client's end."""
        try:
            data = self.sock.recv(chunk)
        except (BlockingIOError, InterruptedError):
            return True
        self.data += data
        return bool(data)

    def frame(self):
        """The first whole frame, taken off; None when there is none yet."""
        if len(self.data) < 4:
            return None
        (size,) = struct.unpack_from(">I", self.data)
        if size > self.limit:
            text = "Frame of %d bytes is too large (at most %d, ASYA_MAX_FRAME_SIZE)" % (size, self.limit)
            raise Failure("connection_error", text)
        if len(self.data) < 4 + size:
            return None
        frame = bytes(memoryview(self.data)[4 : 4 + size])
        del self.data[: 4 + size]
        return frame


def send_now(sock, data):
    """What there is room for, which mostly is all."""
    try:
        return sock.send(data)
    except (BlockingIOError, InterruptedError):
        return 0


class Server:
    """Answers frames one after the other. Who sends slowly, or nothing, keeps nobody else waiting."""

    def __init__(self, config, caller):
        self.config = config
        self.caller = caller
        self.responder = Responder(config, caller)
        self.selector = selectors.DefaultSelector()
        self.connections = set()
        self.current = None
        self.listener = None
        self.inode = None
        self.stopping = None
        caller.on_stuck = self.give_up

    def run(self):
        wake_in, wake_out = socket.socketpair()
        wake_in.setblocking(False)
        wake_out.setblocking(False)
        signal.set_wakeup_fd(wake_out.fileno(), warn_on_full_buffer=False)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self.on_signal)
        self.open()
        self.selector.register(wake_in, selectors.EVENT_READ, None)
        try:
            while self.goes_on():
                for key, _ in self.selector.select(0.1 if self.stopping else None):
                    if key.fileobj is self.listener:
                        self.accept()
                    elif key.data is not None:
                        self.serve(key.data)
                    else:
                        wake_in.recv(4096)
        finally:
            self.remove_files()

    def open(self):
        config = self.config
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(config.path)
        except OSError as error:
            raise OSError("Cannot listen at %s: %s" % (config.path, error))
        self.inode = os.stat(config.path).st_ino
        if config.chmod is not None:
            os.chmod(config.path, config.chmod)
        listener.listen(LISTEN_MAX)
        listener.setblocking(False)
        self.listener = listener
        self.selector.register(listener, selectors.EVENT_READ, None)
        beside = "%s.%d" % (config.ready_path, os.getpid())
        with open(beside, "w") as file:
            file.write("ready")
        os.replace(beside, config.ready_path)
        log.info("Listening at %s", config.path)

    def goes_on(self):
        if self.stopping is None:
            return True
        if self.listener is not None:
            self.accept()
            self.selector.unregister(self.listener)
            self.listener.close()
            self.listener = None
            self.remove_files()
        waited = time.monotonic() - self.stopping
        for each in list(self.connections):
            if waited > (self.config.drain if each.data else min(LINGER_SECONDS, self.config.drain)):
                self.close(each)
        return bool(self.connections)

    def accept(self):
        taken = 0
        while len(self.connections) < CONNECTIONS_MAX or self.stopping is not None:
            try:
                sock, _ = self.listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                log.warning("Cannot accept a connection: %s", error)
                return
            sock.setblocking(False)
            connection = Connection(sock, self.config.frame_max)
            self.connections.add(connection)
            self.serve(connection)  # Mostly the whole request is there already: nothing is to be waited for.
            if connection in self.connections:
                self.selector.register(sock, selectors.EVENT_READ, connection)
                connection.is_watched = True
            taken += 1
            if taken == LISTEN_MAX and self.stopping is None:
                return
        # Who has been waiting longest without a word makes room.
        silent = [each for each in self.connections if not each.data]
        self.close(min(silent or self.connections, key=lambda each: each.since))

    def serve(self, connection):
        if connection not in self.connections:
            return
        try:
            is_open = connection.receive(self.config.chunk)
            frame = connection.frame()
            while frame is not None:
                self.send(connection, self.handle(connection, frame))
                if not self.config.keep_alive:
                    return self.close(connection)
                frame = connection.frame()
            if is_open:
                return
            if connection.data:
                raise Failure("connection_error", "Connection closed while reading")
        except Failure as failure:
            self.send(connection, self.responder.failed(failure))
            self.linger(connection)
        except OSError as error:
            log.warning("connection_error: %s", error)
        self.close(connection)

    def handle(self, connection, frame):
        started = time.monotonic()
        self.current = connection
        try:
            return self.responder.answer(frame)
        finally:
            self.current = None
            log.debug("Handled %d bytes in %.1f ms", len(frame), (time.monotonic() - started) * 1000)

    def send(self, connection, answer):
        data = struct.pack(">I", len(answer)) + answer
        try:
            sent = send_now(connection.sock, data)
            if sent < len(data):
                connection.sock.settimeout(SEND_SECONDS)
                connection.sock.sendall(data[sent:])
                connection.sock.setblocking(False)
        except OSError as error:
            log.warning("connection_error: cannot answer: %s", error)
            connection.data.clear()

    def linger(self, connection):
        """Reads away what is still being sent: a sender that cannot go on would not look for the answer."""
        end = time.monotonic() + LINGER_SECONDS
        try:
            connection.sock.shutdown(socket.SHUT_WR)
            connection.sock.settimeout(LINGER_SECONDS)
            while time.monotonic() < end and connection.sock.recv(65536):
                pass
        except OSError:
            pass  # It has gone, which is what was waited for.

    def close(self, connection):
        if connection in self.connections:
            self.connections.discard(connection)
            if connection.is_watched:
                self.selector.unregister(connection.sock)
            connection.sock.close()

    def give_up(self):
        """In another thread: the handler does not end. Answers in its stead and ends the process."""
        connection = self.current
        text = "Handler has not ended within %gs, and not when interrupted; the process ends" % self.config.timeout
        log.critical("FATAL: %s", text)
        if connection is not None:
            self.send(connection, self.responder.failed(Failure("timeout_error", text)))
        self.remove_files()
        os._exit(1)

    def on_signal(self, number, _):
        if self.stopping is not None:
            self.remove_files()
            os._exit(128 + number)
        log.info("Stopping on signal %d", number)
        self.stopping = time.monotonic()

    def remove_files(self):
        try:
            if self.inode is None or os.stat(self.config.path).st_ino != self.inode:
                return  # Another process listens there by now.
            os.unlink(self.config.path)
            os.unlink(self.config.ready_path)
        except OSError:
            pass  # Gone already.


def make_room(config):
    """Removes what a process has left behind that has ended; refuses to take the place of one that lives."""
    os.makedirs(config.folder, exist_ok=True)
    remove_stale(config.path)
    try:
        os.unlink(config.ready_path)
    except FileNotFoundError:
        pass


def remove_stale(path):
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise OSError("Cannot listen at %s: it is there and is no socket" % path)
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except OSError:
            os.unlink(path)
            return
    raise OSError("Cannot listen at %s: another process does" % path)


def serve_socket():
    logging.basicConfig(
        stream=sys.stderr,
        level=getattr(logging, os.environ.get("ASYA_LOG_LEVEL", "INFO").upper(), logging.INFO),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    sys.path.append(os.getcwd())
    try:
        config = Config(os.environ)
        make_room(config)
        handler = load_handler(config.handler)
        caller = Caller(handler, config.timeout, config.detect_oom, config.clean_cuda)
        Server(config, caller).run()
    except BaseException as error:  # Also sys.exit in a module that is imported.
        log.debug("", exc_info=error)
        log.critical("FATAL: %s: %s", type(error).__name__, error)
        sys.exit(1)


# ---------------------------------------------------------------- stdin and stdout


class Lines:
    """Under the engine: a message a line in, its result a line out. What the handler prints goes to stderr."""

    def __init__(self, env):
        self.mode = choose(env, "SLUICE_HANDLER_MODE", ("payload", "envelope"))
        self.metadata = read_bool(env.get("SLUICE_HANDLER_METADATA", "false"))
        self.validate = read_bool(env.get("SLUICE_HANDLER_VALIDATE", "true"))
        self.actor = env.get("SLUICE_ACTOR", "handler")
        self.input = os.dup(0)
        self.output = os.dup(1)
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        sys.stdout.reconfigure(line_buffering=True)
        self.caller = None

    def run(self, handler):
        self.caller = Caller(handler)
        pending = []
        while True:
            data = os.read(self.input, 1 << 18)
            if not data:
                return
            *lines, rest = data.split(b"\n")
            for line in lines:
                pending.append(line)
                if not self.handle(b"".join(pending)):
                    return
                pending = []
            if rest:
                pending.append(rest)

    def handle(self, line):
        """Answers one message. False when it says that no more come."""
        try:
            envelope = parse(line)
        except (ValueError, RecursionError) as error:
            return self.write({"result": find_id(line), "error": told("invalid_json", str(error), error)})
        if envelope.get("sender_actor") == "$engine" and envelope.get("message_type") in CONTROL:
            return envelope["message_type"] != "Shutdown" and self.write({"ack": envelope.get("message_id")})
        answer = {"result": envelope.get("message_id")}
        try:
            answer["messages"] = self.call(envelope)
            return self.write(answer)
        except Failure as failure:
            error = told(failure.code, failure.message, failure.cause)
        except Exception as cause:  # No JSON, or an error that cannot even say what it is.
            error = told("processing_error", text_of(cause), cause)
        if "traceback" in error["details"]:
            sys.stderr.write(error["details"]["traceback"])
            sys.stderr.flush()
        return self.write({"result": answer["result"], "error": error})

    def call(self, envelope):
        payload = envelope.get("message")
        if self.mode == "payload" and not self.metadata:
            return [{"message": each} for each in self.caller(payload)[0]]
        shown = {
            "payload": payload,
            "route": envelope.get("route") or {"actors": [self.actor], "current": 0},
            "headers": envelope.get("headers") or {},
            "id": envelope.get("message_id"),
        }
        for name in ("parent_id", "message_type"):
            if envelope.get(name) is not None:
                shown[name] = envelope[name]
        results = self.caller(shown)[0]
        if self.mode == "payload":
            return [{"message": each} for each in results]
        messages = []
        for at, result in enumerate(results):
            try:
                self.check(result)
            except ValueError as error:
                text = "Invalid output envelope[%d/%d]: %s" % (at, len(results), error)
                raise Failure("processing_error", text, error)
            if "payload" in result:
                names = [name for name in ("route", "headers", "message_type") if result.get(name) is not None]
                messages.append(dict({"message": result["payload"]}, **{name: result[name] for name in names}))
        return messages

    def check(self, result):
        """Only whether it is an envelope: rules about routes are checked by the engine, with its own copy."""
        if not isinstance(result, dict):
            raise ValueError("Envelope must be a dict, not %s" % kind_of(result))
        for field in ("payload", "route"):
            if self.validate and field not in result:
                raise ValueError("Missing required field '%s' in envelope" % field)

    def write(self, answer):
        data = to_json(answer) + b"\n"
        while data:
            data = data[os.write(self.output, data) :]
        return True


def told(code, message, cause):
    details = {"type": type(cause).__name__, "traceback": traceback_of(cause)} if cause is not None else {}
    return {"code": code, "message": message, "details": details}


def find_id(line):
    """The id in a line that cannot be read: the engine writes it before the payload."""
    found = re.search(rb'"message_id":"([^"\\]*)"', line)
    return found.group(1).decode("ascii", "replace") if found else None


def serve_lines():
    # The flow's folder is where handlers are looked for first; this file's own folder is nobody's business.
    sys.path[0] = os.getcwd()
    try:
        lines = Lines(os.environ)
        handler = load_handler(os.environ.get("SLUICE_HANDLER", ""))
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        if last.filename != __file__:  # It comes from the handler's own modules.
            traceback.print_exc()
        sys.stderr.write("Cannot load handler: %s: %s\n" % (type(error).__name__, error))
        sys.exit(1)
    try:
        lines.run(handler)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


if __name__ == "__main__":
    serve_lines() if sys.argv[1:] == ["--stdio"] else serve_socket()

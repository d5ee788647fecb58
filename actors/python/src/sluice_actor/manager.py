"""Programs that make their actors themselves, by the names of the library that they were written for.

    manager = Manager()
    pong = manager.manage("pong", Pong())
    manager.manage("ping", Ping(pong, manager.get_handle()))
    manager.init()
    manager.run()
    manager.end()

Started by hand, such a program runs the engine with a flow of its actors. Each is a process: the same program once
more, in which `run` serves one actor, and nothing that stands before or after it is printed. Started by a flow, it
serves the actor that the flow calls so.
"""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from .engine import find_engine
from .envelope import write_line
from .remote import RemoteActorRef, Sender, hosts
from .running import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .actor import Actor

MARK = "SLUICE_MANAGED"  # It is the same program once more, for one of its actors.
PR_SET_PDEATHSIG = 1

_is_again = os.environ.pop(MARK, "") == "1"
if _is_again:
    sys.stdout = open(os.devnull, "w")  # Whoever started it has said it already.


class LocalActorRef(RemoteActorRef):
    """A handle of an actor of the same program."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, "")

    @property
    def address(self) -> Sender:
        return Sender(self.name)


class ZmqSender:
    """Says where answers are to come. The connections are the engine's."""

    def __init__(self, context: Any = None, local_endpoint: str | None = None) -> None:
        self.local_endpoint = local_endpoint

    def set_local_endpoint(self, endpoint: str) -> None:
        """Where other programs send what is for this one."""
        self.local_endpoint = endpoint

    def close(self) -> None:
        """Nothing is open here."""


class ZmqReceiver:
    """Says where the program listens: the `endpoint` of its flow. It may be given to `manage`, and is no actor."""

    def __init__(self, bind_endpoint: str, manager: Manager, zmq_sender: ZmqSender) -> None:
        self.endpoint = bind_endpoint
        self.sender = zmq_sender
        manager._receiver = self

    def to_dict(self) -> dict[str, str]:
        """The endpoint as a flow has it."""
        known = self.sender.local_endpoint
        advertised = {} if known is None or "*" in known else {"advertise": known}
        return {"listen": self.endpoint, **advertised}


class ManagerHandle:
    """Ends the program: for its actors, and for whoever handles a signal."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._is_terminated = False

    def terminate(self) -> None:
        """All actors get Shutdown, and `run` comes back."""
        self._is_terminated = True
        self._manager._finish()

    def is_terminated(self) -> bool:
        return self._is_terminated


class Manager:
    """The actors of a program, by their names."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint
        self._actors: dict[str, Actor] = {}
        self._receiver: ZmqReceiver | None = None
        self._engine: subprocess.Popen[bytes] | None = None
        self._handle = ManagerHandle(self)

    def get_handle(self) -> ManagerHandle:
        return self._handle

    def get_endpoint(self) -> str | None:
        return self._endpoint

    def manage(self, name: str, actor: Actor | ZmqReceiver) -> LocalActorRef:
        """Gives an actor a name, which nobody has yet; ValueError."""
        if name in self._actors:
            raise ValueError("Cannot manage '%s': there is an actor of this name already" % name)
        if not isinstance(actor, ZmqReceiver):
            self._actors[name] = actor
        return LocalActorRef(name)

    def get_ref(self, name: str) -> LocalActorRef | None:
        """A handle of an actor; None where there is none of this name."""
        return LocalActorRef(name) if name in self._actors else None

    def to_dict(self) -> dict[str, Any]:
        """The flow that the program is."""
        command = [sys.executable, *getattr(sys, "orig_argv", [sys.executable, *sys.argv])[1:]]
        actor = {"run": command, "protocol": "messages", "env": {MARK: "1"}}
        place = {} if self._receiver is None else {"endpoint": self._receiver.to_dict()}
        return {**place, "actors": {name: actor for name in self._actors}}

    def init(self) -> None:
        """Starts the actors, each with `Start` first. EngineMissing says how to install the engine."""
        if _is_in_flow():
            return
        command = [find_engine(), "run", "-", "--cwd", os.getcwd(), "--until", "signal"]
        before = _end_with_us if sys.platform == "linux" else None
        engine = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, preexec_fn=before)
        self._engine = engine
        if engine.stdin is not None:
            with engine.stdin:
                engine.stdin.write(json.dumps(self.to_dict()).encode("utf-8"))

    def run(self) -> None:
        """Comes back when the program was terminated. SystemExit with the engine's code when its flow has failed."""
        if _is_in_flow():
            self._serve()
            return
        engine = self._engine
        if engine is None:
            raise RuntimeError("Cannot run before init()")
        try:
            code = engine.wait()
        except KeyboardInterrupt:
            engine.send_signal(signal.SIGINT)
            self._handle._is_terminated = True
            raise
        if code != 0 and not self._handle.is_terminated():
            raise SystemExit(code if code > 0 else 128 - code)
        self._handle._is_terminated = True

    def end(self) -> None:
        """Waits for the end of all actors."""
        engine = self._engine
        if engine is None:
            return
        if not self._handle.is_terminated():
            self._handle.terminate()
        engine.wait()

    def _serve(self) -> None:
        sys.stdout = sys.__stdout__
        actor = self._find(os.environ.get("SLUICE_ACTOR", ""))
        try:
            run(actor)
        except SystemExit as error:
            self._handle._is_terminated = True
            if _is_again or error.code != 0:
                raise

    def _find(self, name: str) -> Actor:
        """That of the flow; a program with one actor only serves that, whatever it is called there."""
        found = self._actors.get(name)
        if found is None and len(self._actors) == 1:
            found = next(iter(self._actors.values()))
        if found is None:
            told = (name, ", ".join(self._actors) or "none")
            raise SystemExit("Cannot serve actor '%s': this program has no such actor (it manages: %s)" % told)
        return found

    def _finish(self) -> None:
        if self._engine is not None:
            if self._engine.poll() is None:
                self._engine.terminate()
        elif hosts:
            hosts[-1].put(write_line("Finish", {}, '"receiver":"$flow",'))
            hosts[-1].flush()


def _is_in_flow() -> bool:
    return os.environ.get("SLUICE_PROTOCOL") == "messages"


def _end_with_us() -> None:
    """The engine is told to end when this program is killed."""
    import ctypes
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

"""Flows in Python: the same JSON as in a flow file, and the installed engine to run it.

    from sluice_actor import flow

    words = flow("words")
    text = words.file("text", "text.txt")
    split = words.process("split", ["tr", "-cs", "A-Za-z", "\\n"], text)
    top = words.shell("top", "sort | uniq -c | sort -rn | head -n 3", split, explain="The most frequent ones")
    words.out(top)
    print(words.run().text)

Keys are those of a flow file (docs/flow_file.md), also where they are given by name: `workers=4`, `timeout="30s"`,
`protocol="messages"`. The engine checks them, all at once, before it starts anything.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from .engine import EngineMissing, find_engine
from .wire import to_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Union

    Streams = Union["Stream", str, Iterable[Union["Stream", str]]]
    Input = Union[Streams, Mapping[str, Streams]]

__all__ = ["EngineMissing", "Flow", "FlowError", "FlowResult", "Stream", "find_engine", "flow"]


class FlowError(Exception):
    """A flow that was refused or has failed: `code` as the engine ends with it (2: nothing was started)."""

    def __init__(self, message: str, result: FlowResult) -> None:
        super().__init__(message)
        self.result = result
        self.code = result.code


class FlowResult:
    """What a flow has written, how it has ended, and what the engine tells of each actor in `report`."""

    def __init__(self, code: int, stdout: bytes, stderr: str, report: dict[str, Any] | None) -> None:
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.report = report

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.stdout.decode("utf-8")


class Stream:
    """What an actor writes: its standard output, `stream["port"]` for another output, `stream.stderr`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, port: str) -> Stream:
        return Stream("%s.%s" % (self.name, port))

    @property
    def stderr(self) -> Stream:
        """Its standard error."""
        return self["stderr"]

    def __repr__(self) -> str:
        return "Stream(%r)" % self.name


class Flow:
    """A flow that is being built. Each call adds an actor and gives its stream."""

    def __init__(self, name: str | None = None, **keys: Any) -> None:
        self._top: dict[str, Any] = {} if name is None else {"name": name}
        self._top.update(keys)
        self._actors: dict[str, Any] = {}
        self._aliases: dict[str, list[str]] = {}

    def actor(
        self, name: str, given: Mapping[str, Any] | None = None, input: Input | None = None, **keys: Any,
    ) -> Stream:
        """Any actor, by its keys."""
        if name in self._actors:
            raise ValueError('Cannot add actor "%s": there is one already' % name)
        actor = dict(given or {}, **keys)
        if input is not None:
            actor["in"] = _to_input(input)
        self._actors[name] = actor
        return Stream(name)

    def process(self, name: str, command: Sequence[str], input: Input | None = None, **keys: Any) -> Stream:
        """A process: a program and its arguments, without a shell."""
        return self.actor(name, {"run": [os.fspath(word) for word in command]}, input, **keys)

    def shell(self, name: str, command: str, input: Input | None = None, **keys: Any) -> Stream:
        """A process: a text for `sh -c`."""
        return self.actor(name, {"sh": command}, input, **keys)

    def python(self, name: str, script: str, *args: str, input: Input | None = None, **keys: Any) -> Stream:
        """A process: a script in Python, by the interpreter of this program."""
        return self.process(name, [sys.executable, os.fspath(script), *args], input, **keys)

    def handler(
        self, name: str, function: str | Callable[..., Any], input: Input | None = None, **keys: Any,
    ) -> Stream:
        """A function of a module that is called with each message, or its name: `package.module.function`."""
        path, folder = (function, None) if isinstance(function, str) else _import_path(function)
        if folder is not None:
            given = dict(keys.get("env") or {})
            known = given.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
            given["PYTHONPATH"] = os.pathsep.join([folder, known] if known else [folder])
            keys["env"] = given
        return self.actor(name, {"handler": path}, input, **keys)

    def value(self, name: str, value: Any, **keys: Any) -> Stream:
        """A text, or any other value as JSON."""
        return self.actor(name, {"value": value}, **keys)

    def file(self, name: str, path: str | os.PathLike[str], **keys: Any) -> Stream:
        """What is in a file."""
        return self.actor(name, {"file": os.fspath(path)}, **keys)

    def stdin(self, name: str = "stdin", **keys: Any) -> Stream:
        """Standard input of the flow."""
        return self.actor(name, {"stdin": True}, **keys)

    def alias(self, name: str, *streams: Stream | str) -> Stream:
        """A name for some streams, in this order; called again it adds to them."""
        self._aliases.setdefault(name, []).extend(_name_of(each) for each in streams)
        return Stream(name)

    def out(self, streams: Input) -> Flow:
        """What goes to standard output; `out({"-": top, "report.txt": audit})` also writes files."""
        self._top["out"] = _to_input(streams)
        return self

    def set(self, name: str, **keys: Any) -> str:
        """What there is many of (`files="logs/*.gz"`, `values=[…]`, …), for `each=` of actors."""
        self._top.setdefault("sets", {})[name] = keys
        return name

    def to_dict(self) -> dict[str, Any]:
        """The flow as JSON has it."""
        aliases: dict[str, Any] = {"aliases": self._aliases} if self._aliases else {}
        return {**self._top, "actors": self._actors, **aliases}

    def to_json(self, indent: int | None = 2) -> str:
        """The flow as a text for a flow file."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False, default=to_plain)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a flow file. Relative paths of the flow start at its folder."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.to_json() + "\n")

    def check(self) -> str:
        """What `sluice check` tells: how each edge is carried, and why. FlowError with all mistakes."""
        return self._engine(["check"], [], stdin=None, folder=None, is_checked=True).text

    def tree(self) -> str:
        """The tree of what depends on what."""
        return self._engine(["tree"], [], stdin=None, folder=None, is_checked=True).text

    def run(
        self, *options: str, stdin: bytes | str | None = None, folder: str | None = None, check: bool = True,
    ) -> FlowResult:
        """Runs it to its end; `options` are those of `sluice run` (`"--set", "n=3"`, `"--db", "run.db"`).

        Relative paths start at `folder` (the working directory). FlowError when it is refused or fails, unless
        `check` is False. EngineMissing says how to install the engine."""
        return self._engine(["run"], [*options, "--json"], stdin=stdin, folder=folder, is_checked=check)

    def lines(self, *options: str, stdin: bytes | None = None, folder: str | None = None) -> Iterator[str]:
        """Runs it, and gives the lines of its standard output as they come. Who stops early ends the flow."""
        with _flow_file(self) as path, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as given:
            given.write(stdin or b"")
            given.seek(0)
            command = [find_engine(folder), "run", path, "--cwd", folder or os.getcwd(), "--quiet", *options]
            with subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=errors) as engine:
                ended = False
                try:
                    for line in engine.stdout or ():
                        yield line.decode("utf-8").rstrip("\n")
                    ended = True
                finally:
                    if not ended:
                        engine.terminate()
            errors.seek(0)
            _check(FlowResult(engine.returncode, b"", errors.read().decode("utf-8", "replace"), None))

    def _engine(
        self, words: list[str], options: list[str], *, stdin: bytes | str | None, folder: str | None,
        is_checked: bool,
    ) -> FlowResult:
        given = stdin.encode("utf-8") if isinstance(stdin, str) else stdin or b""
        with _flow_file(self) as path:
            command = [find_engine(folder), *words, path, "--cwd", folder or os.getcwd(), *options]
            done = subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        stderr = done.stderr.decode("utf-8", "replace")
        report = _read_report(stderr) if "--json" in options else None
        result = FlowResult(done.returncode, done.stdout, stderr, report)
        if is_checked:
            _check(result)
        return result


def flow(name: str | None = None, **keys: Any) -> Flow:
    """A flow to add actors to; keys are those of the top of a flow file: `flow("logs", onFailure="continue")`."""
    return Flow(name, **keys)


class _flow_file:
    """A flow as a file, for as long as it is needed."""

    def __init__(self, given: Flow) -> None:
        self._text = given.to_json()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> str:
        self._folder = tempfile.TemporaryDirectory(prefix="sluice-flow-")
        path = os.path.join(self._folder.name, "flow.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._text)
        return path

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def _check(result: FlowResult) -> None:
    if result.code == 0:
        return
    failures = [_tell_failure(each) for each in (result.report or {}).get("failures", [])]
    text = "\n".join(failures) or result.stderr.strip()
    raise FlowError("The flow has ended with %d: %s" % (result.code, text), result)


def _tell_failure(failure: Mapping[str, Any]) -> str:
    who = 'actor "%s": ' % failure["actor"] if "actor" in failure else ""
    what = " ".join(str(failure[key]) for key in ("kind", "code", "signal") if key in failure)
    return who + what + "".join("\n  " + line for line in failure.get("lastLines", []))


def _read_report(stderr: str) -> dict[str, Any] | None:
    for line in reversed(stderr.splitlines()):
        if line.startswith("{"):
            try:
                report = json.loads(line)
            except ValueError:
                continue
            return report if isinstance(report, dict) else None
    return None


def _name_of(stream: Stream | str) -> str:
    if isinstance(stream, (Stream, str)):
        return stream if isinstance(stream, str) else stream.name
    raise TypeError("Cannot read %r: it is no stream (expected what adding an actor gave, or its name)" % (stream,))


def _to_streams(streams: Streams) -> Any:
    if isinstance(streams, (Stream, str)):
        return _name_of(streams)
    return [_name_of(each) for each in streams]


def _to_input(given: Input) -> Any:
    if isinstance(given, dict):
        return {port: _to_streams(each) for port, each in given.items()}
    return _to_streams(given)  # type: ignore[arg-type, unused-ignore]


def _import_path(function: Callable[..., Any]) -> tuple[str, str | None]:
    """`module.function` of a function, and the folder that its module is found in."""
    name, module = getattr(function, "__qualname__", ""), sys.modules.get(getattr(function, "__module__", ""))
    file = getattr(module, "__file__", None)
    if "<" in name or name == "" or module is None or file is None:
        told = "Cannot call %r from another process (expected a function at the top of a module)"
        raise ValueError(told % (function,))
    path = os.path.abspath(file)
    if module.__name__ == "__main__":
        return "%s.%s" % (os.path.splitext(os.path.basename(path))[0], name), os.path.dirname(path)
    levels = module.__name__.count(".") + (1 if os.path.basename(path).startswith("__init__.") else 0)
    folder = os.path.dirname(path)
    for _ in range(levels):
        folder = os.path.dirname(folder)
    return "%s.%s" % (module.__name__, name), folder

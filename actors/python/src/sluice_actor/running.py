"""Serves an actor, whatever its style."""
from __future__ import annotations

import copy
import sys

from .actor import Actor
from .class_host import ClassHost
from .errors import OutputClosed
from .handlers import function_actor, registered_functions
from .loop_host import LoopHost
from .pipes import Pipes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Union

    from .pipes import Surroundings

    AnyHost = Union[ClassHost, LoopHost]


def make_host(pipes: Surroundings, actor: Any) -> AnyHost:
    """The host of a class, an instance, a function, a coroutine function, or of what `handler` has registered."""
    import inspect
    if actor is None:
        actor = function_actor(dict(registered_functions))
    if inspect.iscoroutinefunction(actor):
        return LoopHost(pipes, actor)
    if isinstance(actor, type):
        if not issubclass(actor, Actor):
            raise TypeError("Cannot run the class %s: it is no Actor (expected class %s(Actor))" % (
                actor.__name__, actor.__name__))
        return ClassHost(pipes, actor)
    if isinstance(actor, Actor):
        return ClassHost(pipes, lambda: copy.copy(actor))
    if callable(actor):
        return ClassHost(pipes, function_actor({}, actor))
    raise TypeError("Cannot run a %s (expected a class, a function or a coroutine function)" % type(actor).__name__)


def _leave(host: AnyHost) -> int:
    """sys.exit(0) of an actor."""
    try:
        host.left()
        return 0
    except OutputClosed:
        return 1


def run(actor: Any = None) -> NoReturn:
    """Serves an actor until Shutdown or the end of input, then exits the process: 0, or 1 after a fatal error."""
    import traceback
    host = make_host(Pipes(), actor)
    try:
        host.serve()
        host.flush()
        code = 1 if host.failed else 0
    except OutputClosed:
        code = 1
    except KeyboardInterrupt:
        code = 130
    except SystemExit as error:
        code = 0 if error.code is None else error.code if isinstance(error.code, int) else 1
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        if code == 0:
            code = _leave(host)
    except BaseException as error:
        traceback.print_exception(type(error), error, error.__traceback__)
        code = 1
    if code != 0:
        try:
            host.flush()
        except OutputClosed:
            pass
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)

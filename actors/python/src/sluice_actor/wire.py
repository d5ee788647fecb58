"""Values and envelopes as JSON, one a line."""
from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Raw = dict[str, Any]  # An envelope as JSON has it.


def to_plain(value: Any) -> Any:
    """What JSON has no type for: objects by their attributes, arrays and sets as lists, ids, paths, dates as text.

    Arrays and numbers of numpy, pandas or torch are known by their `tolist`; none of these is needed."""
    kind = type(value)
    if issubclass(kind, type):
        raise TypeError("Cannot write a class as JSON: %s" % value.__name__)
    if kind.__name__ == "UUID":
        return str(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__fspath__"):
        return os.fspath(value)
    if hasattr(value, "to_handle"):
        return value.to_handle()  # A buffer of a memory pool travels as where it is.
    if hasattr(value, "tolist"):
        is_time = getattr(getattr(value, "dtype", None), "kind", None) in ("M", "m")
        return (value.astype(str) if is_time else value).tolist()  # As numbers, times would lose their unit.
    if hasattr(kind, "__members__"):
        return value.value  # An enumeration.
    if hasattr(value, "__dict__") and not callable(value):
        return {name: each for name, each in vars(value).items() if not name.startswith("_")}
    slots = getattr(kind, "__slots__", None)
    if slots:
        return {name: getattr(value, name) for name in ([slots] if isinstance(slots, str) else slots)}
    raise TypeError("Cannot write a %s as JSON" % kind.__name__)


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=to_plain)
quote: Callable[[str], str] = getattr(json.encoder, "encode_basestring")
_scan: Callable[[str, int], tuple[Any, int]] = getattr(json.JSONDecoder(), "scan_once")


def _make_encode() -> Callable[[object], str]:
    # JSONEncoder.encode makes a new C encoder at each call; keeping one halves the time of a small message.
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return _encoder.encode
    encode = make({}, to_plain, quote, None, ":", ",", False, False, False)

    def fast(value: object) -> str:
        try:
            return "".join(encode(value, 0))
        except Exception:
            return _encoder.encode(value)  # The kept encoder remembers what it was in: start afresh, and raise there.

    return fast


encode = _make_encode()


def checked(line: str) -> str:
    """The line, which somebody means to be written. Raises a ValueError for one that UTF-8 cannot have."""
    if not line.isascii():
        try:
            line.encode("utf-8")
        except UnicodeEncodeError as error:
            near = line[max(0, error.start - 20):error.start + 20]
            raise ValueError("Cannot write a text with U+%04X, which is half of a character: %s" % (
                ord(line[error.start]), ascii(near))) from None
    return line


def decode(line: str) -> Raw | None:
    """The envelope in a line, or None."""
    try:
        raw, end = _scan(line, 0)
        if end == len(line) and type(raw) is dict and type(raw.get("message_type", "")) is str:
            return raw
        if line[end:].strip():
            return None
    except (StopIteration, ValueError, RecursionError):
        try:
            raw = json.loads(line)  # Blanks in front.
        except (ValueError, RecursionError):
            return None
    if type(raw) is not dict or not isinstance(raw.get("message_type", ""), str):
        return None
    return raw


# Between lines that are parsed together. No line can know it, so none can make up for one that was cut in two.
_MARK = os.urandom(8).hex()
_BETWEEN = ',"%s",' % _MARK


def decode_batch(lines: Sequence[str]) -> list[Raw] | None:
    """The envelopes in lines; None when one of them is none, and each is to be looked at by itself."""
    text = "[" + _BETWEEN.join(lines) + "]"
    try:
        values, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        return None
    raws: list[Raw] = values[::2]
    if end != len(text) or len(values) != 2 * len(lines) - 1 or values.count(_MARK) != len(lines) - 1:
        return None
    for raw in raws:
        if type(raw) is not dict or type(raw.get("message_type", "")) is not str:
            return None
    return raws


def new_id() -> str:
    """A random UUID."""
    digits = os.urandom(16).hex()
    return "%s-%s-4%s-%s%s-%s" % (
        digits[:8], digits[8:12], digits[13:16], "89ab"[int(digits[16], 16) & 3], digits[17:20], digits[20:])

"""Turn JSON into typed values and back, and say in a clause what isn't as it must be.

``msgspec`` does the work. Its own messages don't name the key of an object in which it failed, so
a value that doesn't fit is walked once more to find the place.
"""

import dataclasses
import json
import math
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
_OBJECTS = (dict, Mapping)


def parse(text: str | bytes) -> object:
    """Read JSON without NaN, infinity and whole numbers that no file means, which Python takes.

    Nor may a key stand twice in an object: each reader could take another of the two.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    try:
        return json.loads(
            text,
            parse_float=_finite,
            parse_constant=_finite,
            parse_int=_whole,
            object_pairs_hook=_object,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"is not JSON ({not_json(error)})") from error


def not_json(error: ValueError | RecursionError) -> str:
    """Say in a clause why a text isn't JSON, from what ``json.loads`` raised."""
    if isinstance(error, json.JSONDecodeError):
        return f"it goes wrong at line {error.lineno}, column {error.colno}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    return "it has a number that is too long"


def read(raw: object, kind: type[T], *, at: str = "") -> T:
    """Make a typed value of what ``parse`` gave.

    A type with a ``msgspec.Meta`` is called by its description in the clause, which stands after
    "isn't", such as "a list of 2 whole numbers above zero".

    Args:
        raw: The value.
        kind: A ``msgspec.Struct``, a dataclass, or another type that msgspec knows.
        at: The key under which it stands in its file; "" for the whole.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ValueError(next(_faults(raw, kind, at), f"isn't as it must be: {error}")) from error


def plain(value: object) -> Any:
    """Make what ``json.dumps`` takes of a typed value."""
    return msgspec.to_builtins(value)


def to_line(value: object) -> str:
    """Write a typed value as one line of ASCII, whatever bytes a path in it consists of."""
    return json.dumps(plain(value), allow_nan=False)


def from_line(line: str | bytes, kind: Any, *, named: str) -> Any:
    """Read a line of ``to_line``.

    Args:
        line: The line.
        kind: The value's type.
        named: What a person calls it, such as "a record".

    Raises:
        ValueError: It isn't one; with a clause that says so.
    """
    try:
        return msgspec.convert(json.loads(line), kind)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"isn't {named} as this version writes it") from error


def _faults(raw: object, kind: Any, at: str) -> Iterator[str]:
    """Find what of a value isn't as its type says, in the order of the type."""
    origin, within = get_origin(kind), get_args(kind)
    above = f"{at}." if at else ""
    if origin in (Union, types.UnionType):
        if raw is not None or type(None) not in within:
            yield from _faults(raw, next(each for each in within if each is not type(None)), at)
    elif _is_record(kind) and not isinstance(raw, dict):
        yield f"has '{at}' that isn't an object" if at else "is not a JSON object"
    elif _is_record(kind) and isinstance(raw, dict):
        for name, (part, required) in _parts(kind).items():
            if name in raw:
                yield from _faults(raw[name], part, above + name)
            elif required:
                yield f"lacks '{above}{name}'"
    elif origin in _OBJECTS and isinstance(raw, dict):
        for key, value in raw.items():
            yield from _faults(value, within[1], f"{above}{key}")
    elif origin is tuple and isinstance(raw, list) and _is_record(within[0]):
        for value in raw:
            yield from _faults(value, within[0], at)
    elif not _fits(raw, kind):
        yield f"has '{at}' that {_expected(kind)}"


def _is_record(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) or (
        isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    )


def _parts(kind: Any) -> dict[str, tuple[Any, bool]]:
    """List a record's fields by their names in JSON: the type, and whether it must be there."""
    if not dataclasses.is_dataclass(kind):
        fields = msgspec.structs.fields(kind)
        return {field.encode_name: (field.type, field.required) for field in fields}
    hints = get_type_hints(kind, include_extras=True)
    unset = dataclasses.MISSING
    return {
        field.name: (hints[field.name], field.default is unset and field.default_factory is unset)
        for field in dataclasses.fields(kind)
    }


def _fits(raw: object, kind: Any) -> bool:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        return False
    return True


def _expected(kind: Any) -> str:
    """Say what a value isn't, to stand behind "that"."""
    origin, within = get_origin(kind), get_args(kind)
    if origin is Literal:
        return f"is none of {', '.join(each for each in within if each)}"
    if origin is Annotated:
        described = [each.description for each in within[1:] if isinstance(each, msgspec.Meta)]
        return f"isn't {described[0]}" if any(described) else _expected(within[0])
    if origin in _OBJECTS or kind in _OBJECTS:
        return "isn't an object"
    return f"isn't {_KINDS.get(kind, 'a list')}"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"has the key '{twice}' twice in one object")
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"has the number {text[:20]}, which isn't finite")
    return value


def _whole(text: str) -> int:
    if len(text) > 19:
        raise ValueError(f"has the number {text[:20]}..., which is too large")
    return int(text)

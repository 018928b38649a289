"""What a target of `fuzz.py` is, and what targets share."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from edge_runtime.errors import printable


class Target(NamedTuple):
    """Something that reads bytes of others.

    ``check`` raises where a reader raises what it doesn't document. ``mend`` makes of a changed
    input and a random number one that gets further. ``words`` are put into inputs.
    """

    check: Callable[[bytes], None]
    seeds: list[bytes]
    words: tuple[bytes, ...] = ()
    mend: Callable[[bytes, int], bytes] | None = None


def tried(read: Callable[..., Any], *arguments: object, refuses: type[Exception]) -> Any:
    """Call a reader that may refuse by an error of one kind; gives None then."""
    try:
        return read(*arguments)
    except refuses as error:
        check_sentence(error)
        return None


def check_sentence(error: object) -> None:
    """An error is one line that anybody can read, and not long."""
    said = str(error)
    assert said
    assert said == printable(said), ascii(said)
    assert len(said) < 2000, len(said)


def changed_json(text: bytes, chance: random.Random, otherwise: bytes) -> bytes:
    """Put anything, or what stands elsewhere, in the place of some values of a JSON text.

    ``otherwise`` is changed where the text isn't JSON.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = json.loads(otherwise)
    for _ in range(chance.randint(1, 3)):
        places = [*_places(found)] if isinstance(found, dict | list) else []
        if places:
            _change(places, chance)
    return json.dumps(found).encode()


def _change(places: list[tuple[Any, Any]], chance: random.Random) -> None:
    holder, key = chance.choice(places)
    other, name = chance.choice(places)
    odd = (None, 0, -1, 1e308, -0.0, 5e-324, 1 << 62, "", "\ud800", "\x1b[2J\n", "x" * 300, [], {},
           [[]], {"": None}, True, "../a", "2026-02-30", other[name])  # fmt: skip
    if chance.random() < 0.2:
        del holder[key]
    elif isinstance(holder, dict) and chance.random() < 0.1:
        holder[chance.choice(("", "validation", "\u202e", "a\nb"))] = holder[key]
    else:
        holder[key] = json.loads(json.dumps(chance.choice(odd)))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)

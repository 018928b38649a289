"""An entry of a log: what kind of thing happened, when, and the hash of the thing."""

import json
from typing import Annotated, Literal

from msgspec import Meta, Struct

from edge_runtime.system.codec import parse, plain, read

#: What is logged. "log" begins a log (``of`` is the hash of its README), "before" says which log
#: was before it (of its checkpoint's text), "bundle" is a bundle that is used from then on (its
#: identity), "trust" by whose keys and how it was asked for, "rollback" such a bundle that is older
#: than one that ran on the computer (its identity), "begin" and "end" are those of a run, "photo"
#: its result, "event" something of a camp's history. "found" is a record that stood there without
#: an entry when the log was opened, "void" takes back the entry just before, whose record never
#: came into the store, "mended" tells of bytes that a loss of power left behind the last entry.
Kind = Literal[
    "log", "before", "bundle", "trust", "rollback", "begin", "photo", "event", "export", "backup",
    "end", "found", "void", "mended",
]  # fmt: skip

#: Kinds whose entries have a hash that everybody may know, without a salt.
OPEN = ("log", "before", "bundle", "rollback")

_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Entry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry, with nothing in it that tells of a person.

    ``at`` is when, ISO 8601 with the offset from UTC, ``of`` the hash of what happened, 64
    hexadecimal digits, ``replaces`` likewise of what it takes the place of, and ``run`` a random
    name of the run that it is of.
    """

    kind: Kind
    at: str
    of: _Hash
    replaces: _Hash | Literal[""] = ""
    run: Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?$")] = ""


class Thing(Struct, frozen=True):
    """What happened: its kind, and the bytes that are bound by hash.

    ``replaces`` are those of the thing whose place it takes. Those of an open kind (``OPEN``)
    are a hash already, 32 bytes, of what everybody may know.
    """

    kind: Kind
    content: bytes
    replaces: bytes | None = None
    run: str = ""


def to_bytes(entry: Entry) -> bytes:
    """Write an entry in the one form that it has: keys in order, no blanks, ASCII."""
    return json.dumps(plain(entry), sort_keys=True, separators=(",", ":")).encode("ascii")


def from_bytes(data: bytes) -> Entry:
    """Read an entry.

    Raises:
        ValueError: It is none, or in another form; with a clause that says so.
    """
    found = read(parse(data), Entry)
    if to_bytes(found) != data:
        raise ValueError("isn't in the form in which entries are written")
    return found

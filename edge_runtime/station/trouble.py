"""What is in the way of taking photographs in, and how it is said in one of the languages."""

import contextlib
import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge_runtime.errors import FundusError, printable
from edge_runtime.results.texts import Texts

_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows has no quota


@dataclass(frozen=True)
class Trouble:
    """What is in the way.

    ``kind`` names the sentence, ``name`` is what it is about, ``cause`` why in English, ``number``
    the system's for that cause, which leads to its words in other languages, and ``place`` where
    something was to go.
    """

    kind: Literal["gone", "again", "unforeseen", "told", "stays", "kept"]
    name: str = ""
    cause: str = ""
    number: int | None = None
    place: str = ""

    def told(self, texts: Texts) -> str:
        """Say it as an operator understands it."""
        cause = _cause_in(texts, self.cause, self.number)
        values = {"name": self.name, "cause": cause, "place": self.place}
        return texts.say(f"trouble.{self.kind}", **values)


def trouble_of(error: Exception, inbox: Path, data: Path) -> Trouble:
    """Say what is in the way by what was raised.

    Nothing is written into the inbox: where a disk has no room it is that of the data folder.
    """
    if isinstance(error, OSError) and not isinstance(error, FundusError):
        with contextlib.suppress(OSError):
            if not inbox.is_dir():
                return Trouble("gone", printable(inbox))
        place = data if error.errno in _NO_ROOM else error.filename or inbox
        return Trouble("again", printable(place), *cause_of(error))
    if isinstance(error, FundusError):
        return Trouble("told", cause=str(error))
    return Trouble("unforeseen", cause=unforeseen(error))


def cause_of(error: OSError) -> tuple[str, int | None]:
    """Give the words for why something failed, and their number where they are the system's."""
    words, number = error.strerror or str(error), error.errno
    is_systems = number is not None and words == os.strerror(number)
    return printable(words.lower()), number if is_systems else None


def told_cause(error: OSError, texts: Texts) -> str:
    """Say why something failed as an operator understands it, without paths and numbers."""
    return _cause_in(texts, *cause_of(error))


def not_written(error: OSError, texts: Texts) -> str:
    """Say that what somebody asked for couldn't be written, and why."""
    return texts.say("error.disk", cause=told_cause(error, texts))


def _cause_in(texts: Texts, cause: str, number: int | None) -> str:
    return texts.by_key.get(f"cause.{errno.errorcode.get(number or 0, '')}") or cause


def unforeseen(error: Exception) -> str:
    """Name an error of which nobody has thought."""
    return f"{type(error).__name__}: {printable(str(error))}".removesuffix(": ")

"""Say in a language why a file is no photograph that can be read."""

import re
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts

_KIND = re.compile(r"the [A-Z]\w+ file:? ")  # as in "the JPEG file is truncated"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Fault:
    """A reason; ``is_own`` says that it is the decoder's own words, which are English."""

    said: str
    is_own: bool


def fault_of(path: Path, told: str, texts: Texts) -> Fault:
    """Read a reason as the store keeps it, without the file's name, which the page says itself.

    Args:
        path: The file, below the inbox.
        told: What the store has of it, the name before a colon.
        texts: Those of the reader's language; the longest ``fault: ...`` with which the reason
            begins says it, numbers in it being ``{n}``.
    """
    cause = told.removeprefix(f"{printable(path)}: ")
    clause = _NUMBER.sub("{n}", _KIND.sub("", cause, count=1))
    keys = [key for key in texts.by_key if key.startswith("fault: ")]
    found = [key for key in keys if clause.startswith(key.removeprefix("fault: "))]
    if not found:
        return Fault(cause, is_own=True)
    return Fault(texts.by_key[max(found, key=len)], is_own=False)

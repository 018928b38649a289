"""The texts that operators and doctors read, in the languages that there are."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

#: Languages by their codes; each has a file of the same keys in ``texts/``.
LANGUAGES = ("en", "es")

_FOLDER = Path(__file__).parent / "texts"
_NUMBER = re.compile(r"\d+")


class Texts(Struct, frozen=True):
    """A language's texts by key; in braces stands what is put in."""

    language: str
    by_key: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """Write a text; of one alone, where ``count`` is 1, as its key with ``.one`` has it."""
        one = self.by_key.get(f"{key}.one") if values.get("count") == 1 else None
        return (one or self.by_key[key]).format(**values)

    def class_name(self, name: str) -> str:
        """Give a class's name in the language, as the bundle has it where the catalogue doesn't."""
        return self.by_key.get(f"class.{name}", name)

    def split(self, name: str) -> str:
        """Name a dataset's split in the language, as it is where the catalogue doesn't have it."""
        return self.by_key.get(f"split.{name}", name)

    def reason(self, clause: str) -> str:
        """Say why a photo is ungradable, as it is where the catalogue doesn't have the clause."""
        return self.of_clause("reason", clause) or clause

    def of_clause(self, kind: str, clause: str) -> str | None:
        """Give what the catalogue has of this kind for a clause, None where it has nothing."""
        numbers = _NUMBER.findall(clause)
        said = self.by_key.get(f"{kind}: {_NUMBER.sub('{n}', clause)}")
        return said and said.format(n="".join(numbers))


@cache
def texts(language: str, more: Path | None = None) -> Texts:
    """Read the catalogue of a language.

    Args:
        language: One of ``LANGUAGES``.
        more: A folder with further texts, of other keys, a file for each language.
    """
    folders = (_FOLDER,) if more is None else (_FOLDER, more)
    read = (json.loads((folder / f"{language}.json").read_text("utf-8")) for folder in folders)
    return Texts(language, {key: text for part in read for key, text in part.items()})

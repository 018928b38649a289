"""Pseudonyms for persons, and the file apart that alone leads back to them.

A pseudonym is made of what a person is called by a keyed hash, so the same person has the same one
in each run with that key, and nobody can compute one without it, by trying all names neither.

Source: RFC 2104 (HMAC) with SHA-256; DICOM PS3.15, E.1.1, note 3, warns of hashes without a key.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from edge_runtime.errors import FundusError, printable
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.system.partial import claimed, partial_of

#: What a pseudonym looks like, and the name of a photo that is called by it, by eye and number.
PSEUDONYM = re.compile(r"P[0-9A-F]{16}")
NAME = re.compile(rf"{PSEUDONYM.pattern}(?:_OD|_OS)?_\d+(?:\.[a-z]+)?")

_KEY_BYTES = 32
_MOST_BYTES = 64 << 20  # of the file: some 500,000 persons
_WHAT: Literal["pseudonyms of fundus-edge"] = "pseudonyms of fundus-edge"
_LEAST_DAYS, _MOST_DAYS = 365, 3650  # by how many a person's dates are moved back


class PseudonymsError(FundusError, ValueError):
    """A file of pseudonyms that can't be used."""

    def __init__(self, file: Path, cause: str) -> None:
        self.file, self.cause = file, cause
        super().__init__(f"{printable(file)}: {cause}")


class KnownAs(Struct, frozen=True):
    """What a person is called where they are known, and by whom: ``issuer`` is "" if unknown."""

    identity: str
    issuer: str = ""


class _Kept(Struct, frozen=True):
    """The file's content."""

    what: Literal["pseudonyms of fundus-edge"]
    schema: Literal[1]
    warning: str
    key: str
    people: dict[str, KnownAs]


class Pseudonyms:
    """Gives pseudonyms, and everything else that must be the same for the same and lead nowhere.

    ``people`` are the persons that it gave one, by pseudonym.
    """

    def __init__(self, key: bytes, *, file: Path | None = None) -> None:
        """Make one of a key; ``file`` is where ``keep`` writes, None for nowhere."""
        self._key, self._file = key, file
        self.people: dict[str, KnownAs] = {}
        self._is_kept = True

    @classmethod
    def forgotten(cls) -> "Pseudonyms":
        """Make one whose key nobody will know: nothing leads back, and the next are others."""
        return cls(secrets.token_bytes(_KEY_BYTES))

    @classmethod
    def of_file(cls, file: Path, *, apart_from: Iterable[Path] = ()) -> "Pseudonyms":
        """Read a file of pseudonyms, or begin one, for its owner only.

        Args:
            file: It.
            apart_from: Folders in which it must not lie: what is written, and what is handed on.

        Raises:
            PseudonymsError: It lies in one of these, others may read it, or it is no such file.
            OutputFailedError: It can't be written.
        """
        _check_place(file, apart_from)
        made = cls(secrets.token_bytes(_KEY_BYTES), file=file)
        if not os.path.lexists(file):
            with one_sentence(file):
                file.parent.mkdir(parents=True, exist_ok=True)
            made._is_kept = False
            made.keep()
        kept = _read(file)
        made._key, made.people = bytes.fromhex(kept.key), dict(kept.people)
        return made

    def person(self, identity: str, issuer: str = "") -> str:
        """Give a person's pseudonym: P and 16 hexadecimal digits.

        Args:
            identity: What they are called, such as a patient's ID; spaces around it don't count.
            issuer: Who called them so, likewise.
        """
        known = KnownAs(identity.strip(), issuer.strip())
        pseudonym = f"P{self.digest('person', known.issuer, known.identity)[:16].upper()}"
        if self.people.setdefault(pseudonym, known) is known:
            self._is_kept = False
        return pseudonym

    def of_study(self, study: str) -> str:
        """Give the pseudonym of whoever a study is of, where nobody tells the patient."""
        return self.person(f"study {study}", "nobody told")

    def uid(self, uid: str) -> str:
        """Give the UID that stands for another one.

        Source: DICOM PS3.5, B.2: 2.25 and a number of 128 bits.
        """
        return f"2.25.{int(self.digest('uid', uid.strip())[:32], 16)}"

    def days(self, pseudonym: str) -> int:
        """Tell by how many days a person's dates are moved back, one year to ten."""
        span = _MOST_DAYS - _LEAST_DAYS + 1
        return _LEAST_DAYS + int(self.digest("days", pseudonym)[:16], 16) % span

    def digest(self, *words: str) -> str:
        """Give 64 hexadecimal digits for words, others for other words, by the key."""
        parts = [word.encode("utf-8", "surrogatepass") for word in words]
        told = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()

    def keep(self) -> None:
        """Write the file, if there is one and it lacks a person, with what others wrote meanwhile.

        Who writes something with a pseudonym in it calls this before, so that each leads back.

        Raises:
            PseudonymsError: The file there has another key now.
            OutputFailedError: It can't be written.
        """
        if self._file is None or self._is_kept:
            return
        lock = partial_of(self._file.with_name(f"{self._file.name}.lock"))
        with (
            one_sentence(self._file),
            claimed(lock, lambda: lock.touch(0o600, exist_ok=False), wait=True),
        ):
            try:
                self._merge_and_write()
            finally:
                lock.unlink(missing_ok=True)
        self._is_kept = True

    def _merge_and_write(self) -> None:
        file, warning = self._file, "Whoever has this file can tell whose each pseudonym is."
        if file is None:
            return
        if os.path.lexists(file):
            there = _read(file)
            if self.people and not hmac.compare_digest(bytes.fromhex(there.key), self._key):
                raise PseudonymsError(file, "was replaced while it was used; begin again")
            if not self.people:  # another process began it in this moment
                return
            self.people = {**there.people, **self.people}
        kept = _Kept(_WHAT, 1, warning, self._key.hex(), self.people)
        text = json.dumps(plain(kept), indent=1, sort_keys=True)
        write_file(file, f"{text}\n".encode("ascii"), private=True)


def _check_place(file: Path, apart_from: Iterable[Path]) -> None:
    place = file.resolve()
    for folder in apart_from:
        if place.is_relative_to(folder.resolve()):
            cause = f"lies in {printable(folder)}, with what it must be kept apart from; choose "
            raise PseudonymsError(file, f"{cause}a place that is never handed on")


def _read(file: Path) -> _Kept:
    try:
        with file.open("rb") as opened:
            mode, data = os.fstat(opened.fileno()).st_mode, opened.read(_MOST_BYTES + 1)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise PseudonymsError(file, f"can't be read: {cause}; name a file of your own") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise PseudonymsError(file, "others than its owner may open it; see to it: chmod 600")
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError("is too large")
        kept = read(parse(data), _Kept)
        if len(bytes.fromhex(kept.key)) != _KEY_BYTES:
            raise ValueError("has a key of another length")
    except ValueError as error:
        cause = f"is no file of pseudonyms ({error}); name another one, or one that isn't there"
        raise PseudonymsError(file, cause) from error
    return kept

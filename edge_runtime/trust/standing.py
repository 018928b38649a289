"""Who is trusted, by the keys that a device was given and by what these say of keys.

Three rules make it the same in whatever order notices come:

- A key counts for the one among the keys that were given from which it descends, so whoever has
  one of them never becomes two.
- Whoever is or was trusted can revoke. That can only take trust away: a thief can stop a device so,
  and not make it run anything.
- What a revoked key announced counts no more, unless it is one of those that revoked it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.trust.envelope import Envelope
from edge_runtime.trust.errors import KeyInvalidError, NoticeInvalidError
from edge_runtime.trust.notice import Revocation, Rotation, read_notice
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.revoked import Listed, Lists
from edge_runtime.trust.signed_file import is_signed_by

_MOST_KEYS = 256  # given and announced


class Notice(Struct, frozen=True):
    """An envelope that should replace or revoke keys, and its file's name."""

    file: Path
    envelope: Envelope


class Voter(Struct, frozen=True):
    """A key that is or was trusted.

    ``root`` is the hint of the key that was given and from which it descends, ``since`` the first
    release for which it counts, ``successor`` what takes its place, as a person calls it, from the
    release ``before`` on; None where it keeps its place.
    """

    key: PublicKey
    root: str
    since: int = 0
    before: int | None = None
    successor: str = ""
    is_revoked: bool = False

    def why_not(self, release: int) -> str:
        """Say why what it signed of a release doesn't count; "" if it does."""
        if self.is_revoked:
            return f"the key {self.key.called} signed it, and is revoked"
        if self.before is not None and release >= self.before:
            return (
                f"the key {self.key.called} signed it, whose place the key {self.successor} took"
                f"{f' from release {self.before} on' if self.before else ''}"
            )
        if release < self.since:
            return f"the key {self.key.called} signed it, which counts from release {self.since} on"
        return ""


class Standing(Struct, frozen=True):
    """Who is trusted: ``revoked`` has the SHA-256 of keys and of manifests.

    ``rotations`` are the envelopes that hold, in their order, ``lists`` what was revoked by the
    hints of those who did, ``cautions`` a sentence about each notice that wasn't
    taken, or that people are to know of.
    """

    voters: tuple[Voter, ...]
    revoked: frozenset[str] = frozenset()
    rotations: tuple[Envelope, ...] = ()
    lists: Mapping[str, Listed] = {}
    cautions: tuple[str, ...] = ()


def plain_standing(keys: Sequence[PublicKey]) -> Standing:
    """Give the standing of keys of which nothing is said."""
    return Standing(tuple(Voter(key, key.hint) for key in keys))


def find_standing(
    keys: Sequence[PublicKey],
    notices: Sequence[Notice],
    *,
    remembered: Sequence[Notice] = (),
    lists: Mapping[str, Listed] | None = None,
) -> Standing:
    """Find out who is trusted.

    Args:
        keys: Those that the device was given.
        notices: What it was given of keys.
        remembered: The rotations that it took before, in their order.
        lists: What was revoked before, by who did.

    Raises:
        NoticeInvalidError: A notice of a key that is trusted isn't as it was signed, or is none, or
            two of them replace one key by two.
        MissingExtraError: What computes signatures isn't installed.
    """
    found = _Found(keys, lists or {})
    found.take(remembered, is_new=False)
    found.take(notices, is_new=True)
    return found.standing()


class _Found:
    """What is known while notices are read, each after the one that announced its key."""

    def __init__(self, keys: Sequence[PublicKey], lists: Mapping[str, Listed]) -> None:
        self.keys = {key.hint: (key, key.hint) for key in keys}
        self.parents: dict[str, str] = {}
        self.rotations: dict[str, tuple[Rotation, Envelope, bool]] = {}
        self.lists = Lists(lists)
        self.cautions: list[str] = []

    def take(self, notices: Sequence[Notice], *, is_new: bool) -> None:
        pending = list(notices)
        while known := [each for each in pending if each.envelope.hint in self.keys]:
            pending = [each for each in pending if each.envelope.hint not in self.keys]
            for each in known:
                self._take(each, is_new=is_new)
        for each in pending if is_new else ():
            by = each.envelope.hint[:16] or "that it doesn't name"
            self.cautions.append(f"{each.file.name} isn't taken: the key {by} isn't trusted here")

    def _take(self, notice: Notice, *, is_new: bool) -> None:
        hint = notice.envelope.hint
        if not is_signed_by(self.keys[hint][0], notice.envelope):
            cause = f"isn't by the key {hint[:16]} as it says, or was changed; get it again"
            raise NoticeInvalidError(notice.file, cause)
        try:
            said = read_notice(notice.envelope.payload)
        except ValueError as error:
            raise NoticeInvalidError(notice.file, str(error)) from error
        if isinstance(said, Revocation):
            self.lists.take(notice.file, hint, said)
        elif said.old != hint:
            raise NoticeInvalidError(notice.file, "replaces another key than the one that signed")
        else:
            self._rotate(notice, said, is_new=is_new)

    def _rotate(self, notice: Notice, said: Rotation, *, is_new: bool) -> None:
        taken, _, was_new = self.rotations.get(said.old, (said, None, True))
        if _means(taken) != _means(said):
            cause = f"the key {said.old[:16]} was replaced by the key {taken.new.hint[:16]}"
            if not was_new:
                self.cautions.append(f"{notice.file.name} isn't taken: {cause} before")
                return
            raise NoticeInvalidError(
                notice.file, f"another file says that {cause}; find out which of them is true"
            )
        if said.old in self.rotations:
            return
        try:
            is_signed_by(said.new, notice.envelope)
        except KeyInvalidError as error:
            raise NoticeInvalidError(notice.file, "names a new key that is damaged") from error
        self.rotations[said.old] = (said, notice.envelope, is_new)
        if said.new.hint not in self.keys:
            if len(self.keys) >= _MOST_KEYS:
                raise NoticeInvalidError(notice.file, f"would make more than {_MOST_KEYS} keys")
            self.keys[said.new.hint] = (said.new, self.keys[said.old][1])
            self.parents[said.new.hint] = said.old

    def standing(self) -> Standing:
        revoked = frozenset(each for found in self.lists.taken.values() for each in found.revoked)
        gone = {hint for hint in self.keys if hint in revoked or self._is_cut(hint)}
        voters = tuple(
            self._voter(key, root, is_revoked=hint in gone)
            for hint, (key, root) in self.keys.items()
        )
        kept = tuple(envelope for _, envelope, _ in self.rotations.values())
        cautions = (*self.cautions, *self.lists.cautions())
        return Standing(voters, revoked, kept, self.lists.taken, cautions)

    def _voter(self, key: PublicKey, root: str, *, is_revoked: bool) -> Voter:
        parent = self.parents.get(key.hint)
        since = self.rotations[parent][0].since if parent else 0
        said = self.rotations[key.hint][0] if key.hint in self.rotations else None
        before = said.since if said and not said.keeps else None
        successor = said.new.called if said else ""
        return Voter(key, root, since, before, successor, is_revoked)

    def _is_cut(self, hint: str) -> bool:
        """Tell whether a key above was revoked by another than the keys that it announced."""
        line = [hint]
        while parent := self.parents.get(line[-1]):
            below = self._below(line[-1])
            lists = self.lists.taken.items()
            if any(parent in found.revoked and by not in below for by, found in lists):
                return True
            line.append(parent)
        return False

    def _below(self, hint: str) -> set[str]:
        """Name a key and all that it announced, and those that they did."""
        below = {hint}
        for child, parent in self.parents.items():  # parents come before their children
            if parent in below:
                below.add(child)
        return below


def _means(said: Rotation) -> tuple[str, int, bool]:
    return said.new.hint, said.since, said.keeps

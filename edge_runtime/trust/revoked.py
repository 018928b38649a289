"""What keys revoked, in all of their lists: each list adds, whatever its number, and none takes.

A key may have made two lists that don't know of each other, on two computers for instance. What
either revokes is revoked on every device, in whatever order they come; numbers tell people alone
which list is the newer one.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from edge_runtime.trust.notice import Revocation


class Listed(Struct, frozen=True):
    """What a key revoked in all of its lists, the highest of which has this number."""

    number: int
    revoked: tuple[str, ...]


class _Given(Struct, frozen=True):
    """A list that a device was given, by the hint of who made it."""

    file: Path
    by: str
    said: Revocation


class Lists:
    """What is known of lists while they are read; ``taken`` has what was revoked, by who did."""

    def __init__(self, known: Mapping[str, Listed]) -> None:
        """Begin with what a device knew before."""
        self._known = dict(known)
        self._given: list[_Given] = []
        self.taken = dict(known)

    def take(self, file: Path, by: str, said: Revocation) -> None:
        """Add what a list revokes.

        Args:
            file: The list's.
            by: The hint of the key that made it.
            said: What it says.
        """
        now = self.taken.get(by, Listed(0, ()))
        revoked = tuple(sorted({*now.revoked, *said.revoked}))
        self.taken[by] = Listed(max(now.number, said.number), revoked)
        self._given.append(_Given(file, by, said))

    def cautions(self) -> Iterator[str]:
        """Tell of lists that revoke what none of no lower number does, and of old ones alone."""
        for each in self._given:
            number, known = each.said.number, self._known.get(each.by, Listed(0, ()))
            others = [one.said for one in self._given if one.by == each.by and one is not each]
            newest = max((known.number, *(one.number for one in others)))
            if number > newest:
                continue
            beside = (one.revoked for one in others if one.number >= number)
            alone = sorted({*each.said.revoked}.difference(known.revoked, *beside))
            called = f"list {number} of the key {each.by[:16]}"
            if alone:
                more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
                yield (
                    f"{each.file.name} is {called}, and revokes what its list {newest} doesn't "
                    f"({alone[0][:16]}{more}): all that either revokes is refused; let that key's "
                    "owner make one newer list of both"
                )
            elif number < known.number and all(one.number < known.number for one in others):
                yield (
                    f"{each.file.name} says nothing new: it is {called}, and this device knows "
                    f"list {known.number}; get the newer one"
                )

"""Remember which of millions of things were seen, in 16 bytes each."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_BYTES = 16

#: Digests whose order is that of their bytes.
Digests = npt.NDArray[np.bytes_]


def digest(text: str, *facts: object) -> bytes:
    """Give 16 bytes that tell a text, with facts about it, from all others.

    Two of a billion are alike with a chance of 1 in 10**20.
    """
    told = "\0".join((text, *map(str, facts))).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=_BYTES).digest()


class Hashes:
    """A set of digests: sorted arrays, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._sorted: list[Digests] = []

    def __len__(self) -> int:
        return sum(map(len, self._sorted))

    @property
    def nbytes(self) -> int:
        """The bytes that it takes."""
        return sum(array.nbytes for array in self._sorted)

    def has(self, digests: Sequence[bytes]) -> list[bool]:
        """Tell of each digest whether it was added."""
        if not digests:
            return []
        asked = array_of(digests)
        found = np.zeros(len(asked), bool)
        for array in self._sorted:
            at = np.searchsorted(array, asked)
            found |= array[np.minimum(at, len(array) - 1)] == asked
        return [bool(each) for each in found]

    def add(self, digests: Sequence[bytes]) -> list[bool]:
        """Add digests, and tell of each whether it is new, here too."""
        known = self.has(digests)
        fresh: list[bool] = []
        now: set[bytes] = set()
        for each, is_known in zip(digests, known, strict=True):
            fresh.append(not is_known and each not in now)
            now.add(each)
        new = [each for each, is_fresh in zip(digests, fresh, strict=True) if is_fresh]
        if new:
            self._sorted.append(np.sort(array_of(new)))
        while len(self._sorted) > 1 and len(self._sorted[-2]) < 2 * len(self._sorted[-1]):
            last = self._sorted.pop()
            self._sorted[-1] = np.sort(np.concatenate([self._sorted[-1], last]))
        return fresh


def array_of(told: Sequence[bytes]) -> Digests:
    """Put digests into an array."""
    return np.frombuffer(b"".join(told), f"S{_BYTES}")

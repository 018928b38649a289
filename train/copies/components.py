"""Connected components: which of N things hang together."""

import numpy as np
import numpy.typing as npt


class Components:
    """A forest of N things, joined pair by pair."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def join(self, first: int, second: int) -> bool:
        """Join two things, and tell whether they were apart until now."""
        first, second = self._root(first), self._root(second)
        self._parents[max(first, second)] = min(first, second)
        return first != second

    def connected(self, first: int, second: int) -> bool:
        """Tell whether two things hang together."""
        return self._root(first) == self._root(second)

    def ids(self) -> npt.NDArray[np.intp]:
        """Number the components 0, 1, 2 ... in the order of their first member: int (N,)."""
        roots = [self._root(index) for index in range(len(self._parents))]
        _, ids = np.unique(roots, return_inverse=True)
        return np.asarray(ids, np.intp)

    def _root(self, index: int) -> int:
        while self._parents[index] != index:
            self._parents[index] = self._parents[self._parents[index]]
            index = self._parents[index]
        return index

"""The tree of a log as its entries alone make it."""

from collections.abc import Sequence

from edge_runtime.tlog.tree import node_hash, root_hash


class WholeTree:
    """A tree that is computed from its entries alone, with nothing taken on trust."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Hash everything. ``leaves`` are the leaves' hashes."""
        self.size, self.rows = len(leaves), [[*leaves]]
        while len(row := self.rows[-1]) > 1:
            pairs = range(0, len(row) - 1, 2)
            self.rows.append([node_hash(row[i], row[i + 1]) for i in pairs])

    def subtree(self, level: int, index: int) -> bytes:
        """Give the hash of a whole subtree."""
        return self.rows[level][index]

    def root(self, size: int) -> bytes:
        """Give the root of the first ``size`` leaves."""
        return root_hash(size, self.subtree)

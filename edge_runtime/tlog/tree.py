"""The Merkle tree of RFC 6962: its hashes, and the proofs that it gives.

A tree is asked for the hashes of its whole subtrees alone: ``subtree(level, index)`` gives that of
the leaves from ``index << level``, ``1 << level`` of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

Subtree = Callable[[int, int], bytes]

#: Bytes of a hash.
HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 6962, section 2.1: 0x00 before it)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two hashes (likewise: 0x01 before them)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Hash a whole subtree from its ``2 ** k`` hashes."""
    row = [*hashes]
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def root_hash(size: int, subtree: Subtree) -> bytes:
    """Compute the root of a tree's first ``size`` leaves; that of none is the hash of nothing."""
    return _range_hash(0, size, subtree) if size else hashlib.sha256().digest()


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Prove that a leaf is in the tree of ``size`` leaves (section 2.1.1): PATH, leaf's end first.

    Args:
        index: Of the leaf, below ``size``.
        size: Of the tree.
        subtree: Its hashes.
    """
    return tuple(_path(index, 0, size, subtree))


def consistency_proof(before: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Prove that the first ``before`` leaves are those of the earlier tree (2.1.2): PROOF.

    Args:
        before: Size of the earlier tree, 0 to ``size``.
        size: Of the tree.
        subtree: Its hashes.
    """
    if before in (0, size):
        return ()
    return tuple(_subproof(before, 0, size, subtree, is_known=True))


def is_included(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:  # fmt: skip
    """Check an inclusion proof (RFC 9162, section 2.1.3.2, whose trees are those of RFC 6962).

    Args:
        leaf: The leaf's hash.
        index: Where it is said to stand.
        size: Of the tree.
        proof: As ``inclusion_proof`` gives it.
        root: Of the tree.
    """
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(each, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, each)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    before: int, size: int, root_before: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Check a consistency proof (RFC 9162, section 2.1.4.2).

    Args:
        before: Size of the earlier tree.
        size: Of the later one.
        root_before: Root of the earlier one.
        root: Of the later one.
        proof: As ``consistency_proof`` gives it.
    """
    empty = hashlib.sha256().digest()
    if not 0 <= before <= size:
        return False
    if before in (0, size):
        same = root_before == (root if before else empty)
        return not proof and same and (size > 0 or root == empty)
    if not before & (before - 1):  # a whole subtree, whose root is the first hash of the proof
        proof = (root_before, *proof)
    if not proof:
        return False
    first, last = before - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = proof[0]
    for each in proof[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, each)
        first, last = first >> 1, last >> 1
    return last == 0 and old == root_before and new == root


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """Compute MTH of the leaves of a range that stands as a subtree in a tree."""
    count = end - start
    level = count.bit_length() - 1
    if count == 1 << level:
        return subtree(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_hash(start, middle, subtree), _range_hash(middle, end, subtree))


def _split(count: int) -> int:
    """Give the largest power of two below a count above 1."""
    return 1 << ((count - 1).bit_length() - 1)


def _path(index: int, start: int, end: int, subtree: Subtree) -> Iterator[bytes]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if index < middle:
        yield from _path(index, start, middle, subtree)
        yield _range_hash(middle, end, subtree)
    else:
        yield from _path(index, middle, end, subtree)
        yield _range_hash(start, middle, subtree)


def _subproof(
    before: int, start: int, end: int, subtree: Subtree, *, is_known: bool
) -> Iterator[bytes]:
    """Give SUBPROOF; ``before`` counts leaves from the tree's beginning."""
    if before == end:
        if not is_known:
            yield _range_hash(start, end, subtree)
        return
    middle = start + _split(end - start)
    if before <= middle:
        yield from _subproof(before, start, middle, subtree, is_known=is_known)
        yield _range_hash(middle, end, subtree)
    else:
        yield from _subproof(before, middle, end, subtree, is_known=False)
        yield _range_hash(start, middle, subtree)

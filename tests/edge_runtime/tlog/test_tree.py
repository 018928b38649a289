"""Trees and their proofs, against RFC 6962 as it is written there, and Go's x/mod/sumdb/tlog."""

import hashlib
import json
import os
from functools import cache
from pathlib import Path

import pytest

from edge_runtime.tlog.tree import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_hash,
)
from edge_runtime.tlog.whole_tree import WholeTree

#: How many entries the largest tree has.
MOST = int(os.environ.get("FUNDUS_EDGE_TREES", "64"))
ENTRIES = [b"entry %d" % number for number in range(MOST)]
VECTORS = json.loads((Path(__file__).parent / "go_tlog.json").read_text("utf-8"))


def sha256(data):
    return hashlib.sha256(data).digest()


def split(count):
    k = 1
    while 2 * k < count:
        k *= 2
    return k


@cache
def mth(start, end):
    """MTH of section 2.1, word by word."""
    count = end - start
    if count == 0:
        return sha256(b"")
    if count == 1:
        return sha256(b"\x00" + ENTRIES[start])
    k = split(count)
    return sha256(b"\x01" + mth(start, start + k) + mth(start + k, end))


def path(m, start, end):
    """PATH of section 2.1.1."""
    count = end - start
    if count == 1:
        return []
    k = split(count)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m, start, end, known):
    """SUBPROOF of section 2.1.2."""
    count = end - start
    if m == count:
        return [] if known else [mth(start, end)]
    k = split(count)
    if m <= k:
        return [*subproof(m, start, start + k, known), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


TREE = WholeTree([leaf_hash(each) for each in ENTRIES])


def test_roots_are_those_of_the_standard():
    for size in range(MOST + 1):
        assert root_hash(size, TREE.subtree) == mth(0, size)


def test_every_entry_of_every_tree_is_proved_and_in_no_other_place():
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.subtree)
            assert list(proof) == path(index, 0, size)
            leaf, root = leaf_hash(ENTRIES[index]), mth(0, size)
            assert is_included(leaf, index, size, proof, root)
            assert not is_included(leaf_hash(b"other"), index, size, proof, root)
            assert not is_included(leaf, index, size, proof, mth(0, size - 1))
            assert not is_included(leaf, index + 1, size, proof, root)
            assert not is_included(leaf, index, 2 * size, proof, root)
            assert not is_included(leaf, index, size, (*proof, root), root)
            assert not proof or not is_included(leaf, index, size, proof[:-1], root)


def test_every_tree_is_proved_to_begin_with_every_smaller_one():
    for size in range(MOST + 1):
        for before in range(size + 1):
            proof = consistency_proof(before, size, TREE.subtree)
            roots = mth(0, before), mth(0, size)
            if 0 < before < size:
                assert list(proof) == subproof(before, 0, size, True)
                assert not is_consistent(before, size, roots[0], sha256(b"other"), proof)
                assert not is_consistent(before, size, *roots, proof[:-1])
                assert not is_consistent(before, size, *roots, (*proof, roots[0]))
            assert is_consistent(before, size, *roots, proof)
            assert not is_consistent(before, size, sha256(b"other"), roots[1], proof)


def test_a_proof_with_any_bit_changed_proves_nothing():
    proof = consistency_proof(23, 41, TREE.subtree)
    for number, each in enumerate(proof):
        for bit in range(256):
            changed = (int.from_bytes(each, "big") ^ 1 << bit).to_bytes(32, "big")
            others = (*proof[:number], changed, *proof[number + 1 :])
            assert not is_consistent(23, 41, mth(0, 23), mth(0, 41), others)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 33, 64])
def test_roots_and_proofs_are_those_of_go(size):
    told = VECTORS["trees"][str(size)]
    assert root_hash(size, TREE.subtree).hex() == told["root"]
    for index, proof in enumerate(told["inclusion"]):
        assert [each.hex() for each in inclusion_proof(index, size, TREE.subtree)] == proof
    for before, proof in enumerate(told["consistency"], 1):
        if before < size:
            assert [each.hex() for each in consistency_proof(before, size, TREE.subtree)] == proof

"""Digests are remembered in sixteen bytes each, and none is forgotten."""

from edge_runtime.archive.hashes import Hashes, digest


def test_what_was_added_is_known_and_nothing_else():
    hashes = Hashes()
    for at in range(0, 5000, 37):
        hashes.add([digest(str(number)) for number in range(at, at + 37)])
    assert all(hashes.has([digest(str(number)) for number in range(5000)]))
    assert not any(hashes.has([digest(str(number)) for number in range(6000, 8000)]))
    assert hashes.nbytes == 16 * len(hashes)
    assert len(hashes._sorted) < 14


def test_one_that_stands_twice_is_new_once():
    hashes, two = Hashes(), [digest("a"), digest("b")]
    assert hashes.add([two[0], two[1], two[0]]) == [True, True, False]
    assert hashes.add(two) == [False, False]
    assert hashes.has([]) == []


def test_digests_that_end_in_zeros_stay_apart():
    hashes = Hashes()
    hashes.add([b"a" + bytes(15)])
    assert hashes.has([b"a" + bytes(15), b"a" + bytes(14) + b"\x01"]) == [True, False]


def test_a_fact_makes_another_digest():
    assert digest("a", 1, 2) != digest("a", 1, 3)
    assert digest("a", 1, None) != digest("a", 1, 2)
    assert digest("\udcff") != digest("\udcfe")

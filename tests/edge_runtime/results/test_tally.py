"""A run says when its photos don't look like those that the model was trained on."""

import pytest

from edge_runtime.predict.familiarity import UNFAMILIAR
from edge_runtime.results.tally import Outcome, Tally


def tallied(shares, unfamiliar=0, other=0):
    tally = Tally()
    tally.count_all(Outcome("a", "ok", None, None, share) for share in shares)
    tally.count_all([Outcome("a", "ungradable", UNFAMILIAR, None, None)] * unfamiliar)
    tally.count_all([Outcome("a", "ungradable", "the photo is too dark", None, None)] * other)
    return tally


@pytest.mark.parametrize(
    "tally",
    [
        tallied([]),
        tallied([0.5] * 30),
        tallied([0.01] * 4),  # too few to say
        tallied([0.01] * 5 + [0.5] * 20),  # a fifth
        tallied([None] * 30),  # a bundle that can't tell
        tallied([0.5] * 10, other=20),
    ],
)
def test_photos_that_mostly_look_known_get_no_warning(tally):
    assert tally.strangeness is None


@pytest.mark.parametrize(
    ("tally", "counts"),
    [
        (tallied([0.01] * 5), "5 of the 5 photos"),
        (tallied([0.01] * 6 + [0.5] * 20), "6 of the 26 photos"),
        (tallied([0.5] * 4, unfamiliar=5, other=7), "5 of the 9 photos"),
    ],
)
def test_strange_photos_are_counted_among_those_that_could_be_compared(tally, counts):
    assert tally.strangeness.startswith(f"{counts} that could be compared look less like")

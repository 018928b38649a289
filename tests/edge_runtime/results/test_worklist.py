"""The order of the worklist: what has to be done first stands first."""

import random

from edge_runtime.results.worklist import GROUPS, place
from tests.edge_runtime.results.records import graded, ungradable, unreadable


def ordered(records):
    """Sort records, numbered as given, after they were shuffled; give their numbers."""
    places = [place(record, number) for number, record in enumerate(records)]
    random.Random(0).shuffle(places)
    return [each.number for each in sorted(places)]


def test_referrals_stand_first_then_retakes_then_unreadable_files_then_the_rest():
    records = [graded(score=0.1), unreadable(), ungradable(), graded(score=0.3)]
    assert ordered(records) == [3, 2, 1, 0]
    marks = [GROUPS[place(record, 0).group].mark for record in records]
    assert marks == ["No referral", "Unreadable", "No result", "Refer"]


def test_referrals_stand_by_how_far_they_are_above_the_threshold():
    records = [graded(score=0.3), graded(score=0.9), graded(score=0.95, limit=0.8), graded()]
    assert ordered(records) == [1, 3, 2, 0]


def test_a_caution_moves_no_referral_but_comes_first_of_what_isnt_referred():
    doubtful = {"caution": "don't rely on this result"}
    assert ordered([graded(score=0.9), graded(score=0.5, **doubtful)]) == [0, 1]
    assert ordered([graded(score=0.9, **doubtful), graded(score=0.5)]) == [0, 1]
    rest = [graded(score=0.2), graded(score=0.1), graded(score=0.01, **doubtful)]
    assert ordered(rest) == [2, 0, 1]


def test_what_nothing_tells_apart_stands_as_it_was_done():
    same = [graded(), ungradable(), unreadable(), graded(score=0.1)] * 3
    assert ordered(same) == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]


def test_without_thresholds_the_likeliest_disease_comes_first():
    records = [graded(score=share, decided=False) for share in (0.2, 0.7, 0.4)]
    records += [ungradable(), graded(score=0.1, decided=False, caution="doubtful")]
    assert ordered(records) == [3, 4, 1, 2, 0]
    assert {GROUPS[place(each, 0).group].key for each in records} == {"undecided", "retake"}

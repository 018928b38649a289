"""What an audit's sentence and its banner say, on effects that are made up."""

import pytest

from calibration.explanations.estimate import Estimate
from calibration.explanations.shortcuts import page
from calibration.explanations.shortcuts.audit import Audited
from calibration.explanations.shortcuts.record import Effect, ShortcutsRecord
from calibration.explanations.shortcuts.rows import conclusion, is_clean
from calibration.explanations.shortcuts.verdict import THRESHOLDS


def effect(name, donor, *, most, verdict="none"):
    share = Estimate(0.0, (0.0, 0.4), 12, 12)
    beyond = Estimate(0.0, most and (-0.1, most), 12, 12)
    return Effect(
        property=name, donor=donor, donors=6, clusters=12, same_source=None, towards=share,
        margin=share, logits={}, turned=share, turned_by_own=share, turned_beyond=beyond, count=0,
        count_by_own=0, middle=None, p=None if verdict == "too few" else 0.5, p_adjusted=0.5,
        verdict=verdict, sentence="It turns photos.",
    )  # fmt: skip


def record(*effects):
    return ShortcutsRecord(
        model="m", bundle="b", bundle_identity="i", input_size=(8, 8), seed=0, asked=24, photos=24,
        pictures=9, photos_by_class={"a": 12, "b": 12}, sources={}, left_out=(),
        thresholds=THRESHOLDS, effects=effects,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    monkeypatch.setattr(page, "shown_cases", lambda record, audited: [])


def banner(found):
    said = page.shortcuts_page(found, Audited(None, None, (), None, {}))
    (line,) = [each for each in said.splitlines() if conclusion(found)[:20] in each]
    return line.partition(">")[0]


def test_comparisons_with_another_source_are_counted_as_such_and_no_class():
    found = record(
        effect("colour", "a", most=0.1, verdict="shortcut"), effect("colour", "", most=0.1),
        effect("frame", "a", most=0.1), effect("frame", "b", most=None, verdict="too few"),
    )  # fmt: skip
    said = conclusion(found)
    assert "1 of 3 comparisons (2 properties; each class's donors and another source's)" in said
    assert "1 more comparison can't be judged" in said
    assert "pairs of" not in said
    alone = conclusion(record(effect("colour", "a", most=0.1)))
    assert "1 comparison (1 property; each class's donors)." in alone


@pytest.mark.parametrize(("most", "told"), [(0.1, "10%"), (0.47, "47%"), (None, "40%")])
def test_where_none_is_found_it_says_what_size_could_have_been_missed(most, told):
    said = conclusion(record(effect("frame", "a", most=0.05), effect("colour", "a", most=most)))
    assert "at least 20% of the photos" in said
    assert "from 12 persons that share no donor on" in said
    assert f"one that turns up to {told}" in said


def test_the_banner_is_green_only_where_no_shortcut_can_have_been_missed():
    narrow, wide = effect("frame", "a", most=0.05), effect("colour", "a", most=0.3)
    few = effect("colour", "b", most=None, verdict="too few")
    assert is_clean(record(narrow))
    assert 'class="verdict pass"' in banner(record(narrow))
    for other in (wide, few, effect("colour", "a", most=None)):
        assert 'class="notice"' in banner(record(narrow, other))
    found = effect("colour", "a", most=0.9, verdict="shortcut")
    assert 'class="verdict"' in banner(record(narrow, found))
    assert not is_clean(record(few))

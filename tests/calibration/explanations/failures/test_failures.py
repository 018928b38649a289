"""What sets made-up failures apart comes out, and nothing does where nothing was planted."""

import json
from dataclasses import replace

import numpy as np
import pytest

from calibration.errors import NoPhotoLeftError
from calibration.explanations.explained import Explained
from calibration.explanations.failures.contrast import Draws
from calibration.explanations.failures.failures import find_failures
from calibration.explanations.failures.findings import NO_LABELS
from calibration.explanations.failures.page import failures_page
from edge_runtime.system.codec import plain
from tests.calibration.explanations.analysis.test_analyse import INFO
from tests.calibration.explanations.made_eyes import CLASSES, RIGHT, mirrored, photo, spot

FEW = Draws(resamples=100, permutations=1999)
NOISE = Draws(resamples=20, permutations=1999)


def called(tops, labels, maps, *, sources=None, persons=None):
    """Make photos, left and right eyes in turn, of which the model calls each what ``tops`` say."""
    count = len(tops)
    generator = np.random.default_rng(count)
    photos = []
    for at, label in enumerate(labels):
        made = photo(at, mirrored(RIGHT) if at % 2 else RIGHT, label and str(label))
        source = str(sources[at]) if sources is not None else "made"
        person = str(at if persons is None else persons[at])
        photos.append(replace(made, source=source, patient=person, familiarity=generator.random()))
    sure = generator.uniform(0.55, 0.95, count)
    probabilities = np.column_stack(
        [np.where(tops, 1 - sure, sure), np.where(tops, sure, 1 - sure)]
    )
    cams = np.stack([maps, -np.asarray(maps)], axis=1)
    cams = np.where(np.asarray(tops)[:, None, None, None] == 1, cams[:, ::-1], cams)
    return Explained(
        CLASSES, tuple(photos), cams.astype(np.float32), probabilities.astype(np.float32),
        np.zeros((count, 8), np.float32),
    )  # fmt: skip


def noisy(generator, at, *, noise=0.5):
    return spot(*at, shift=generator.normal(0, 0.05, 2)) + noise * generator.random((7, 7))


def find(given, **options):
    return find_failures(given, INFO, {}, **{"draws": FEW} | options)


def test_wrong_ones_that_look_at_a_mark_are_told_from_right_ones_that_look_at_the_retina():
    generator = np.random.default_rng(0)
    labels = generator.permutation(["ill"] * 60 + ["normal"] * 20)
    maps = [noisy(generator, (0.6, 0.6) if label == "normal" else (0, 0)) for label in labels]
    found = find(called(np.zeros(80, int), labels, maps))
    rows = found.compared.in_class
    assert (found.counts.right, found.counts.wrong) == (60, 20)
    assert rows["place_at_the_edge_lower_right"].apart
    assert rows["place_at_the_edge_lower_right"].superiority > 0.95
    assert rows["hottest_from_middle"].apart
    assert rows["edge"].apart
    assert not rows["lot"].apart
    assert found.places["ill, wrong"].follows == "photo"
    assert found.places["ill, wrong"].commonest == "at the edge, lower right"
    said = " ".join(found.findings)
    assert "evidence at the edge, lower right of the photo" in said
    assert "ill, wrong: the map is hottest at the edge, lower right, in 100% of 20 photos" in said
    assert found.failures[0].predicted.place == "at the edge, lower right"


def test_a_mark_that_right_and_wrong_ones_look_at_alike_is_named_for_the_class():
    generator = np.random.default_rng(1)
    labels = generator.permutation(["ill"] * 40 + ["normal"] * 15)
    found = find(called(np.zeros(55, int), labels, [noisy(generator, (0.6, 0.6)) for _ in labels]))
    assert not any(row.apart for row in found.compared.in_class.values())
    assert found.places["ill, all"].follows == "photo"
    (said,) = (each for each in found.at_one_place if "as ill" in each)
    assert not any("as ill" in each for each in found.findings)
    assert "ill, all: the map is hottest at the edge, lower right, in 100% of 55 photos" in said
    assert "100% of 15 wrong ones" in said
    assert "a mark" in said


def test_evidence_on_the_disc_is_no_mark():
    generator = np.random.default_rng(2)
    labels = generator.permutation(["ill"] * 40 + ["normal"] * 20)
    side = (RIGHT.disc[0], -RIGHT.disc[0])
    maps = [noisy(generator, (side[at % 2], RIGHT.disc[1])) for at in range(60)]
    found = find(called(np.zeros(60, int), labels, maps))
    assert found.places["ill, all"].follows in ("eye", "nothing")
    assert found.findings == (
        "Nothing that was measured sets wrong predictions apart from right ones.",
    )


def test_random_maps_and_labels_are_seldom_called_apart():
    tables, small, placed = [], [], []
    for seed in range(12):
        generator = np.random.default_rng(seed)
        tops = np.repeat(generator.integers(0, 2, 60), 2)
        labels = np.array(CLASSES)[np.repeat(generator.integers(0, 2, 60), 2)]
        maps = np.repeat(generator.random((60, 7, 7)), 2, axis=0)  # a person's photos are alike
        persons = np.arange(120) // 2
        found = find(called(tops, labels, maps, persons=persons), draws=NOISE)
        rows = found.compared.in_class
        tables.append(any(row.apart for row in rows.values()))
        small += [row.p_value < 0.05 for row in rows.values() if row.p_value is not None]
        placed.append(any(each.follows != "nothing" for each in found.places.values()))
    assert sum(tables) <= 3  # of 12, where 0.6 are expected: more has a probability below 0.3 %
    assert sum(placed) <= 3
    assert np.mean(small) < 0.08


def test_what_one_source_alone_explains_isnt_apart_within_it():
    generator = np.random.default_rng(3)
    sources = np.array(["a", "b"])[generator.integers(0, 2, 160)]
    wrong = generator.random(160) < np.where(sources == "a", 0.5, 0.1)
    maps = [noisy(generator, (0, 0), noise=2.0 if source == "a" else 0.2) for source in sources]
    labels = np.where(wrong, "normal", "ill")
    found = find(called(np.zeros(160, int), labels, maps, sources=sources))
    assert found.compared.in_class["entropy"].apart
    assert not found.compared.in_class_and_source["entropy"].apart
    assert found.sources.p_value < 0.01
    assert found.sources.by_name["a"].wrong.value > found.sources.by_name["b"].wrong.value + 0.2
    assert "not shown within the same source" in " ".join(found.findings)
    assert "The source tells wrong predictions" in found.findings[-1]


def test_photos_are_counted_as_right_wrong_unsure_unknown_or_refused():
    labels = ["ill"] * 10 + ["normal", None, None, "ill"]
    given = called(np.zeros(14, int), labels, [spot(0, 0)] * 14)
    photos = list(given.photos)
    photos[0] = replace(photos[0], fault="it is blurred")
    photos[12] = replace(photos[12], excluded="ill")
    given = replace(given, photos=tuple(photos))
    found = find(given, unsure=0.2)
    counts = found.counts
    assert (counts.photos, counts.refused, counts.unknown) == (13, 1, 1)
    assert (counts.right, counts.wrong, counts.unsure) == (10, 2, 2)
    assert found.confusions == {"normal called ill": 1, "not ill called ill": 1}
    wrong, unsure = found.failures[:2], found.failures[2:]
    assert {each.row for each in wrong} == {10, 12}
    excluded = next(each for each in wrong if each.excluded)
    assert (excluded.true, excluded.other, excluded.maps_alike) == (None, None, None)
    sure = given.probabilities.max(axis=1)
    assert {each.row for each in unsure} == set(1 + np.argsort(np.r_[sure[1:10], sure[13]])[:2])
    assert unsure[0].other.class_name == "normal"
    assert counts.without_evidence_for_true == 1
    assert "confidence" in found.compared.in_class
    assert "confidence" not in found.compared.unsure  # by which they were chosen
    assert "couldn't be compared" in found.findings[0]
    assert "5 persons" in found.findings[0]


def test_wrong_ones_come_by_confidence_and_the_same_seed_gives_the_same():
    generator = np.random.default_rng(4)
    tops = generator.integers(0, 2, 40)
    labels = np.array(CLASSES)[generator.integers(0, 2, 40)]
    given = called(tops, labels, generator.random((40, 7, 7)))
    first, again = (json.dumps(plain(find(given)), allow_nan=False) for _ in range(2))
    assert first == again
    sure = [each.predicted.probability for each in find(given).failures if each.wrong]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.parametrize("labels", [["ill"] * 12, [None] * 12, ["normal"] * 12])
def test_stores_without_wrong_or_without_right_or_known_ones_have_a_page(labels):
    given = called(np.zeros(12, int), labels, [spot(0, 0)] * 12)
    found = find(given)
    json.dumps(plain(found), allow_nan=False)
    page = failures_page(found, given, show=3)
    assert "For research and education only" in page
    if labels[0] is None:
        assert found.findings == (NO_LABELS,)
        assert page.count("class to judge by;") == 1
        assert "Wrong beside right" not in page
    else:
        assert "be compared with right ones" in page


def test_photos_that_are_gone_are_replaced_by_the_map_alone():
    given = called(np.zeros(12, int), ["normal"] * 4 + ["ill"] * 8, [spot(0, 0)] * 12)
    page = failures_page(find(given, unsure=0.25), given, show=3)
    assert page.count("the maps are alone") == 5  # three of four wrong ones, and two unsure ones
    assert page.count("<figure><img") == 12  # two maps each, and both averages of the class


def test_a_store_of_refused_photos_alone_is_said_to_have_none_left():
    given = called([1, 0, 1], ["ill", "normal", "ill"], [spot(0, 0)] * 3)
    photos = tuple(replace(each, fault="the photo is too dark") for each in given.photos)
    with pytest.raises(NoPhotoLeftError, match="too dark"):
        find_failures(replace(given, photos=photos), INFO, {}, draws=FEW)

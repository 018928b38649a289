"""How far the class can be told without the eye."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_fundus import draw_fundus

from tests.train.copied_photos import write
from train.audit.confounds import ALL, measure_confounds
from train.copies.facts import Facts, read_facts
from train.data.labelled import LabelledPhoto

COUNT = 120


@pytest.fixture(scope="module")
def facts(tmp_path_factory) -> Facts:
    photo = tmp_path_factory.mktemp("one") / "eye.png"
    write(photo, draw_fundus("normal", seed=0))
    found = read_facts([photo])[0]
    assert isinstance(found, Facts)
    return found


def labelled(labels, endings=("jpg", "jpg")):
    return [
        LabelledPhoto(Path(f"{index}.{endings[label]}"), int(label))
        for index, label in enumerate(labels)
    ]


def measured(facts, *, endings=("jpg", "jpg"), groups=None, **given):
    """Measure two classes of random photos; ``given`` fixes some of what is known of them."""
    generator = np.random.default_rng(0)
    labels = np.arange(COUNT) % 2
    rows = [
        replace(
            facts,
            size_bytes=int(generator.integers(1000, 9000)),
            field_colour=tuple(generator.uniform(0, 255, 3)),
            border_colour=tuple(generator.uniform(0, 9, 3)),
            **{name: values[label] for name, values in given.items()},
        )
        for label in labels
    ]
    photos = labelled(labels, endings)
    return measure_confounds(photos, rows, np.arange(COUNT) if groups is None else groups)


def test_where_nothing_gives_the_class_away_nothing_is_found(facts):
    found = measured(facts)
    assert found.majority == 0.5
    # Guessing among 120 photos has a standard deviation of 0.046.
    assert all(abs(value - 0.5) < 0.16 for value in found.accuracy.values())


@pytest.mark.parametrize(
    ("family", "given"),
    [
        ("file type", {"endings": ("jpg", "png")}),
        ("size", {"size": ((400, 400), (256, 256))}),
        ("aspect ratio", {"size": ((400, 400), (266, 400))}),
        ("border", {"dark_share": (0.1, 0.4)}),
    ],
)
def test_what_gives_the_class_away_is_named(family, given, facts):
    found = measured(facts, **given)
    assert found.accuracy[family] == 1
    assert found.accuracy[ALL] > 0.9
    assert found.accuracy["mean colour"] < 0.66


def test_a_group_is_never_in_two_folds_so_its_copies_teach_nothing(facts):
    colours = np.random.default_rng(1).uniform(0, 255, (COUNT // 4, 3))
    groups = np.arange(COUNT) // 4
    labels = groups % 2
    rows = [replace(facts, field_colour=tuple(colours[group])) for group in groups]
    by_group = measure_confounds(labelled(labels), rows, groups)
    by_photo = measure_confounds(labelled(labels), rows, np.arange(COUNT))
    assert by_photo.accuracy["mean colour"] > 0.85
    assert by_group.accuracy["mean colour"] < 0.75


def test_with_one_group_of_a_class_there_is_nothing_to_hold_out(facts):
    assert measured(facts, groups=np.arange(COUNT) % 2) is None

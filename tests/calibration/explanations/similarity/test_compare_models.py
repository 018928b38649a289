"""Two models' explanations of the same photos: matched by content, compared by class."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.likeness import MORE, UNJUDGED
from calibration.explanations.likeness_tables import beside, likeness_table
from calibration.explanations.map_pairs import OTHER_PERSON
from calibration.explanations.similarity.compare_models import OTHER_SEED, compare_models
from calibration.explanations.similarity.matched import match
from tests.calibration.explanations.made_eyes import RIGHT, explained, mirrored, spot
from train.metrics.intervals import Bootstrap

FEW = Bootstrap(200, 0)


def maps(seed, count=30):
    return np.random.default_rng(seed).normal(size=(count, 7, 7)).astype(np.float32)


def model(cams, **changes):
    return replace(explained([RIGHT] * len(cams), cams), **changes)


def compare(first, second, **options):
    return compare_models(first, second, field_degrees=45, bootstrap=FEW, **options)[0]


def with_tops(found, tops):
    shares = np.where(np.arange(2) == np.array(tops)[:, None], 0.9, 0.1).astype(np.float32)
    return replace(found, probabilities=shares)


def test_a_model_explains_as_itself_and_no_photo_differs():
    one = model(maps(0))
    found = compare(one, one)
    assert (found.agreeing.pairs, found.differing.pairs) == (30, 0)
    assert found.same_class.value == 1
    assert [each.value for each in found.agreeing.measures.values()] == pytest.approx(
        [1, 1, 1, 1, 0, 0, 0], abs=1e-6
    )
    assert found.agreeing.verdict == MORE
    assert found.differing.measures["pearson"].value is None
    assert found.differing.verdict == UNJUDGED


def test_photos_are_matched_by_content_whatever_their_order_and_the_others_are_named():
    one = model(maps(1, 10))
    order = np.array([7, 2, 9, 4, 0])
    other = one.taken(order)
    gone = replace(other.photos[1], sha256="f" * 64, path="new.jpg")
    refused = replace(other.photos[2], fault="it is blurred")
    again = replace(other.photos[3], path="copy.jpg")
    photos = (other.photos[0], gone, refused, other.photos[3], other.photos[4], again)
    other = replace(other.taken(np.array([0, 1, 2, 3, 4, 3])), photos=photos)
    found, a, b = match(one, other)
    assert [photo.path for photo in a.photos] == ["0.jpg", "4.jpg", "7.jpg"]
    np.testing.assert_array_equal(a.maps, b.maps)
    assert (found.first, found.second, found.matched) == (10, 6, 3)
    assert (found.twice, found.refused, found.only_second) == (1, 1, ("new.jpg",))
    assert "2.jpg" in found.only_first
    assert "9.jpg" not in found.only_first  # it is in both, but refused


def test_where_classes_differ_the_first_models_class_is_compared():
    one = with_tops(model(maps(2)), [0] * 30)
    other = with_tops(model(maps(2)), [0] * 20 + [1] * 10)
    found = compare(one, other)
    assert (found.agreeing.pairs, found.differing.pairs) == (20, 10)
    assert found.differing.measures["pearson"].value == pytest.approx(1)
    assert list(found.differing_by_class) == ["ill"]
    assert found.by_photo[25].first == "ill"
    assert found.by_photo[25].second == "normal"
    swapped = replace(other, maps=other.maps[:, ::-1])  # the other class's maps are the negatives
    assert compare(one, swapped).differing.measures["pearson"].value == pytest.approx(-1)


def test_another_seeds_model_stands_beside_where_it_predicts_the_class_too():
    one, noise = model(maps(3)), 0.5 * maps(4)
    seed = with_tops(model(maps(3) + noise), [0] * 12 + [1] * 18)
    found = compare(one, one, other_seed=seed).agreeing.controls
    assert next(iter(found)) == OTHER_SEED
    assert found[OTHER_SEED]["pearson"].photos == 12
    assert found[OTHER_PERSON]["pearson"].value < 0.3 < found[OTHER_SEED]["pearson"].value < 1
    assert OTHER_SEED not in compare(one, one).agreeing.controls


def test_beside_a_control_over_fewer_photos_stand_the_figures_over_these_alone():
    one, other = model(maps(8)), model(maps(8) + 0.5 * maps(9))
    seed = with_tops(model(maps(8) + maps(10)), [0] * 12 + [1] * 18)
    found = compare(one, other, other_seed=seed).agreeing
    alone = compare(one.taken(np.arange(12)), other).agreeing
    assert list(found.same_photos) == [OTHER_SEED]
    for name, each in found.same_photos[OTHER_SEED].items():
        assert (each.photos, each.value) == (12, pytest.approx(alone.measures[name].value))
    heads = likeness_table(found, "A and B")[0]
    at = heads.index(OTHER_SEED)
    assert heads[at - 1] == "A and B, the 12 of another seed's model"
    assert beside(found, OTHER_PERSON) is found.measures


def test_no_control_counts_a_photo_that_the_pair_has_no_figure_of():
    blank = maps(11)
    blank[:5] = -1  # nothing speaks for the class in either
    found = compare(model(blank), model(blank)).agreeing
    assert found.blank == 5
    assert {each["pearson"].photos for each in found.controls.values()} == {25}


def test_another_persons_photo_is_of_the_same_side_of_the_eye_where_one_is():
    eyes = [RIGHT, mirrored(RIGHT)] * 15
    one = explained(eyes, [spot(*eye.disc) for eye in eyes])
    found = compare(one, one).agreeing
    assert found.controls[OTHER_PERSON]["pearson"].value == pytest.approx(1)
    assert (found.other_side, found.other_class) == (0, 0)
    lonely = explained([RIGHT] + [mirrored(RIGHT)] * 29, one.maps[:, 0])
    assert compare(lonely, lonely).agreeing.other_side == 1


def test_the_chance_is_another_persons_photo_and_not_the_same_persons():
    alike = np.repeat(maps(5, 15), 2, axis=0)  # both photos of a person have one map
    found = compare(model(alike), model(alike))
    assert found.agreeing.controls[OTHER_PERSON]["pearson"].value == pytest.approx(0, abs=0.1)


def test_the_same_seed_gives_the_same_figures():
    one, other = model(maps(6)), model(maps(7))
    assert compare(one, other) == compare(one, other)

"""The measures of a map against marks."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from calibration.explanations.lesions.masks import TARGETS
from calibration.explanations.lesions.measures import (
    MEASURES,
    TOLERANCE,
    areas_under_curves,
    cell_ground,
    chance,
    judge,
    place_ground,
)
from edge_runtime.explain.gradcam import heatmap
from edge_runtime.explain.overlay import raise_heat
from edge_runtime.photo.field import circle
from tests.calibration.explanations.lesions.drawn import SIZE, drawn_eye

SHARE, TIMES, POINTING, AUPRC, AUROC = range(len(MEASURES))
BLOOD, DISC = TARGETS.index("haemorrhages"), TARGETS.index("optic_disc")


@pytest.fixture(scope="module")
def eye():
    return drawn_eye(3, lambda covered: covered[:3] / np.float32(255))


def test_the_areas_are_scikit_learns_with_equal_scores_and_places_marked_in_part():
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 40, 500).astype(np.float64)
    whole = (generator.random((3, 500)) < [[0.02], [0.3], [0.9]]).astype(np.float64)
    part = generator.random((2, 500)) * (generator.random((2, 500)) < 0.1)
    auprc, auroc = areas_under_curves(scores, np.concatenate([whole, part]))
    for at, marked in enumerate(whole):
        assert auprc[at] == pytest.approx(average_precision_score(marked, scores), abs=1e-9)
        assert auroc[at] == pytest.approx(roc_auc_score(marked, scores), abs=1e-9)
    twice, labels = np.tile(scores, 2), np.repeat([1, 0], 500)
    for at, marked in enumerate(part, 3):
        weights = np.concatenate([marked, 1 - marked])
        for found, theirs in ((auprc, average_precision_score), (auroc, roc_auc_score)):
            expected = theirs(labels, twice, sample_weight=weights)
            assert found[at] == pytest.approx(expected, abs=1e-9)


def test_even_evidence_is_chance_in_every_measure_and_what_is_outside_counts_for_nothing(eye):
    ground = place_ground(eye.marks.covered, eye.inside)
    even = np.where(eye.inside, 1.0, 50.0)
    found, expected = judge(even, ground), chance(ground)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert expected[BLOOD, SHARE] == pytest.approx(
        (eye.marks.covered[BLOOD] / 255.0)[eye.inside].sum() / eye.inside.sum()
    )


def test_evidence_on_the_marks_alone_reaches_nearly_all(eye):
    found = judge(eye.marks.covered[BLOOD] / 255.0, place_ground(eye.marks.covered, eye.inside))
    assert (found[BLOOD, [SHARE, POINTING, AUPRC, AUROC]] >= 0.95).all()
    assert found[BLOOD, TIMES] > 10
    assert found[DISC, SHARE] < 0.05
    cells = cell_ground(eye.marks.covered, eye.inside, cells=(7, 7))
    planted = np.zeros((7, 7))
    planted[cells.chosen] = cells.marked[BLOOD]
    np.testing.assert_allclose(judge(planted, cells)[BLOOD, [SHARE, POINTING, AUPRC, AUROC]], 1)


def test_random_maps_are_no_better_than_chance_but_broad_ones_lie_above_it_in_auprc(eye):
    generator = np.random.default_rng(1)
    noise = [generator.standard_normal((7, 7), np.float32) for _ in range(400)]
    grounds = (
        (
            place_ground(eye.marks.covered, eye.inside),
            lambda cells: raise_heat(heatmap(cells).values, SIZE),
        ),
        (cell_ground(eye.marks.covered, eye.inside, cells=(7, 7)), lambda cells: cells),
    )
    for ground, bring in grounds:
        mean = np.mean([judge(bring(cells), ground) for cells in noise], axis=0)
        by_chance = chance(ground)
        # Of 400 draws a standard error is about 0.01 to 0.03 of each.
        assert mean[BLOOD, TIMES] == pytest.approx(1, abs=0.1)
        assert mean[BLOOD, POINTING] < by_chance[BLOOD, POINTING] + 0.06
        assert mean[BLOOD, AUROC] == pytest.approx(0.5, abs=0.04)
        assert mean[BLOOD, AUPRC] > by_chance[BLOOD, AUPRC]


@pytest.mark.parametrize(("away", "hit"), [(-2, 1.0), (2, 0.0)])
def test_the_hottest_place_may_miss_by_the_tolerance_and_no_more(away, hit):
    covered = np.zeros((1, *SIZE), np.uint8)
    covered[0, 100, 80] = 255
    values = np.zeros(SIZE)
    values[100, 80 + round(TOLERANCE * SIZE[0]) + away] = 1
    assert judge(values, place_ground(covered, circle(SIZE)))[0, POINTING] == hit


def test_equally_hot_places_share_what_they_point_at():
    covered = np.zeros((1, *SIZE), np.uint8)
    covered[0, 100, 80] = 255
    values = np.zeros(SIZE)
    values[100, [80, 160]] = 1
    assert judge(values, place_ground(covered, circle(SIZE)))[0, POINTING] == 0.5


def test_a_map_with_nothing_for_the_class_has_none_of_its_evidence_on_marks_but_an_order(eye):
    found = judge(eye.marks.covered[BLOOD] / 255.0 - 2, place_ground(eye.marks.covered, eye.inside))
    assert found[BLOOD, [SHARE, TIMES, POINTING]].tolist() == [0, 0, 0]
    assert found[BLOOD, AUPRC] > 0.95


def test_what_is_not_marked_has_no_figures(eye):
    ground = place_ground(eye.marks.covered, eye.inside)
    absent = TARGETS.index("soft_exudates")
    assert np.isnan(judge(np.ones(SIZE), ground)[absent]).all()
    assert np.isnan(chance(ground)[absent]).all()
    full = np.full((1, *SIZE), 255, np.uint8)
    assert np.isnan(judge(np.ones(SIZE), place_ground(full, circle(SIZE)))[0, 3:]).all()


def test_cells_that_hold_any_of_a_mark_are_marked_and_those_beyond_the_eye_left_out():
    covered = np.zeros((1, *SIZE), np.uint8)
    covered[0, 100, 80] = 1
    covered[0, 0, 0] = 255  # in the black corner
    ground = cell_ground(covered, circle(SIZE), cells=(7, 7))
    expected = np.zeros((7, 7))
    expected[3, 2] = 1
    np.testing.assert_array_equal(ground.marked[0], expected[ground.chosen])
    assert not ground.chosen[0, 0]
    assert ground.chosen.sum() == 37

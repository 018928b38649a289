"""Maps judged against marks, with their intervals, beside maps that know nothing."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from calibration.explanations.baseline_maps import baseline_maps
from calibration.explanations.lesions import judged as judged_module
from calibration.explanations.lesions.judged import (
    CONTROLS,
    LEVELS,
    MODEL,
    NAMED,
    PREDICTED,
    judge_eyes,
)
from calibration.explanations.lesions.lesions import (
    marked_of,
    on_marks,
    right_ones,
    trends_of,
)
from calibration.explanations.lesions.masks import TARGETS
from calibration.explanations.lesions.measures import MEASURES, judge, place_ground
from calibration.explanations.lesions.packed import packed
from calibration.explanations.lesions.rows import beside_others
from calibration.explanations.lesions.told_from_random import told_from_random
from edge_runtime.explain.gradcam import heatmap, inside_shares
from edge_runtime.explain.overlay import raise_heat
from tests.calibration.explanations.lesions.drawn import CLASSES, drawn_eye
from train.metrics.intervals import Bootstrap

PLACE, CELL = LEVELS
FEW = Bootstrap(resamples=400, seed=0)


def planted(covered):
    """Retinopathy by the lesions themselves, glaucoma by the disc, nothing for normal."""
    lesions, disc = covered[TARGETS.index("all_lesions")], covered[TARGETS.index("optic_disc")]
    return np.stack([lesions, disc, np.zeros_like(disc)]).astype(np.float32) / 255


def planted_cells(covered):
    """The same in 7 x 7 cells, by how much of each is marked."""
    return np.stack([inside_shares(each > 0, (7, 7)) for each in planted(covered)])


def nothing(covered):
    """No evidence for any class."""
    return np.zeros((3, 7, 7), np.float32)


def noise(seed):
    return lambda _: np.random.default_rng(900 + seed).standard_normal((3, 7, 7), np.float32)


def judged_of(eyes, *, seed=0, draws=3):
    return judge_eyes(eyes, classes=CLASSES, named=0, draws=draws, seed=seed)


def summarised(eyes, explained=NAMED):
    judged, groups = judged_of(eyes), np.array([eye.person for eye in eyes])
    told = told_from_random(judged, groups, seed=0)
    return on_marks(judged, explained, right_ones(eyes, 0), groups, FEW, told=told)


@pytest.fixture(scope="module")
def good():
    return [drawn_eye(seed, planted_cells) for seed in range(14)]


def test_a_model_that_looks_at_lesions_alone_is_found(good):
    fine = [drawn_eye(seed, planted) for seed in range(3)]
    own = summarised(fine)[PLACE]["all_lesions"].maps[MODEL]
    for measure in ("share", "pointing", "auprc", "auroc"):
        assert own[measure].value >= 0.95
    by_cell = summarised(good)[CELL]["all_lesions"]
    for measure in ("share", "pointing", "auprc", "auroc"):
        assert by_cell.maps[MODEL][measure].value >= 0.95
    assert set(by_cell.verdicts.values()) == {"better than random maps"}
    disc = summarised(good)[CELL]["optic_disc"]
    assert disc.verdicts["times"] == "worse than random maps"
    assert disc.maps["other class"]["times"].value == 0  # of normal: nothing speaks for it


def test_a_model_of_noise_is_not_told_from_chance():
    eyes = [drawn_eye(seed, noise(seed)) for seed in range(24)]
    for level in LEVELS:
        found = summarised(eyes)[level]["all_lesions"]
        assert found.verdicts["times"] == found.verdicts["auroc"] == "not told from random maps"
        low, high = found.maps[MODEL]["times"].interval
        assert low < 1 < high


def test_noise_in_the_models_place_gets_a_verdict_in_one_of_twenty_tables_at_most(good):
    judged, groups, found = judged_of(good, draws=20), np.arange(len(good)), 0
    for at in range(40):
        order = np.roll(np.arange(20), at) if at < 20 else np.roll(np.arange(20)[::-1], at)
        maps, drawn = dict(judged.maps), {}
        for level, values in judged.drawn.items():
            drawn[level] = values[order[1:5]]
            for explained in (PREDICTED, NAMED):
                maps[explained, level, MODEL] = values[order[0]].astype(float)
                maps[explained, level, "random"] = drawn[level].astype(float).mean(axis=0)
        noise = replace(judged, maps=maps, drawn=drawn)
        told = told_from_random(noise, groups, seed=at)
        tables = on_marks(noise, NAMED, right_ones(good, 0), groups, FEW, told=told)
        verdicts = {said for level in tables.values() for of in level.values()
                    for said in of.verdicts.values()}  # fmt: skip
        found += verdicts != {"not told from random maps"}
    assert found <= 7  # 2 of 40 are meant, 5 %; by luck up to 7 (binomial, 1 in 300)


def test_few_persons_are_not_judged_however_many_photos(good):
    of_two = [replace(eye, person=at % 2) for at, eye in enumerate(good)]
    found = summarised(of_two)[CELL]["all_lesions"]
    assert set(found.verdicts.values()) == {"not judged"}
    assert (found.photos, found.maps[MODEL]["times"].persons) == (14, 2)


def test_each_baseline_is_what_it_says(good):
    judged = judged_of(good)
    times, at = MEASURES.index("times"), TARGETS.index("optic_disc")
    glaucoma = [replace(eye, probabilities=np.float32([0.1, 0.8, 0.1])) for eye in good]
    other = judged_of(glaucoma).maps[PREDICTED, CELL, "other class"]
    assert (other[:, at, times] == 0).all()  # of normal, for which nothing speaks
    assert (judged_of(glaucoma).maps[PREDICTED, CELL, MODEL][:, at, times] > 3).all()
    normal = [replace(eye, probabilities=np.float32([0.1, 0.1, 0.8])) for eye in good]
    swapped = judged_of(normal).maps[PREDICTED, CELL, "other class"]
    np.testing.assert_array_equal(swapped, judged.maps[NAMED, CELL, MODEL])
    assert set(CONTROLS) | {MODEL} == {kind for *_, kind in judged.maps}
    alone = judged_of([replace(eye, person=0) for eye in good])
    assert np.isnan(alone.maps[NAMED, CELL, "other photo"]).all()


def test_a_map_is_judged_as_the_overlay_raises_it_and_the_centre_is_that_of_all_commands():
    eyes = [drawn_eye(seed, noise(seed)) for seed in range(3)]
    judged = judged_of(eyes)
    for at, eye in enumerate(eyes):
        ground = place_ground(eye.marks.covered, eye.inside)
        cells = inside_shares(eye.inside, (7, 7))
        bell = baseline_maps(cells[None], seed=0)["centre of the field"][0]
        for kind, cam in ((MODEL, eye.maps[0]), ("centre", bell)):
            shown = raise_heat(heatmap(cam).values, eye.inside.shape)
            np.testing.assert_array_equal(judged.maps[NAMED, PLACE, kind][at], judge(shown, ground))


def test_a_map_in_which_nothing_speaks_for_the_class_counts_as_none_of_its_evidence(good):
    found = summarised([*good[:2], drawn_eye(20, nothing)])
    for level in LEVELS:
        of = found[level]["all_lesions"]
        two = summarised(good[:2])[level]["all_lesions"].maps[MODEL]["times"].value
        assert of.maps[MODEL]["times"].photos == 3
        assert of.maps[MODEL]["times"].value == pytest.approx(2 / 3 * two)


def test_an_eye_is_kept_in_some_kilobytes(good):
    assert len(pickle.dumps(good[0])) < 20_000
    assert good[0].marks.covered.nbytes > 300_000


def test_other_photos_are_of_up_to_five_other_persons_however_many_photos_a_person_has(monkeypatch):
    eyes = [drawn_eye(seed, nothing, person=0) for seed in range(6)]
    eyes += [drawn_eye(seed, nothing) for seed in range(6, 12)]
    taken = []

    def counted(found):
        taken.append(len(found))
        return found[0]

    monkeypatch.setattr(judged_module, "known_mean", counted)
    judged_of(eyes[:1] + eyes[6:], draws=1)
    assert set(taken) == {1, 5}
    taken.clear()
    judged_of([*eyes[:6], eyes[6]], draws=1)
    assert set(taken) == {1}  # of the one, one of the other's six; of the six, the one's


def test_maps_of_other_photos_are_of_the_same_side_of_the_eye():
    left = [drawn_eye(seed, planted_cells) for seed in (0, 1)]
    right = [drawn_eye(seed, noise(seed)) for seed in (2, 3, 4)]
    sided = [replace(eye, side=side) for side, eyes in (("left", left), ("right", right))
             for eye in eyes]  # fmt: skip
    found = judged_of(sided).maps[NAMED, CELL, "other photo"]
    of_left = judged_of(left).maps[NAMED, CELL, "other photo"]
    np.testing.assert_array_equal(found[:2], of_left)


def test_maps_of_other_photos_are_of_those_that_the_model_calls_the_same():
    ill = [drawn_eye(seed, planted_cells) for seed in range(2)]
    well = [drawn_eye(seed, nothing, probabilities=(0.1, 0.1, 0.8)) for seed in range(2, 8)]
    other = judged_of([*ill, *well]).maps[NAMED, CELL, "other photo"]
    lesions, times = TARGETS.index("all_lesions"), MEASURES.index("times")
    own = judged_of(ill).maps[NAMED, CELL, "other photo"]
    np.testing.assert_array_equal(other[:2, lesions], own[:, lesions])
    assert np.isfinite(own[:, lesions, times]).all()


def test_the_same_seed_gives_the_same_figures_and_another_does_not(good):
    first, again, other = (judged_of(good[:3], seed=seed).maps for seed in (4, 4, 5))
    for key, values in first.items():
        np.testing.assert_array_equal(values, again[key])
    random = NAMED, PLACE, "random"
    assert not np.array_equal(first[random], other[random], equal_nan=True)


def test_right_and_wrong_predictions_are_told_apart():
    right = [drawn_eye(seed, planted_cells) for seed in range(6)]
    wrong = [drawn_eye(seed, noise(seed), probabilities=(0.1, 0.1, 0.8)) for seed in range(6, 12)]
    found = summarised([*right, *wrong])[CELL]["all_lesions"]
    assert (found.right["times"].photos, found.wrong["times"].photos) == (6, 6)
    assert found.right["times"].value > 2 * found.wrong["times"].value
    low, _ = found.right_less_wrong["times"].interval
    assert low > 0
    assert found.right_less_wrong["times"].value == pytest.approx(
        found.right["times"].value - found.wrong["times"].value
    )
    whole = summarised(right)[CELL]["all_lesions"].right_less_wrong["times"]
    assert (whole.value, whole.note) == (None, "it needs right and wrong predictions")


def test_a_photo_without_a_lesion_is_neither_right_nor_wrong(good):
    blank = replace(good[0], marks=replace(good[0].marks, kept=packed(0 * good[0].marks.covered)))
    assert np.isnan(right_ones([blank], 0)[0])
    assert right_ones([good[0]], 0)[0] == 1
    assert right_ones([good[0]], 2)[0] == 0
    marked = marked_of(judged_of([blank, good[1]]), [blank, good[1]], np.arange(2), FEW)
    assert {name: each.photos for name, each in marked.items()} == {
        "haemorrhages": 1, "all_lesions": 1, "optic_disc": 1,
    }  # fmt: skip


def test_trends_are_scipys_and_even_evidence_is_told_from_concentrated():
    eyes = [
        drawn_eye(seed, lambda _: np.ones((3, 7, 7), np.float32),
                  probabilities=(0.5 + seed / 40, 0.1, 0.1))
        for seed in range(12)
    ]  # fmt: skip
    judged = judged_of(eyes, draws=1)
    found = trends_of(judged, eyes, 0, np.arange(12), FEW)["haemorrhages"]
    area = judged.area[:, TARGETS.index("haemorrhages")]
    probability = [eye.probabilities[0] for eye in eyes]
    assert found.share_by_area.value == pytest.approx(1)
    expected = spearmanr(area, probability).statistic
    assert found.probability_by_area.value == pytest.approx(expected)
    assert found.probability_by_area.interval[0] < expected < found.probability_by_area.interval[1]
    few = trends_of(judged_of(eyes[:2], draws=1), eyes[:2], 0, np.arange(2), FEW)["haemorrhages"]
    assert (few.evenly.value, few.evenly.note) == (None, "an order needs at least 3 photos")


def centred(_):
    """Evidence in the middle of the field, whatever is there."""
    rows, columns = np.mgrid[-3:4, -3:4]
    bell = np.exp(-(rows**2 + columns**2) / (2 * 1.75**2)).astype(np.float32)
    return np.stack([bell, bell, bell])


def test_a_map_that_a_bell_in_the_middle_equals_is_not_called_better_than_it(good):
    found = summarised([drawn_eye(seed, centred) for seed in range(14)])[CELL]["all_lesions"]
    beating = {"times": "better than random maps"}
    said = beside_others(replace(found, verdicts=beating), "times")
    assert said.startswith("better than random maps, not shown to be better than the centre")
    assert found.gains["centre"]["times"].interval[0] <= 0
    own = summarised(good)[CELL]["all_lesions"]
    assert beside_others(own, "times") == "better than random maps"

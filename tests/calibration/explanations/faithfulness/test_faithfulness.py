"""Maps are told to be as good as they are, on eyes whose evidence is known."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from calibration.explanations.estimate import estimate
from calibration.explanations.faithfulness import faithfulness as faithfulness_module
from calibration.explanations.faithfulness.deletion import (
    area_under,
    blurred,
    mean_colour,
    replaced,
)
from calibration.explanations.faithfulness.faithfulness import FaithOptions, measure_faithfulness
from calibration.explanations.faithfulness.map_orders import CONTROLS, control_maps, pixel_order
from calibration.explanations.faithfulness.shown_in_part import Said, say
from calibration.explanations.reliability import reliability
from edge_runtime.system.codec import plain
from tests.calibration.explanations.faithfulness.planted import (
    CELLS,
    PLACES,
    SQUARE,
    ask,
    cells_of,
    evidence,
    eye_at,
)
from train.metrics.intervals import Bootstrap

QUICK = Bootstrap(resamples=400)
OPTIONS = FaithOptions(steps=10, draws=3, threads=2)
SCALES = ("probability", "logit")


def measured(eyes, **changed):
    options = FaithOptions(**{**vars(OPTIONS), **changed})
    found = measure_faithfulness(ask, eyes, options=options, bootstrap=QUICK)
    return found, {(each.name, each.scale): each for each in found.measures}


@pytest.fixture(scope="module")
def perfect():
    return measured([eye_at(place, person) for person, place in enumerate(PLACES)])


def test_a_perfect_map_reaches_what_can_be_reached():
    eye = eye_at(PLACES[0], 0)
    with ThreadPoolExecutor(1) as pool:
        said = say(
            ask, eye, evidence(PLACES[0]).astype(np.float32), steps=20,
            generator=np.random.default_rng(0), pool=pool,
        )  # fmt: skip
    found = said.measures()
    shares = np.linspace(0, 1, 21)
    area = SQUARE**2 / eye.inside.sum()
    gone = area_under(shares, np.clip(1 - shares / area, 0, 1))
    attainable = (1 - gone) - gone  # what comes back is what would have gone
    reached = found["insertion", "probability"] - found["deletion", "probability"]
    assert attainable >= reached >= 0.95 * attainable
    assert found["ROAD, difference", "probability"] == 1  # all of it goes, and then none of it
    assert said.kept.tolist() == [1, 1, 1]


def test_a_perfect_map_of_coarse_cells_is_better_than_all_controls(perfect):
    result, measures = perfect
    assert result.photos == result.persons == len(PLACES)
    for each in measures.values():
        assert each.verdict == "better than chance", each.name
        assert set(each.gains) == set(CONTROLS)
        assert all(gain.interval[0] > 0 for gain in each.gains.values()), each.name
    assert [each.kept.value for each in result.sufficiency] == [1, 1, 1]
    assert result.sufficiency[0].random.value < 0.5


def test_photos_agree_that_a_perfect_map_is_best(perfect):
    _, measures = perfect
    agreed = measures["insertion", "probability"].agreement
    assert 0.3 < agreed.single < agreed.mean_of_all <= 1
    assert agreed.photos == len(PLACES)


def test_curves_end_where_all_maps_must(perfect):
    result, _ = perfect
    for name in ("model", *CONTROLS):
        gone = result.curves.deletion[f"{name} probability"]
        back = result.curves.insertion[f"{name} probability"]
        assert (gone[0], gone[-1]) == (1, 0)
        assert (back[0], back[-1]) == (0, 1)


def test_a_random_map_is_not_told_from_chance():
    noise = np.random.default_rng(5).standard_normal((len(PLACES), CELLS, CELLS), np.float32)
    _, measures = measured([eye_at(p, i, noise[i]) for i, p in enumerate(PLACES)])
    assert {each.verdict for each in measures.values()} == {"not told from chance"}


def test_noise_gets_a_verdict_in_one_of_twenty_runs_at_most(monkeypatch):
    """What the model says is drawn too, so that its map is as good as any random one."""
    draw, found = np.random.default_rng(7), 0

    def says(*_, steps, **__):
        deletion, insertion = draw.random((2, 2, steps + 1))
        morf, lerf = draw.random((2, 2, 3))
        return Said(deletion, insertion, morf, lerf, draw.integers(0, 2, 3).astype(float))

    monkeypatch.setattr(faithfulness_module, "say", says)
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES * 2)]
    for seed in range(40):
        options = FaithOptions(steps=2, draws=3, seed=seed, threads=1)
        result = measure_faithfulness(ask, eyes, options=options, bootstrap=Bootstrap(40, seed))
        found += {each.verdict for each in result.measures} != {"not told from chance"}
    assert found <= 7  # 2 of 40 are meant, 5 %; by luck up to 7 (binomial, 1 in 300)


def test_a_reversed_map_is_worse_than_chance():
    eyes = [eye_at(place, person, -cells_of(place)) for person, place in enumerate(PLACES)]
    _, measures = measured(eyes)
    for scale in SCALES:
        for name in ("deletion", "insertion", "ROAD, difference"):
            assert measures[name, scale].verdict == "worse than chance", name


def test_the_same_seed_gives_the_same_figures_and_another_gives_others():
    eyes = [eye_at(place, person) for person, place in enumerate(PLACES[:3])]
    first, second, other = (
        json.dumps(plain(measured(eyes, seed=seed, threads=threads)[0]), allow_nan=False)
        for seed, threads in ((3, 1), (3, 2), (4, 1))
    )
    assert first == second != other


def test_photos_of_one_person_give_no_interval_and_no_other_photo():
    eyes = [eye_at(place, 7) for place in PLACES[:3]]
    result, measures = measured(eyes)
    assert result.persons == 1
    assert {each.verdict for each in measures.values()} == {"not judged"}
    assert "other photo" not in measures["deletion", "logit"].maps
    assert "1 group" in measures["deletion", "logit"].maps["model"].note


def test_areas_are_those_of_the_trapezoids():
    assert area_under([0, 0.5, 1], [1, 0.5, 0]) == 0.5
    assert area_under([0, 0.25, 1], [[0, 1, 1], [1, 1, 1]]).tolist() == [0.875, 1]


def test_only_the_eye_is_touched_and_no_black_is_blurred_into_it():
    eye = eye_at(PLACES[0], 0)
    soft = blurred(eye.image, eye.inside)
    assert (soft[~eye.inside] == 0).all()
    assert soft[eye.inside].min(axis=0).tolist() == [120, 60, 40]
    assert soft[..., 0].max() < 255
    order = pixel_order(np.zeros(eye.inside.shape, np.float32), eye.inside)
    whole = replaced(eye.image, mean_colour(eye.image, eye.inside), order, [1.0])[0]
    assert (whole[~eye.inside] == 0).all()
    assert len(np.unique(whole[eye.inside], axis=0)) == 1


def test_the_hottest_pixels_come_first_and_what_speaks_against_the_class_last():
    values = np.array([[3, -2], [9, 0]], np.float32)
    inside = np.array([[True, True], [False, True]])
    assert pixel_order(values, inside).tolist() == [0, 3, 1]


def test_another_photos_map_is_of_another_person_and_of_the_same_class():
    eyes = [eye_at(PLACES[0], 0), eye_at(PLACES[1], 0), eye_at(PLACES[2], 1)]
    eyes.append(type(eyes[0])(eyes[0].image, eyes[0].inside, 0, eyes[0].maps, 2))
    for seed in range(5):
        (found,) = control_maps(eyes, 0, draws=1, generator=np.random.default_rng(seed))[
            "other photo"
        ]
        middle = PLACES[2][0] + SQUARE // 2, PLACES[2][1] + SQUARE // 2
        assert found[middle] > 0.9


def test_another_photos_map_is_of_the_same_side_where_one_is():
    eyes = [replace(eye_at(PLACES[0], 0), side="left"), replace(eye_at(PLACES[1], 1), side="right")]
    eyes.append(replace(eye_at(PLACES[2], 2), side="left"))
    for seed in range(5):
        generator = np.random.default_rng(seed)
        (found,) = control_maps(eyes, 0, draws=1, generator=generator)["other photo"]
        middle = PLACES[2][0] + SQUARE // 2, PLACES[2][1] + SQUARE // 2
        assert found[middle] > 0.9


def test_the_consistency_of_raters_is_that_of_the_textbook():
    # Shrout and Fleiss, Psychological Bulletin 86, 1979, table 2: ICC(3,1) 0.71, ICC(3,4) 0.91.
    ratings = np.array(
        [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]], float
    )
    found = reliability(ratings, np.arange(4), bootstrap=QUICK)
    assert round(found.single, 2) == 0.71
    assert round(found.mean_of_all, 2) == 0.91


def test_a_mean_leaves_out_photos_without_a_value_and_counts_persons():
    found = estimate([1, 2, np.nan, 6], np.array([0, 0, 1, 2]), bootstrap=QUICK)
    assert (found.value, found.photos, found.persons) == (3, 3, 2)
    assert found.interval == (1.5, 6)
    assert estimate([np.nan], np.array([0]), bootstrap=QUICK).value is None

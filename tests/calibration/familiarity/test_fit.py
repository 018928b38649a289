"""Familiarity is near 0 for what looks like training, beyond 1 for drawings and the strange."""

import numpy as np
import pytest

from calibration.familiarity.drawn import KINDS, draw_picture
from calibration.familiarity.fit import fit_familiarity
from edge_runtime.photo.round_field import round_field

K = 40


def features(count, seed, *, shift=0.0):
    """Draw features that vary along ten directions, with a little noise in the rest."""
    generator = np.random.default_rng(seed)
    along = generator.normal(0, 1, (count, 10)) * np.linspace(3, 1, 10)
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(K, 10)))[0].T
    found = 5 + along @ basis + generator.normal(0, 0.05, (count, K))
    return np.asarray(found + shift, np.float32)


@pytest.fixture(scope="module")
def fitted():
    drawn = features(100, 3)
    drawn[:, 7] += 6
    return fit_familiarity(features(400, 1), features(200, 2), drawn, labels=["a", "b"] * 100)


def test_photographs_like_those_of_training_are_near(fitted):
    near = fitted.distance(features(500, 4))
    assert (near <= 1).mean() > 0.98
    assert np.median(near) < 0.7


def test_drawings_and_features_of_another_kind_are_far(fitted):
    drawn = features(100, 5)
    drawn[:, 7] += 6
    assert (fitted.distance(drawn) > 1).mean() > 0.95
    strange = np.random.default_rng(6).normal(5, 1, (100, K)).astype(np.float32)
    assert (fitted.distance(strange) > 1).all()


def test_the_share_of_a_validation_photograph_is_its_rank(fitted):
    shares = [fitted.share_beyond(each) for each in fitted.distance(features(200, 2))]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.02)


def test_a_class_that_looks_unlike_the_others_is_not_refused_for_it():
    """A cataract is rare, and nothing that the directions of training express."""
    rare = features(24, 8)
    rare[:, 12] += 1.5
    validation, drawn = np.concatenate([features(4000, 2), rare]), features(100, 3, shift=9)
    labels = ["normal"] * 4000 + ["cataract"] * 24
    training = features(400, 1)
    told = fit_familiarity(training, validation, drawn, labels=labels)
    untold = fit_familiarity(training, validation, drawn, labels=["any"] * 4024)
    assert (told.distance(rare) <= 1).mean() > 0.95
    assert (untold.distance(rare) > 1).mean() > 0.5


def test_each_kind_is_drawn_in_a_round_frame_anew_each_time():
    generator = np.random.default_rng(0)
    for kind in KINDS:
        one, other = (draw_picture(kind, generator) for _ in range(2))
        assert one.shape == (448, 448, 3)
        assert one.dtype == np.uint8
        assert not one[0, 0].any()
        assert one[224].any()
        assert (one != other).any()
        assert round_field(one, size=(64, 64)).frame > 0.9

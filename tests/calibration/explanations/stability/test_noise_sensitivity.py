"""Max-sensitivity and the Lipschitz estimate are those of the formulas."""

import numpy as np
import pytest

from calibration.explanations.stability.noise_sensitivity import NoiseBall, noisy, sensitivity
from tests.calibration.explanations.stability.toys import a_field


def test_noise_stays_in_its_ball_and_in_the_eye():
    field, ball = a_field(), NoiseBall(radius=3, draws=4)
    near = noisy(field.image, field.inside, ball, seed=0)
    steps = near.astype(int) - field.image
    assert near.shape == (4, *field.image.shape)
    assert set(np.unique(steps)) == set(range(-3, 4))
    assert not steps[:, ~field.inside].any()
    again = noisy(field.image, field.inside, ball, seed=0)
    assert near.tobytes() == again.tobytes()
    assert (near != noisy(field.image, field.inside, ball, seed=1)).any()


def test_the_largest_change_of_the_draws_counts():
    image = np.full((4, 4, 3), 100, np.uint8)
    near = np.stack([image, image])
    near[0, 0, 0, 0] = 151  # 0.2 of the range away
    near[1, :2, 0, 0] = 151
    cam = np.array([[3, 4]], np.float32)
    found = sensitivity(image, cam, near, np.array([[[3, 5]], [[6, 8]]], np.float32))
    assert found.max_sensitivity == pytest.approx(5)
    assert found.relative == pytest.approx(1)
    assert found.lipschitz == pytest.approx(5 / (0.2 * np.sqrt(2)))


def test_a_map_that_doesnt_move_has_none():
    image, cam = np.full((4, 4, 3), 100, np.uint8), np.ones((2, 2), np.float32)
    found = sensitivity(image, cam, image[None], cam[None])
    assert (found.max_sensitivity, found.lipschitz) == (0, 0)

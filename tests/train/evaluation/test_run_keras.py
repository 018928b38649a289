"""A Keras model is believed only where its answers are numbers."""

import numpy as np
import pytest

from edge_runtime.errors import AnswerInvalidError
from train.data.truth import Truth
from train.evaluation.answered import Photos
from train.evaluation.run_keras import ask_keras


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_ends_an_evaluation_in_a_sentence(value, monkeypatch):
    labels = np.array([0, 1])
    images = np.zeros((2, 8, 8, 3), np.uint8)
    photos = Photos(
        ("a.jpg", "b.jpg"), Truth(labels, np.full(2, -1), ("", ""), ("", "")), labels, images
    )
    shares = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    maps = np.full((2, 3, 3), value, np.float32)
    monkeypatch.setattr("train.evaluation.run_keras.class_maps", lambda *_, **__: maps)
    answered = ask_keras(None, photos, ("ill", "normal"), probabilities=shares)
    with pytest.raises(AnswerInvalidError, match=r"'model\.keras' answered with 'cam'"):
        answered.maps(np.array([0, 1]))
    shares[1, 0] = value
    with pytest.raises(AnswerInvalidError, match=r"'model\.keras' answered with 'probabilities'"):
        ask_keras(None, photos, ("ill", "normal"), probabilities=shares)

"""Ask a Keras model about prepared photos."""

from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.engine.answer import check_answer
from train.evaluation.answered import Answered, Photos
from train.network.flips import predict
from train.network.heatmaps import class_maps

_MODEL = "model.keras"


def ask_keras(
    model: keras.Model,
    photos: Photos,
    classes: tuple[str, ...],
    *,
    flips: bool = False,
    probabilities: npt.NDArray[np.float32] | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> Answered:
    """Predict photos; their maps are computed when they are asked for.

    Args:
        model: As ``train.network.model.build_model`` makes it.
        photos: N photos, at least one.
        classes: The C class names in the model's order.
        flips: Whether to predict by the mean over ``train.network.flips.FLIPS``.
        probabilities: (N, C), what the model says of the photos, if that is known already.
        on_step: Called after each of ``train.network.flips.steps`` steps of the prediction.

    Raises:
        AnswerInvalidError: An answer isn't numbers, likewise of the maps when they are asked for.
    """
    if probabilities is None:
        probabilities = predict(model, photos.images, flips=flips, on_step=on_step)
    check_answer({PROBABILITIES: probabilities}, _MODEL)
    tops = probabilities.argmax(axis=1)

    def maps(chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        found = class_maps(model, photos.images[chosen], tops[chosen], flips=flips)
        check_answer({CAM: found}, _MODEL)
        return found

    return Answered(photos, probabilities, classes, maps)

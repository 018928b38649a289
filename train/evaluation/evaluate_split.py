"""Evaluate a Keras model on the photos of one split and write down all of it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from edge_runtime.system.folders import check_absent
from train.data.truth import Truth
from train.evaluation.answered import Answered
from train.evaluation.measure import evaluate_answers, split_title
from train.network.flips import predict
from train.network.heatmaps import class_maps


def evaluate_split(
    model: keras.Model,
    images: npt.NDArray[np.uint8],
    truth: Truth,
    groups: npt.NDArray[np.integer],
    classes: tuple[str, ...],
    *,
    photos: Sequence[str],
    name: str,
    out: Path | None = None,
    flips: bool = False,
    probabilities: npt.NDArray[np.float32] | None = None,
    resamples: int = 2000,
    seed: int = 0,
    caution: str = "",
    origin: Mapping[str, Any] | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Predict photos, measure the predictions, and write a folder with everything about them.

    The folder is that of ``train.evaluation.folder``.

    Args:
        model: As ``train.network.model.build_model`` makes it.
        images: uint8 (N, height, width, 3), RGB, prepared; N at least 1.
        truth: What is known of the N photos; the class of one at least.
        groups: (N,), the group of each photo, any integers.
        classes: The C class names in the model's order.
        photos: N names that a person finds the photos by.
        name: What is evaluated: the split.
        out: The folder to make; None to write nothing.
        flips: Whether to predict by the mean over ``train.network.flips.FLIPS``.
        probabilities: (N, C), what the model says of the photos, if that is known already.
        resamples: Bootstrap draws of the groups.
        seed: Seed of the draws.
        caution: What a reader of any table or plot must know; it stands in their titles.
        origin: More to write into ``metrics.json``: where model and photos come from.
        on_step: Called after each of ``train.network.flips.steps`` steps of the prediction.

    Returns:
        The content of ``metrics.json``: what ``evaluate_answers`` returns, and
        ``test_time_flips``.

    Raises:
        OutputExistsError: Something stands at ``out``.
        OutputFailedError: It can't be written there.
    """
    if out is not None:
        check_absent(out)
    if probabilities is None:
        probabilities = predict(model, images, flips=flips, on_step=on_step)
    known = probabilities

    def maps(chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        tops = known[chosen].argmax(axis=1)
        return class_maps(model, images[chosen], tops, flips=flips)

    return evaluate_answers(
        Answered(photos, truth, groups, known, classes, images, maps),
        name=name,
        title=split_title(name, flips=flips, caution=caution),
        out=out,
        resamples=resamples,
        seed=seed,
        origin={**(origin or {}), "test_time_flips": flips},
    )

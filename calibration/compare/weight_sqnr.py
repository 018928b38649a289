"""Find out whether a model still has the weights of its original, layer by layer.

Photographs don't always show that one layer was harmed: the layers behind it may even it out.
Its weights do. Rounding to 7 or 8 bits per channel leaves a ResNet50's layers above 30 dB; noise of
a fifth of the weights' own size is 14 dB.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.compare.sqnr import sqnr_db
from calibration.models.model_under_test import ModelUnderTest
from calibration.models.weights import HEAD, LayerWeights

#: Stands for no error at all; minus as much for values that are no numbers or have no signal.
MOST_DB = 200.0

_Pairs = list[tuple[LayerWeights, LayerWeights]]


@dataclass(frozen=True)
class TensorWeights:
    """A tensor of weights and how far it is from the original's, in decibels."""

    name: str
    sqnr_db: float


@dataclass(frozen=True)
class WeightComparison:
    """How far a model's weights are from its original's.

    ``sqnr_db`` is that of the worst tensor, in decibels within ``MOST_DB`` on both sides, and
    ``tensors`` are all of them, worst first. Or None, no tensors and the ``reason``.
    """

    sqnr_db: float | None = None
    tensors: tuple[TensorWeights, ...] = ()
    reason: str | None = None


def weight_sqnr(model: ModelUnderTest, original: ModelUnderTest) -> WeightComparison:
    """Compare a model's weights with its original's, see ``compare_weights``.

    Nothing is compared where a model's weights can't be read or its layers aren't those of the
    original.
    """
    if model.weights is None or original.weights is None:
        return WeightComparison(reason="the weights of one of the models can't be read")
    try:
        first, second = model.weights(), original.weights()
    except ValueError as error:
        return WeightComparison(reason=str(error))
    return compare_weights(first, second, heads=model.classes == original.classes)


def compare_weights(
    model: Sequence[LayerWeights], original: Sequence[LayerWeights], *, heads: bool = True
) -> WeightComparison:
    """Compare weights, matched by the layers' names or else by their order and shapes.

    Their ``heads`` too, where both have the same tensors; such as have their classes in another
    order can't be.
    """
    pairs = _matched(*([t for t in each if t.layer != HEAD] for each in (model, original)))
    if not pairs:
        return WeightComparison(reason="its layers can't be matched with those of the original")
    if heads:
        pairs += _matched(*([t for t in each if t.layer == HEAD] for each in (model, original)))
    tensors = sorted(
        (TensorWeights(first.name, _decibels(first, second)) for first, second in pairs),
        key=lambda tensor: (tensor.sqnr_db, tensor.name),
    )
    return WeightComparison(tensors[0].sqnr_db, tuple(tensors))


def _matched(model: Sequence[LayerWeights], original: Sequence[LayerWeights]) -> _Pairs:
    """Pair tensors; none if they aren't those of one architecture."""

    def plain(tensor: LayerWeights) -> str:
        """Leave out the number that a converter appends to a layer's name."""
        return f"{re.sub(r'_[0-9]+$', '', tensor.layer)} {tensor.kind}"

    keys: tuple[Callable[[LayerWeights], str], ...] = (lambda tensor: tensor.name, plain)
    for key in keys:
        first, second = ({key(tensor): tensor for tensor in each} for each in (model, original))
        if first.keys() == second.keys() and len(first) == len(model) == len(original):
            pairs = [(tensor, second[name]) for name, tensor in first.items()]
            break
    else:
        pairs = list(zip(model, original, strict=False)) if len(model) == len(original) else []
    alike = all((a.kind, a.values.shape) == (b.kind, b.values.shape) for a, b in pairs)
    return pairs if alike else []


def _decibels(model: LayerWeights, original: LayerWeights) -> float:
    exact = original.values.astype(np.float64)
    noise = float(np.square(exact - model.values).sum())
    if not math.isfinite(noise):
        return -MOST_DB
    return round(float(np.clip(sqnr_db(np.square(exact).sum(), noise), -MOST_DB, MOST_DB)), 2)

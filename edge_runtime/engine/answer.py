"""Check that what a model answered are numbers, before anything is said of a photo."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from edge_runtime.engine.options import CPU
from edge_runtime.errors import AnswerInvalidError

#: No output comes near it, and sums of outputs below it stay finite in float32.
_LARGEST = 1e30

_ON_THE_CPU = (CPU, "LiteRT")


def check_answer(
    outputs: Mapping[str, npt.NDArray[np.floating]], model: str, *, providers: Sequence[str] = ()
) -> None:
    """Check every output of a model: one that isn't a number tells nothing, whatever the others.

    Half precision overflows on some accelerators, and memory may be bad.

    Args:
        outputs: By name, of any shape.
        model: The model's name, for the sentence.
        providers: What computed it, if that is known, the first before the others.

    Raises:
        AnswerInvalidError: A value is NaN, infinite, or too large to mean anything.
    """
    for name, values in outputs.items():
        if not (np.abs(values) < _LARGEST).all():  # NaN is less than nothing
            accelerators = [each for each in providers if each not in _ON_THE_CPU]
            raise AnswerInvalidError(model, name, next(iter(accelerators), None))

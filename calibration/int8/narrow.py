"""Narrow the ranges of activations to what the last convolution loses least by."""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import TensorsData

from calibration.compare.sqnr import open_session
from calibration.int8.layer_costs import round_tensor
from edge_runtime.contract import IMAGE, LAST_CONV

_SCALE, _ZERO = "narrow_scale", "narrow_zero"
_UPPER, _LOWER = 0.92, 0.7  # one step; what lies below zero is often lost in a ReLU soon
_STEPS, _PATIENCE = 10, 2  # at most for each bound, and how many in vain: errors are jagged
_LEVELS = 255
_SMALLEST = 1e-30  # of a tensor that is zero everywhere


def narrow_ranges(
    original: onnx.ModelProto,
    ranges: TensorsData,
    tensors: Sequence[str],
    images: npt.NDArray[np.uint8],
) -> TensorsData:
    """Narrow ranges one by one, as long as the error in ``last_conv`` falls.

    The range of all values makes the steps of all of them large for the sake of the largest, and
    which values matter only the rest of the network can tell. Each tensor is rounded alone, the
    others being exact: its upper bound is lowered by 8 % at a time, then its lower bound raised by
    30 % at a time.

    Args:
        original: The float model, after ``quantise.prepare_model``.
        ranges: Of all values, from ``measure_ranges``.
        tensors: Which activations; each takes up to 22 runs.
        images: uint8 (N, height, width, 3), RGB, prepared: some of the representative set.

    Returns:
        New ranges; those of other tensors are as they were.
    """
    narrowed = copy.deepcopy(ranges)
    exact = open_session(original).run([LAST_CONV], {IMAGE: images})[0]
    for tensor in tensors:
        error = _error(original, tensor, images, exact)
        found = narrowed[tensor]
        low, high = (float(np.min(found.lowest)), float(np.max(found.highest)))
        low, high = min(low, 0.0), max(high, 0.0)
        high *= _best_share(lambda share: error(low, high * share), _UPPER)  # noqa: B023 - at once
        if low < 0:
            low *= _best_share(lambda share: error(low * share, high), _LOWER)  # noqa: B023
        found.lowest = np.full_like(found.lowest, low)
        found.highest = np.full_like(found.highest, high)
    return narrowed


def _best_share(error: Callable[[float], float], step: float) -> float:
    """Find the power of ``step`` with the least error, until two in a row gain nothing."""
    best, least = 0, error(1.0)
    for power in range(1, _STEPS + 1):
        now = error(step**power)
        if now < least:
            best, least = power, now
        elif power - best == _PATIENCE:
            break
    return step**best


def _error(
    original: onnx.ModelProto,
    tensor: str,
    images: npt.NDArray[np.uint8],
    exact: npt.NDArray[np.float32],
) -> Callable[[float, float], float]:
    """Make the function from a tensor's range to the sum of squared errors in ``last_conv``."""
    changed = copy.deepcopy(original)
    round_tensor(changed, tensor, [_SCALE, _ZERO])
    make = onnx.helper.make_tensor_value_info
    changed.graph.input.append(make(_SCALE, onnx.TensorProto.FLOAT, []))
    changed.graph.input.append(make(_ZERO, onnx.TensorProto.UINT8, []))
    session = open_session(changed)

    def error(low: float, high: float) -> float:
        scale = np.float32(max(high - low, _SMALLEST) / _LEVELS)
        zero = np.uint8(round(-low / float(scale)))
        feeds = {IMAGE: images, _SCALE: np.array(scale), _ZERO: np.array(zero)}
        difference = session.run([LAST_CONV], feeds)[0] - exact
        return float(np.square(difference, dtype=np.float64).sum())

    return error

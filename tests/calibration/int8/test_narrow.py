"""Ranges are narrowed where the last convolution gains by it, and nowhere else."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationMethod, TensorsData

from calibration.int8.narrow import _best_share, narrow_ranges
from edge_runtime.contract import IMAGE, LAST_CONV


def model(threshold):
    """``last_conv`` is what of the image is above a threshold, times a slope for each pixel."""
    slopes = np.random.default_rng(1).uniform(0.7, 1, (64, 64, 3)).astype(np.float32)
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node("Cast", [IMAGE], ["x"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["x", "threshold"], ["shifted"]),
        helper.make_node("Mul", ["shifted", "slopes"], ["signed"]),
        helper.make_node("Relu", ["signed"], ["positive"]),
        helper.make_node("Identity", ["positive"], [LAST_CONV]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [value(IMAGE, TensorProto.UINT8, ["N", 64, 64, 3])],
        [value(name, TensorProto.FLOAT, ["N", 64, 64, 3]) for name in (LAST_CONV, "signed")],
        [
            helper.make_tensor("threshold", TensorProto.FLOAT, [], [threshold]),
            helper.make_tensor("slopes", TensorProto.FLOAT, slopes.shape, slopes.ravel()),
        ],
    )
    opset = helper.make_opsetid("", 17)
    return onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)


def ranges(**bounds):
    pairs = {name: (np.float32([low]), np.float32([high])) for name, (low, high) in bounds.items()}
    return TensorsData(CalibrationMethod.MinMax, pairs)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), np.uint8)


def test_what_a_relu_takes_away_needs_no_range(images):
    before = ranges(signed=(-237.5, 55), positive=(0, 55))
    after = narrow_ranges(model(200), before, ["signed"], images)
    assert -237.5 / 3 < after["signed"].lowest[0] <= 0
    assert after["signed"].highest[0] == 55  # values lie there, and they are told apart by it
    assert after["positive"].highest[0] == 55
    assert before["signed"].lowest[0] == -237.5


def test_one_far_value_gives_way_to_the_many(images):
    images = images // 2
    images[0, :4, :4] = 150  # the others end at 127
    wide = ranges(signed=(0, 301.5), positive=(0, 301.5))
    after = narrow_ranges(model(0), wide, ["positive"], images)
    assert 110 < after["positive"].highest[0] < 150
    assert after["signed"].highest[0] == 301.5


def test_the_error_never_grows(images):
    session = onnxruntime.InferenceSession(model(100).SerializeToString())
    (exact,) = session.run([LAST_CONV], {IMAGE: images})
    (signed,) = session.run(["signed"], {IMAGE: images})

    def error(found):
        low, high = float(found.lowest[0]), float(found.highest[0])
        scale = (high - low) / 255
        zero = round(-low / scale)
        whole = np.clip(np.rint(signed / scale) + zero, 0, 255)
        return np.square(np.maximum((whole - zero) * scale, 0) - exact).sum()

    before = ranges(signed=(-117.5, 155))
    after = narrow_ranges(model(100), before, ["signed"], images)
    assert error(after["signed"]) < error(before["signed"])


def test_a_tensor_that_is_zero_everywhere_stays(images):
    before = ranges(positive=(0, 0))
    after = narrow_ranges(model(300), before, ["positive"], images)
    assert (after["positive"].lowest[0], after["positive"].highest[0]) == (0, 0)


@pytest.mark.parametrize(
    ("errors", "best", "asked"),
    [
        ([5, 4, 3, 4, 4, 1], 2, 5),  # two in vain end it, though a better one would come
        ([5, 6, 4, 5, 3, 9, 9], 4, 7),  # one in vain doesn't
        ([5, 5, 5, 5], 0, 3),  # as good is no better
        ([20 - power for power in range(20)], 10, 11),  # never beyond ten
    ],
)
def test_the_search_for_a_share_goes_on_over_one_rise_and_ends_after_two(errors, best, asked):
    seen = []

    def error(share):
        seen.append(share)
        return errors[len(seen) - 1]

    assert _best_share(error, 0.5) == 0.5**best
    assert seen == [0.5**power for power in range(asked)]

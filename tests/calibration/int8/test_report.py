"""The plot of a quantisation tells layers that were kept in float from quantised ones."""

import cv2
import numpy as np
import pytest

from calibration.int8.report import (
    Report,
    ReportedLayer,
    ReportedTensor,
    report_figure,
    report_plot,
)


def report(kept):
    layers = [ReportedLayer(f"net/layer{i}/Conv", 20.0 + i if i < 29 else None) for i in range(30)]
    tensors = [
        ReportedTensor(f"net/layer{i}/x", kind, 30.0 + i)
        for i in range(3)
        for kind in ("weights", "activation")
    ]
    return Report("x86", "min-max", tuple(kept), "", (), tuple(layers), tuple(tensors))


def bars(axes):
    """By the layer's label, whether its bar is hollow."""
    labels = [text.get_text() for text in axes.get_yticklabels()]
    shown = [patch for patch in axes.patches if patch.get_width()]
    return {
        label: patch.get_facecolor()[:3] == (1, 1, 1)
        for label, patch in zip(labels, shown, strict=True)
    }


@pytest.mark.parametrize("kept", [[], ["net/layer0/Conv", "net/layer7/Conv", "net/layer25/Conv"]])
def test_layers_kept_in_float_are_hollow_and_named_in_the_legend(kept):
    left, right = report_figure("int8", report(kept)).axes
    found = bars(left)
    assert len(found) == 20  # the worst; layer25 isn't among them
    assert [name for name, hollow in found.items() if hollow] == (
        ["layer0", "layer7"] if kept else []
    )
    legend = [text.get_text() for text in left.get_legend().get_texts()]
    assert legend[0] == "quantised"
    assert legend[1:] == (["kept in float: what it would have cost"] if kept else [])
    assert not any(bars(right).values())


def test_the_plot_is_a_picture():
    found = cv2.imdecode(np.frombuffer(report_plot("int8", report([])), np.uint8), 1)
    assert found.shape == (585, 990, 3)

"""Quantise one float model in many ways."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import TensorsData

from calibration.compare.sqnr import TensorSqnr, tensor_sqnr
from calibration.int8.layer_costs import find_layers, layer_costs
from calibration.int8.narrow import narrow_ranges
from calibration.int8.quantise import EARLY_STAGES, prepare_model, quantisable_nodes, quantise_model
from calibration.int8.ranges import METHODS, measure_ranges
from calibration.int8.targets import Target

#: The ranges of all values, those of the most harmful layers narrowed, see ``narrow_ranges``.
LEAST_ERROR = "least-error"

#: Every method, by the names that the command takes; the first is the default.
ALL_METHODS = (LEAST_ERROR, *METHODS)

_COST_PHOTOS, _NOISE_PHOTOS, _NARROWING_PHOTOS = 4, 8, 16
_NARROWED = 24  # layers, the most harmful ones; each takes some seconds


class Variants:
    """The quantisations of one float model; ranges are measured once for each method."""

    def __init__(
        self,
        model: Path,
        images: npt.NDArray[np.uint8],
        folder: Path,
        *,
        early: re.Pattern[str] = EARLY_STAGES,
        on_step: Callable[[str], None],
    ) -> None:
        """Prepare the model.

        Args:
            model: A float32 ONNX file of the contract.
            images: uint8 (N, height, width, 3), RGB, prepared: the representative set.
            folder: An existing folder for the prepared model.
            early: What stays in float in every variant, see ``quantisable_nodes``.
            on_step: Called with a few words at each step.
        """
        self.images, self.on_step = images, on_step
        self._prepared = folder / "prepared.onnx"
        self._metadata = onnx.load(model)
        self.original = prepare_model(model, self._prepared)
        self.layers = find_layers(self.original, quantisable_nodes(self.original, early=early))
        self._ranges: dict[str, TensorsData] = {}

    def quantise(self, target: Target, method: str, in_float: Collection[str]) -> bytes:
        """Quantise all layers but those named."""
        kept = [layer for layer in self.layers if layer.name not in in_float]
        return quantise_model(
            self._prepared,
            self._ranges_of(method, target),
            target=target,
            nodes=[name for layer in kept for name in layer.nodes],
            metadata=self._metadata,
        )

    def _ranges_of(self, method: str, target: Target) -> TensorsData:
        """Measure a method's ranges; those of one target narrowed serve for the others too."""
        if method not in self._ranges:
            if method == LEAST_ERROR:
                self._ranges[method] = self._narrowed(target)
            else:
                self.on_step(f"measuring ranges, {method}")
                self._ranges[method] = measure_ranges(self._prepared, self.images, method=method)
        return self._ranges[method]

    def _narrowed(self, target: Target) -> TensorsData:
        """Narrow the ranges of what enters the quantised part, and of the most harmful layers."""
        quantised = self.quantise(target, "min-max", ())
        gives = {layer.name: layer.gives for layer in self.layers}
        nodes = onnx.load_model_from_string(quantised).graph.node
        rounded = [node.input[0] for node in nodes if node.op_type == "QuantizeLinear"]
        entering = [name for name in rounded if name not in gives.values()]
        harmful = [gives[name] for name in self.costs(quantised)][:_NARROWED]
        ranges = self._ranges["min-max"]
        tensors = [name for name in (*entering, *harmful) if name in ranges]
        self.on_step(f"narrowing the ranges of {len(tensors)} activations")
        return narrow_ranges(self.original, ranges, tensors, self._spread(_NARROWING_PHOTOS))

    def costs(self, quantised: bytes) -> Mapping[str, float]:
        """Measure every layer's cost, see ``layer_costs``."""
        self.on_step("measuring what each layer costs")
        proto = onnx.load_model_from_string(quantised)
        return layer_costs(self.original, proto, self.layers, self._spread(_COST_PHOTOS))

    def noise(self, quantised: bytes) -> tuple[TensorSqnr, ...]:
        """List every quantised tensor's noise, worst first."""
        proto = onnx.load_model_from_string(quantised)
        return tensor_sqnr(self.original, proto, self._spread(_NOISE_PHOTOS))

    def _spread(self, count: int) -> npt.NDArray[np.uint8]:
        """Choose photos evenly, so that every class is among them."""
        return self.images[:: max(1, len(self.images) // count)][:count]

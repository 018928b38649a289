"""Choose the engine that runs a model of a bundle."""

import warnings
from collections.abc import Set as AbstractSet
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.manifest import ModelEntry
from edge_runtime.engine.litert import LiteRtSession
from edge_runtime.engine.onnx import Arrays, Session
from edge_runtime.engine.options import CPU, DEFAULTS, EngineOptions
from edge_runtime.engine.processor_match import processor_mismatch
from edge_runtime.errors import ModelFormatError, TargetWarning, UnknownNameError
from edge_runtime.system.machine import processor


class Engine(Protocol):
    """A model that is ready to run, whichever program runs it.

    ``outputs`` are the outputs of the contract that it has; ``providers`` what
    computes them; ``cached`` whether the model came from a cache of optimised ones.
    """

    name: str
    entry: ModelEntry
    providers: tuple[str, ...]
    cached: bool

    @property
    def outputs(self) -> AbstractSet[str]:
        """Names from ``contract.OUTPUTS``."""

    def run(self, images: npt.NDArray[np.uint8], outputs: tuple[str, ...]) -> Arrays:
        """Run a batch.

        Args:
            images: uint8 (N, height, width, 3), RGB, prepared.
            outputs: Names among ``self.outputs``.

        Returns:
            The outputs by name, float32, shaped as the contract says.
        """


_FORMATS = ("onnx", "tflite")


def open_session(bundle: Bundle, options: EngineOptions = DEFAULTS) -> Engine:
    """Load a model of a bundle in the engine for its format.

    Warns with ``TargetWarning`` of a model that was quantised for another kind of processor.

    Args:
        bundle: Where it comes from.
        options: Which model, and on what.

    Raises:
        UnknownNameError: The bundle has no such model.
        ModelFormatError: There is no engine for its format.
        MissingExtraError: Its engine isn't installed.
        BundleInvalidError: It can't be loaded, or it doesn't keep the contract.
    """
    name, entry, _ = bundle.model(options.model)
    on_cpu = CPU.lower().startswith(options.provider.lower())
    if entry.format not in _FORMATS:
        models = bundle.manifest.models.items()
        runnable = tuple(other for other, found in models if found.format in _FORMATS)
        raise ModelFormatError(name, entry.format, runnable)
    doubt = processor_mismatch(name, entry, processor()) if entry.target and on_cpu else None
    if doubt is not None:
        warnings.warn(doubt, TargetWarning, stacklevel=3)
    if entry.format == "onnx":
        return Session(bundle, options)
    if not on_cpu:
        raise UnknownNameError(f"execution provider of {name}", options.provider, ("CPU",))
    return LiteRtSession(bundle, options)

"""From a fundus photo to a prediction with its Grad-CAM, on the device.

For research and education only: not a validated diagnostic tool.
"""

import os
from typing import TYPE_CHECKING

# ONNX Runtime would write an event log and a device id into the user's cache folder. It reads this
# when it is imported, and every command imports this package first.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle, load_bundle
    from edge_runtime.errors import FundusError
    from edge_runtime.predict.classifier import Classifier
    from edge_runtime.predict.prediction import Prediction

__all__ = ["Bundle", "Classifier", "FundusError", "Prediction", "load_bundle"]

_HOME = {
    "Bundle": "bundle.bundle",
    "Classifier": "predict.classifier",
    "FundusError": "errors",
    "Prediction": "predict.prediction",
    "load_bundle": "bundle.bundle",
}

if not TYPE_CHECKING:  # a checker that saw this would take any name for one of this package

    def __getattr__(name: str) -> object:
        """Import a public name when it is used: the command line's help needs none of them."""
        if name not in _HOME:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from importlib import import_module  # noqa: PLC0415

        value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value

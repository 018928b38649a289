"""From a fundus photo to a prediction with its Grad-CAM, on the device.

For research and education only: not a validated diagnostic tool.
"""

import os

# ONNX Runtime would write an event log and a device id into the user's cache folder. It reads this
# when it is imported, and every command imports this package first.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from edge_runtime.bundle import Bundle, load_bundle
from edge_runtime.classifier import Classifier, Prediction
from edge_runtime.errors import FundusError

__all__ = ["Bundle", "Classifier", "FundusError", "Prediction", "load_bundle"]

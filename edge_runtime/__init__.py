"""From a fundus photo to a prediction with its Grad-CAM, on the device.

For research and education only: not a validated diagnostic tool.
"""

from edge_runtime.bundle import Bundle, load_bundle
from edge_runtime.classifier import Classifier, Prediction
from edge_runtime.errors import FundusError

__all__ = ["Bundle", "Classifier", "FundusError", "Prediction", "load_bundle"]

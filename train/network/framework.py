"""Import the framework that Keras runs on, without what it prints about an absent GPU."""

import importlib
import os
import re

from edge_runtime.system.stderr import quietly
from train.errors import BackendError

TENSORFLOW = "tensorflow"

# A line of TensorFlow's log below an error, the warning before the first of them, and the error
# that there is no GPU, or no driver of one (303). A driver that fails otherwise is told of.
_CHATTER = re.compile(
    r"^(?:[IW]\d{4} |\d{4}-\d\d-\d\d [\d:.]+: [IW] |WARNING: All log messages before absl::|"
    r"E\d{4} .* failed call to cuInit: .*(?:CUDA_ERROR_NO_DEVICE|\(303\))).*\n?",
    re.MULTILINE,
)


def backend() -> str:
    """Say what Keras will run on; an empty variable counts as none, as Keras takes it."""
    return os.environ.get("KERAS_BACKEND") or TENSORFLOW


def load_framework() -> None:
    """Import what Keras runs on: TensorFlow, if ``KERAS_BACKEND`` doesn't say otherwise."""
    if backend() == TENSORFLOW:
        load_tensorflow()


def load_tensorflow() -> None:
    """Import TensorFlow, for a command: what it logs is shown from errors up.

    ``TF_CPP_MIN_LOG_LEVEL`` is set to that, but what is said during the import is printed whatever
    the level is, so it is heard and sifted here. Where the variable is set already, nothing is
    held back.

    Raises:
        BackendError: Keras is told to run on something else.
        ModuleNotFoundError: It isn't installed.
    """
    if backend() != TENSORFLOW:
        raise BackendError(backend())
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        importlib.import_module("tensorflow")
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    quietly(_import_and_look_for_devices, _CHATTER)


def _import_and_look_for_devices() -> None:
    """Import it, and let it say now, rather than amid our own lines, that there is no GPU."""
    importlib.import_module("tensorflow").config.list_physical_devices()

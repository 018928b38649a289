"""Convert to TFLite."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from edge_runtime.system.stderr import quietly
from export.graph import ContractModule
from export.portable import check_portable

_CHATTER = re.compile(r"^(?:fully_quantize|INFO): .*\n?", re.MULTILINE)


def to_tflite(module: ContractModule) -> bytes:
    """Convert to a float32 TFLite file whose signature has the contract's names.

    Raises:
        GraphError: The file needs operations that a plain LiteRT doesn't have.
    """
    with saved_model(module, module.function) as folder:
        content = converted(tf.lite.TFLiteConverter.from_saved_model(folder))
    check_portable(content)
    return content


def converted(converter: Any) -> bytes:
    """Let a TFLite converter work, without the line that it prints of its types."""
    return bytes(quietly(converter.convert, _CHATTER))


@contextmanager
def saved_model(module: ContractModule, function: Any) -> Iterator[str]:
    """Write a function of a folded model as a SavedModel, for as long as the context lasts.

    The way over Keras's own archive is the one that keeps the names and freezes the variables:
    a plain SavedModel loses them without a word, and every output is then NaN.

    Args:
        module: The model whose backbone the function uses.
        function: A ``tf.function`` with its input signature; it becomes the only signature.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(module.backbone)
        archive.add_endpoint("serving_default", function)
        archive.write_out(folder, verbose=False)
        yield folder

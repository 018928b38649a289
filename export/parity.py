"""Compare an exported model with the Keras model that it was made from, output by output."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import onnxruntime
import tensorflow as tf

from edge_runtime.contract import CAM, CAM_BIAS, IMAGE, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from edge_runtime.engine.litert import ready_interpreter
from export.errors import ParityError
from train.network.model import HEAD

Arrays = dict[str, npt.NDArray[np.float32]]
Run = Callable[[npt.NDArray[np.uint8]], Arrays]

_BATCH = 16


@dataclass(frozen=True)
class Parity:
    """Largest absolute differences from Keras over some photos.

    ``cam`` is against ``tf.GradientTape``, as a share of the tape's own range, and ``last_conv``
    likewise as a share of its range. ``completeness`` is the largest gap between a logit and the
    sum of its map and its bias part, in logits.
    """

    photos: int
    probabilities: float
    logits: float
    last_conv: float
    cam: float
    completeness: float


#: What an export may differ by: float32 sums in another order, and nothing else.
LIMITS = Parity(
    photos=0, probabilities=1e-5, logits=1e-4, last_conv=1e-4, cam=1e-4, completeness=1e-4
)


def measure_parity(name: str, run: Run, reference: Arrays, images: npt.NDArray[np.uint8]) -> Parity:
    """Run an exported model on photos and compare all its outputs with the reference.

    Args:
        name: The model's name, for the error.
        run: From ``onnx_run`` or ``tflite_run``.
        reference: From ``keras_outputs`` for the same photos.
        images: uint8 (N, height, width, 3), RGB, prepared.

    Raises:
        ParityError: A difference is above its limit, or isn't a number.
    """
    outputs = _in_batches(run, images)
    total = outputs[CAM].sum(axis=(2, 3), dtype=np.float64) + outputs[CAM_BIAS]
    parity = Parity(
        photos=len(images),
        probabilities=_largest(outputs[PROBABILITIES] - reference[PROBABILITIES]),
        logits=_largest(outputs[LOGITS] - reference[LOGITS]),
        last_conv=_largest(outputs[LAST_CONV] - reference[LAST_CONV])
        / float(np.ptp(reference[LAST_CONV])),
        cam=_largest(outputs[CAM] - reference[CAM]) / float(np.ptp(reference[CAM])),
        completeness=_largest(outputs[LOGITS] - total),
    )
    for field in dataclasses.fields(Parity)[1:]:
        difference, limit = getattr(parity, field.name), getattr(LIMITS, field.name)
        if not difference <= limit:
            raise ParityError(name, field.name, difference, limit)
    return parity


def keras_outputs(model: keras.Model, images: npt.NDArray[np.uint8]) -> Arrays:
    """Compute the contract's outputs the original way: Keras, and GradientTape for the maps.

    The model is the trained one as it is, nothing folded. Grad-CAM as in arXiv 1610.02391: the
    gradient of the logit with respect to ``last_conv``, averaged over the positions, weighs the
    activations.

    Returns:
        ``probabilities``, ``logits``, ``last_conv`` and ``cam``, shaped as the contract says.
    """
    return _in_batches(lambda batch: _taped(model, batch), images)


def onnx_run(model: bytes, *, threads: int = 0) -> Run:
    """Open an ONNX file's content with ONNX Runtime on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(images: npt.NDArray[np.uint8]) -> Arrays:
        return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {IMAGE: images}), strict=True))

    return run


def tflite_run(model: bytes) -> Run:
    """Open a TFLite file's content with LiteRT, by its signature."""
    runner = ready_interpreter(model_content=model).get_signature_runner()
    return lambda images: dict(runner(**{IMAGE: images}))


def _taped(model: keras.Model, images: npt.NDArray[np.uint8]) -> Arrays:
    backbone = keras.Model(model.input, model.get_layer("pool").input)
    last_conv = backbone(tf.cast(images, tf.float32), training=False)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(last_conv)
        x = last_conv
        for name in HEAD[:-1]:
            x = model.get_layer(name)(x, training=False)
        logits = x
        by_class = [logits[:, c] for c in range(logits.shape[1])]
    maps = []
    for logit in by_class:
        weights = tf.reduce_mean(tape.gradient(logit, last_conv), axis=(1, 2), keepdims=True)
        maps.append(tf.reduce_sum(weights * last_conv, axis=-1))
    return {
        PROBABILITIES: np.asarray(model(images, training=False)),
        LOGITS: np.asarray(logits),
        LAST_CONV: np.asarray(last_conv),
        CAM: np.stack(maps, axis=1),
    }


def _in_batches(run: Run, images: npt.NDArray[np.uint8]) -> Arrays:
    parts = [run(images[at : at + _BATCH]) for at in range(0, len(images), _BATCH)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _largest(difference: npt.NDArray[np.floating]) -> float:
    """Take the largest absolute value; NaN anywhere gives NaN."""
    return float(np.abs(difference).max())

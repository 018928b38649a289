"""One contender of ``peers.py``, in a process and a Python of its own: photos in, times out.

Every contender gets the same prepared photo, uint8 (224, 224, 3), and gives the predicted class
and a map of it. Only numpy is needed beside the contender's own packages.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Predict = Callable[[np.ndarray], tuple[int, np.ndarray | None]]

Request = Mapping[str, Any]


def fundus_edge(request: Request, key: str) -> Predict:
    """Ours: the exact maps of all classes, checked for completeness."""
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.contract import CAM, CAM_BIAS, LOGITS, PROBABILITIES
    from edge_runtime.engine.onnx import Session
    from edge_runtime.engine.options import EngineOptions
    from edge_runtime.explain.gradcam import completeness_gap

    session = Session(load_bundle(request[key]), EngineOptions(threads=request["threads"]))

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        found = session.run(image[None], (PROBABILITIES, LOGITS, CAM, CAM_BIAS))
        completeness_gap(found[LOGITS], found[CAM], found[CAM_BIAS])
        top = int(found[PROBABILITIES].argmax())
        return top, found[CAM][0, top]

    return predict


def onnxruntime_plain(request: Request) -> Predict:
    """The classifier alone in ONNX Runtime, as it is without any explanation."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = request["threads"]
    session = onnxruntime.InferenceSession(
        request["plain"], options, providers=["CPUExecutionProvider"]
    )
    return lambda image: (
        int(session.run(["probabilities"], {"image": image[None]})[0].argmax()), None
    )  # fmt: skip


def tensorflow(request: Request, *, compiled: bool) -> Predict:
    """Grad-CAM as Keras's own example has it: the network and the gradient inside one tape."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(request["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = keras.saving.load_model(request["keras"], compile=False)
    logits = model.get_layer("logits").output
    network = keras.Model(model.input, [model.get_layer("pool").input, logits])

    def explain(image: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            last_conv, scores = network(tf.cast(image, tf.float32), training=False)
            top = tf.argmax(scores[0])
            score = scores[:, top]
        weights = tf.reduce_mean(tape.gradient(score, last_conv), axis=(0, 1, 2))
        return top, tf.reduce_sum(last_conv[0] * weights, axis=-1)

    run = tf.function(explain) if compiled else explain

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        top, found = run(tf.constant(image[None]))
        return int(top), found.numpy()

    return predict


def pytorch_grad_cam(request: Request) -> Predict:
    """The same network in PyTorch, its weights from the ONNX file, under pytorch-grad-cam."""
    import torch
    from onnx_in_torch import Network
    from pytorch_grad_cam import GradCAM

    torch.set_num_threads(request["threads"])
    network = Network(request["plain"]).eval()
    explain = GradCAM(model=network, target_layers=[network.last_conv])

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        tensor = torch.from_numpy(image[None]).permute(0, 3, 1, 2).float()
        found = explain(tensor, targets=None)  # the top class
        return int(explain.outputs.argmax()), found[0]

    return predict


def openvino(request: Request, key: str) -> Predict:
    """Our own graph, with its exact maps, in OpenVINO."""
    import openvino as ov

    compiled = _compiled(ov, ov.Core().read_model(request[key]), request)

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        found = compiled(image[None])
        top = int(found["probabilities"].argmax())
        return top, found["cam"][0, top]

    return predict


def openvino_xai(request: Request) -> Predict:
    """The plain network with OpenVINO XAI's branch put in: ReciproCAM, not Grad-CAM."""
    import openvino
    import openvino_xai as xai

    model = openvino.Core().read_model(request["plain"])
    model = xai.insert_xai(
        model, task=xai.Task.CLASSIFICATION, target_layer=request["last_conv"],
        explain_method=xai.Method.RECIPROCAM,
    )  # fmt: skip
    compiled = _compiled(openvino, model, request)

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        found = compiled(image[None])
        top = int(found["probabilities"].argmax())
        return top, found["saliency_map"][0, top]

    return predict


def litert(request: Request, key: str) -> Predict:
    """LiteRT: with the maps of the graph where it has them, else from constant gradients."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=request[key], num_threads=request["threads"])
    run = interpreter.get_signature_runner()
    gradients = np.load(request["gradients"])["class_gradients"]

    def predict(image: np.ndarray) -> tuple[int, np.ndarray]:
        found = run(image=image[None])
        top = int(found["probabilities"].argmax())
        if "cam" in found:
            return top, found["cam"][0, top]
        return top, found["last_conv"][0] @ gradients[top]

    return predict


CONTENDERS: Mapping[str, Callable[[Request], Predict]] = {
    "fundus-edge float32": lambda request: fundus_edge(request, "float_bundle"),
    "fundus-edge int8": lambda request: fundus_edge(request, "int8_bundle"),
    "ONNX Runtime, class only": onnxruntime_plain,
    "TensorFlow GradientTape": lambda request: tensorflow(request, compiled=False),
    "TensorFlow tf.function": lambda request: tensorflow(request, compiled=True),
    "pytorch-grad-cam": pytorch_grad_cam,
    "OpenVINO, our graph": lambda request: openvino(request, "float_model"),
    "OpenVINO XAI (ReciproCAM)": openvino_xai,
    "LiteRT float32": lambda request: litert(request, "tflite"),
    "LiteRT int8": lambda request: litert(request, "tflite_int8"),
}


def main() -> None:
    """Answer requests: one JSON object a line in, one out."""
    request = json.loads(sys.stdin.readline())
    outputs = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints isn't an answer
    try:
        predict = CONTENDERS[request["contender"]](request)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=outputs, flush=True)
        return
    print(json.dumps({"ready": True}), file=outputs, flush=True)
    images = np.load(request["images"])
    for line in sys.stdin:
        image = images[json.loads(line)]
        started = time.perf_counter()
        try:
            top, found = predict(image)
        except Exception as error:
            print(
                json.dumps({"error": f"{type(error).__name__}: {error}"}), file=outputs, flush=True
            )
            return
        seconds = time.perf_counter() - started
        values = None if found is None else np.asarray(found, float).tolist()
        print(
            json.dumps({"ms": 1000 * seconds, "top": top, "map": values}), file=outputs, flush=True
        )


def _compiled(openvino: Any, model: Any, request: Request) -> Any:
    config = {
        "INFERENCE_NUM_THREADS": request["threads"],
        "INFERENCE_PRECISION_HINT": "f32",  # else it computes in bfloat16 where it can
        "PERFORMANCE_HINT": "LATENCY",
    }
    return openvino.Core().compile_model(model, "CPU", config)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

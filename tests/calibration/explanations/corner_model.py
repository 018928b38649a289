"""A model whose evidence is planted, and photographs for it.

It calls a photo glaucoma by a white mark near the rim in the lower right corner, by a green spot in
the middle of the eye (in the place of a finding of the retina), or by the eye's mean colour, each
as much as its weight says. All else speaks for normal, everywhere in the eye alike.
"""

import csv
import io

import cv2
import numpy as np
from make_fundus import draw_fundus
from onnx import TensorProto, helper, numpy_helper

from edge_runtime.bundle.bundle import GRADIENTS, write_bundle
from edge_runtime.bundle.fidelity import GradientsEntry
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.origin import Origin
from edge_runtime.contract import (
    CAM,
    CAM_BIAS,
    IMAGE,
    LAST_CONV,
    LOGITS,
    PREPROCESSING,
    PROBABILITIES,
    tensors,
)

CLASSES = ("glaucoma", "normal")
SIDE, CELLS = 112, 14
FEATURES = ("mark", "spot", "colour", "lit")

PHOTO = (480, 640)
MARK, SPOT = (0.60, 0.60), (0.0, 0.0)  # x and y in radii of the field
REDDER, YELLOWER = (1.12, 0.92, 1.0), (0.92, 1.12, 1.0)


def write_corner_bundle(folder, *, mark=6.0, spot=2.0, colour=0.0):
    """Write a bundle of the model. Normal has 3 logits of the eye itself.

    Args:
        folder: The new bundle.
        mark: The logits that the mark brings for glaucoma, about.
        spot: Likewise the spot.
        colour: Likewise ``REDDER`` colours in the place of ``YELLOWER`` ones. With colours as they
            are drawn, half of the eyes are then glaucoma.

    Returns:
        The folder.
    """
    for_glaucoma = [1.25 * mark * CELLS**2, 0.9 * spot * CELLS**2, 9.2 * colour, 0]
    weights = np.float32([for_glaucoma, [0, 0, 0, 4]]).T  # (K, C), by the mean over all cells
    gradients = io.BytesIO()
    np.savez(gradients, class_gradients=weights.T / CELLS**2, classes=np.array(CLASSES))
    files = {
        "model.onnx": _model(weights).SerializeToString(),
        GRADIENTS: gradients.getvalue(),
    }
    manifest = Manifest(
        name="corner",
        created="2026-11-28T00:00:00+00:00",
        classes=CLASSES,
        input_size=(SIDE, SIDE),
        feature_shape=(CELLS, CELLS, len(FEATURES)),
        preprocessing=PREPROCESSING,
        temperature=1.0,
        thresholds=None,
        default_model="float32",
        models={"float32": ModelEntry("model.onnx", "onnx", "float32")},
        gradients=GradientsEntry(GRADIENTS),
        origin=Origin(),
    )
    write_bundle(folder, manifest, files)
    return folder


def draw_eye(seed, *, marked, spot=False, tint=(1.0, 1.0, 1.0)):
    """Draw a photograph, uint8 (480, 640, 3), RGB, with the mark, the spot, and other colours."""
    photo = draw_fundus("normal", seed=seed, size=PHOTO)
    inside = photo.max(axis=2) > 12
    photo = np.clip(photo * np.float32(tint), 0, 255).astype(np.uint8)
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    middle = np.array([columns[[0, -1]].mean(), rows[[0, -1]].mean()])
    radius = np.ptp(rows) / 2
    for wanted, place, colour in (
        (marked, MARK, (255, 255, 255)),
        (spot, SPOT, (30, 190, 60)),
    ):
        if wanted:
            at = np.rint(middle + radius * np.array(place)).astype(int)
            cv2.circle(photo, at.tolist(), round(0.085 * radius), colour, -1)
    return photo


def write_corner_photos(folder, eyes, *, sources=("east", "west"), seed=0):
    """Write photographs and a ``labels.csv`` that knows their persons, sources in turn.

    Args:
        folder: The new folder.
        eyes: A label and the options of ``draw_eye`` for each photo.
        sources: Their names.
        seed: Of what is drawn beside those.

    Returns:
        The folder.
    """
    folder.mkdir()
    rows = [("file", "label", "source", "patient", "split")]
    for number, (label, options) in enumerate(eyes):
        photo = draw_eye(1000 * seed + number, **options)
        done, data = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        assert done
        (folder / f"{number}.jpg").write_bytes(data.tobytes())
        source = sources[number // 2 % len(sources)]
        rows.append((f"{number}.jpg", label, source, f"p{number}", "val"))
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def _model(weights):
    """Build the graph of the contract."""
    rows, columns = (np.indices((CELLS, CELLS)) + 0.5) / CELLS * 2 - 1
    radii = np.hypot(rows, columns)
    corner = (radii > 0.7) & (np.abs(np.degrees(np.arctan2(rows, columns)) - 45) < 30)
    where = np.stack([corner, radii < 0.4, radii < 2, radii < 2]).astype(np.float32)
    arrays = {
        # Of red, green and blue: white by its blue, green more than red, red more than green, any.
        "pixel_weights": np.float32([[0, 0, 8], [-4, 4, 0], [1, -1, 0], [20, 20, 20]])[
            ..., None, None
        ],
        "pixel_bias": np.float32([-7, -0.4, 0, 0]),
        "light_weights": np.float32([[[[1]], [[1]], [[1]]]]),
        "light_bias": np.float32([0.02]),
        "parts": np.int64([2, 1, 1]),
        "zero": np.float32(0),
        "one": np.float32(1),
        "levels": np.float32(255),
        "level_of_colour": np.float32(0.2),
        "where": where[None],
        "weights": weights,
        "gradients": weights / CELLS**2,
        "no_weights": np.zeros_like(weights),
    }
    nodes = [
        ("Cast", [IMAGE], ["floats"], {"to": TensorProto.FLOAT}),
        ("Div", ["floats", "levels"], ["shares"], {}),
        ("Transpose", ["shares"], ["pixels"], {"perm": [0, 3, 1, 2]}),
        ("Conv", ["pixels", "pixel_weights", "pixel_bias"], ["linear"], {}),
        ("Conv", ["pixels", "light_weights", "light_bias"], ["light"], {}),
        ("Split", ["linear", "parts"], ["marks", "reds", "any"], {"axis": 1}),
        ("Clip", ["any", "zero", "one"], ["lit"], {}),
        ("Div", ["reds", "light"], ["hue"], {}),
        ("Sub", ["hue", "level_of_colour"], ["redder"], {}),
        ("Mul", ["redder", "lit"], ["colour"], {}),
        ("Clip", ["marks", "zero", "one"], ["found"], {}),
        ("Concat", ["found", "colour", "lit"], ["all"], {"axis": 1}),
        ("AveragePool", ["all"], ["cells"], {"kernel_shape": [8, 8], "strides": [8, 8]}),
        ("Mul", ["cells", "where"], ["seen"], {}),
        ("Transpose", ["seen"], [LAST_CONV], {"perm": [0, 2, 3, 1]}),
        ("ReduceMean", [LAST_CONV], ["pooled"], {"axes": [1, 2], "keepdims": 0}),
        ("MatMul", ["pooled", "weights"], [LOGITS], {}),
        ("Softmax", [LOGITS], [PROBABILITIES], {"axis": 1}),
        ("MatMul", [LAST_CONV, "gradients"], ["maps"], {}),
        ("Transpose", ["maps"], [CAM], {"perm": [0, 3, 1, 2]}),
        ("MatMul", ["pooled", "no_weights"], [CAM_BIAS], {}),
    ]
    types = {"uint8": TensorProto.UINT8, "float32": TensorProto.FLOAT}
    infos = {
        name: helper.make_tensor_value_info(name, types[spec.dtype], spec.shape)
        for name, spec in tensors(
            classes=len(CLASSES),
            input_size=(SIDE, SIDE),
            feature_shape=(CELLS, CELLS, len(FEATURES)),
        ).items()
    }
    image = infos.pop(IMAGE)
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, outputs, **more) for kind, inputs, outputs, more in nodes],
        "corner",
        [image],
        list(infos.values()),
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model

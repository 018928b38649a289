"""The class gradients of the fixed mode, and how far they follow the exact ones."""

import io

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.fidelity import Fidelity
from edge_runtime.contract import CAM, LAST_CONV, PROBABILITIES
from edge_runtime.explain.gradcam import fixed_cam
from edge_runtime.explain.similarity import map_correlation
from export.graph import Head
from export.parity import Run


def class_gradients(
    head: Head,
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    *,
    positions: int,
) -> npt.NDArray[np.float32]:
    """Average every class's gradient over the calibration photos of that class.

    The gradient is linear in which hidden units are active, so the mean gradient is that of the
    units' mean activity. The map that is shown is nearly always that of the predicted class, and
    photos of the class are the likeliest to be predicted so.

    Args:
        head: The folded head.
        features: float32 (N, K), pooled features of the calibration photos.
        labels: (N,), their classes; every class must be among them.
        positions: h * w, the number of positions of ``last_conv``.

    Returns:
        float32 (C, K), logit per activation and position.
    """
    active = features @ head.hidden.T + head.hidden_bias > 0
    mean = np.stack([active[labels == c].mean(axis=0) for c in range(len(head.classes))])
    return np.asarray((mean * head.classes) @ head.hidden / positions, np.float32)


def pack(gradients: npt.NDArray[np.float32], classes: tuple[str, ...]) -> bytes:
    """Write the content of ``gradients.npz``: the gradients and the classes they belong to."""
    buffer = io.BytesIO()
    np.savez(buffer, class_gradients=gradients, classes=np.array(classes))
    return buffer.getvalue()


def fidelity(
    run: Run, gradients: npt.NDArray[np.float32], images: npt.NDArray[np.uint8]
) -> Fidelity:
    """Measure the correlation of fixed and exact signed maps.

    Args:
        run: A model with ``cam`` and ``last_conv``.
        gradients: float32 (C, K).
        images: uint8 (N, height, width, 3), RGB, prepared.
    """
    top, every = [], []
    for image in images:
        outputs = run(image[None])
        exact, fixed = outputs[CAM][0], fixed_cam(outputs[LAST_CONV], gradients)[0]
        found = [map_correlation(a, b) for a, b in zip(exact, fixed, strict=True)]
        top.append(found[int(outputs[PROBABILITIES][0].argmax())])
        every += found
    return Fidelity(
        photos=len(images),
        correlation_predicted_class_median=round(float(np.nanmedian(top)), 4),
        correlation_predicted_class_p05=round(float(np.nanquantile(top, 0.05)), 4),
        correlation_all_classes_median=round(float(np.nanmedian(every)), 4),
    )

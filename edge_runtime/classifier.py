"""Classify one photo and explain it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle import Bundle
from edge_runtime.contract import CAM, CAM_BIAS, LAST_CONV, LOGITS, PROBABILITIES
from edge_runtime.decode import Photo, decode_photo, read_photo
from edge_runtime.engine import open_session
from edge_runtime.errors import PhotoUnreadableError, UnknownNameError
from edge_runtime.gradcam import Heatmap, completeness_gap, fixed_cam, heatmap
from edge_runtime.imaging import Box, field_of_view, resize

Gradients = Literal["exact", "fixed"]
GRADIENTS_MODES: tuple[Gradients, ...] = ("exact", "fixed")

_EXACT_OUTPUTS = frozenset({LOGITS, CAM, CAM_BIAS})


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says of one photo, and why.

    ``probabilities`` and ``logits`` are by class name, in the bundle's order; ``logits`` is None
    where the model doesn't give them. ``cam`` is float32
    (C, h, w), the signed Grad-CAM of every class in logits, over ``box``, the field of view in
    the photo, whose (height, width) is ``photo_size``. ``completeness_gap`` is by class name, the
    logit minus the sum of its map and its bias part; None in fixed mode, which doesn't add up.
    ``times_ms`` has the milliseconds of decode, crop, infer and explain.
    """

    class_name: str
    confidence: float
    probabilities: Mapping[str, float]
    logits: Mapping[str, float] | None
    cam: npt.NDArray[np.float32]
    gradients: Gradients
    completeness_gap: Mapping[str, float] | None
    box: Box
    photo_size: tuple[int, int]
    times_ms: Mapping[str, float]

    def heatmap(self, class_name: str | None = None) -> Heatmap:
        """Make a class's heatmap, (h, w) over ``box``; None for the predicted class.

        Raises:
            UnknownNameError: There is no such class.
        """
        name = self.class_name if class_name is None else class_name
        names = tuple(self.probabilities)
        if name not in names:
            raise UnknownNameError("class", name, names)
        return heatmap(self.cam[names.index(name)])


class Classifier:
    """A bundle's model, loaded and ready for photos."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        model: str | None = None,
        gradients: Gradients | None = None,
        threads: int | None = None,
    ) -> None:
        """Load a model.

        Args:
            bundle: From ``load_bundle``.
            model: Its name in the bundle; None for the default model.
            gradients: "exact" takes the Grad-CAM that the graph computes, "fixed" computes it
                from the last convolution and the bundle's constant class gradients; None is
                "exact" where the model has it.
            threads: Threads of one inference; None leaves it to ONNX Runtime (all cores).

        Raises:
            UnknownNameError: No such model or mode.
            BundleInvalidError: The model can't be loaded or doesn't keep the contract.
        """
        if gradients is not None and gradients not in GRADIENTS_MODES:
            raise UnknownNameError("gradients mode", gradients, GRADIENTS_MODES)
        self.bundle = bundle
        self.session = open_session(bundle, model=model, threads=threads)
        modes = GRADIENTS_MODES if self.session.outputs >= _EXACT_OUTPUTS else ("fixed",)
        if gradients is not None and gradients not in modes:
            raise UnknownNameError(f"gradients mode of {self.session.name}", gradients, modes)
        self.gradients: Gradients = gradients or modes[0]

    def predict(self, photo: Path | str | Photo) -> Prediction:
        """Classify one photo.

        Args:
            photo: A file, or uint8 (height, width, 3) RGB, upright.

        Raises:
            PhotoNotFoundError: The file doesn't exist.
            PhotoUnreadableError: It can't be decoded, or the array isn't a photo.
        """
        if isinstance(photo, str | Path):
            pixels, decode_ms = decode_timed(Path(photo))
        else:
            pixels, decode_ms = _checked(photo), 0.0
        return self.predict_decoded(pixels, decode_ms=decode_ms)

    def predict_decoded(self, photo: Photo, *, decode_ms: float) -> Prediction:
        """Classify a decoded photo, for callers that keep its pixels to draw on.

        Args:
            photo: uint8 (height, width, 3), RGB, from ``decode_photo``.
            decode_ms: What to report as the time of decoding.
        """
        manifest = self.bundle.manifest
        times = {"decode": decode_ms}
        started = time.perf_counter()
        box = field_of_view(photo)
        image = resize(photo, box, size=manifest.input_size)
        times["crop"] = _ms_since(started)

        exact = self.gradients == "exact"
        wanted = (PROBABILITIES, *((LOGITS, CAM, CAM_BIAS) if exact else (LAST_CONV,)))
        if not exact and LOGITS in self.session.outputs:
            wanted += (LOGITS,)
        started = time.perf_counter()
        outputs = self.session.run(image[None], wanted)
        times["infer"] = _ms_since(started)

        started = time.perf_counter()
        classes = manifest.classes
        gap = None
        if exact:
            cam = outputs[CAM]
            gaps = completeness_gap(outputs[LOGITS], cam, outputs[CAM_BIAS])[0]
            gap = dict(zip(classes, map(float, gaps), strict=True))
        else:
            cam = fixed_cam(outputs[LAST_CONV], self.bundle.class_gradients)
        cam.flags.writeable = False
        times["explain"] = _ms_since(started)

        probabilities = outputs[PROBABILITIES][0]
        top = int(probabilities.argmax())
        return Prediction(
            class_name=classes[top],
            confidence=float(probabilities[top]),
            probabilities=dict(zip(classes, map(float, probabilities), strict=True)),
            logits=(
                dict(zip(classes, map(float, outputs[LOGITS][0]), strict=True))
                if LOGITS in outputs
                else None
            ),
            cam=cam[0],
            gradients=self.gradients,
            completeness_gap=gap,
            box=box,
            photo_size=(photo.shape[0], photo.shape[1]),
            times_ms=times,
        )


def decode_timed(path: Path) -> tuple[Photo, float]:
    """Read and decode a photo file.

    Returns:
        uint8 (height, width, 3) RGB, and the milliseconds that it took.

    Raises:
        PhotoNotFoundError: The file doesn't exist.
        PhotoUnreadableError: It can't be decoded.
    """
    started = time.perf_counter()
    photo = decode_photo(read_photo(path), path=path)
    return photo, _ms_since(started)


def _checked(photo: Photo) -> Photo:
    if not isinstance(photo, np.ndarray):
        raise PhotoUnreadableError(
            Path("photo"), f"expected a path or a uint8 array, got {type(photo).__name__}"
        )
    if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or photo.size == 0:
        raise PhotoUnreadableError(
            Path("array"),
            f"expected uint8 (height, width, 3), got {photo.dtype} {photo.shape}",
        )
    return photo


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000

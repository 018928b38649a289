"""Classify one photo and explain it."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import (
    CAM,
    CAM_BIAS,
    LAST_CONV,
    LOGITS,
    MAX_PIXELS,
    OUTPUTS,
    PROBABILITIES,
)
from edge_runtime.engine.answer import check_answer
from edge_runtime.engine.open import Engine, open_session
from edge_runtime.engine.options import EngineOptions
from edge_runtime.errors import PhotoUngradableError, PhotoUnreadableError, UnknownNameError
from edge_runtime.explain.gradcam import (
    completeness_gap,
    fixed_cam,
)
from edge_runtime.photo.decode import Decoded, Photo
from edge_runtime.photo.prepare import Prepared, ms_since, prepare_timed
from edge_runtime.predict.familiarity import likeness
from edge_runtime.predict.prediction import GRADIENTS_MODES, Gradients, Prediction
from edge_runtime.predict.reading import decode_file

_EXACT_OUTPUTS = frozenset({LOGITS, CAM, CAM_BIAS})


class Classifier:
    """A bundle's model, loaded and ready for photos."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        model: str | None = None,
        threads: int | None = None,
        cache: Path | None = None,
        gradients: Gradients | None = None,
        quality_gate: bool = True,
        max_pixels: int = MAX_PIXELS,
        session: Engine | None = None,
    ) -> None:
        """Load a model.

        Args:
            bundle: From ``load_bundle``.
            model: As in ``EngineOptions``.
            threads: Likewise.
            cache: Likewise.
            gradients: "exact" takes the Grad-CAM that the graph computes, "fixed" computes it
                from the last convolution and the bundle's constant class gradients; None is
                "exact" where the model has it.
            quality_gate: Whether a photo that can't be graded is refused.
            max_pixels: The most pixels that a photo file may have.
            session: A model that ``engine.open.open_session`` has opened, which takes more options,
                instead of ``model``, ``threads`` and ``cache``.

        Raises:
            UnknownNameError: No such model or mode.
            BundleInvalidError: The model can't be loaded or doesn't keep the contract.
        """
        if gradients is not None and gradients not in GRADIENTS_MODES:
            raise UnknownNameError("gradients mode", gradients, GRADIENTS_MODES)
        self.bundle, self.quality_gate, self.max_pixels = bundle, quality_gate, max_pixels
        self.session = session or open_session(
            bundle, EngineOptions(model=model, threads=threads, cache=cache)
        )
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
            PhotoUngradableError: It isn't a fundus that can be graded.
            AnswerInvalidError: The model's answer isn't numbers.
        """
        if isinstance(photo, str | Path):
            decoded, decode_ms = decode_file(Path(photo), max_pixels=self.max_pixels)
        else:
            pixels = _checked(photo)
            decoded, decode_ms = Decoded(pixels, (pixels.shape[0], pixels.shape[1])), 0.0
        return self.predict_prepared(self.prepare_decoded(decoded, decode_ms=decode_ms))

    def prepare_decoded(self, decoded: Decoded, *, decode_ms: float) -> Prepared:
        """Crop a decoded photo and judge its quality: all that comes before the network.

        It may run in another thread than ``predict_prepared``.
        """
        manifest = self.bundle.manifest
        limits = manifest.quality if self.quality_gate else None
        return prepare_timed(decoded, size=manifest.input_size, limits=limits, decode_ms=decode_ms)

    def predict_prepared(self, prepared: Prepared) -> Prediction:
        """Classify a prepared photo.

        Raises:
            PhotoUngradableError: It isn't a fundus that can be graded.
            AnswerInvalidError: The model's answer isn't numbers.
        """
        if prepared.fault is not None:
            raise PhotoUngradableError(prepared.fault)
        prediction = self.answer(prepared)
        if self.quality_gate and prediction.fault is not None:
            raise PhotoUngradableError(prediction.fault)
        return prediction

    def answer(self, prepared: Prepared, *, features: bool = False) -> Prediction:
        """Ask the model about a prepared photo, whether it can be graded or not.

        Args:
            prepared: The photo.
            features: Whether the prediction's are needed.

        Raises:
            AnswerInvalidError: The model's answer isn't numbers.
        """
        manifest, times = self.bundle.manifest, dict(prepared.times_ms)
        started = time.perf_counter()
        outputs = self.session.run(prepared.image[None], self._wanted(features=features))
        check_answer(outputs, self.session.name, providers=self.session.providers)
        times["infer"] = ms_since(started)

        started = time.perf_counter()
        cam, gap = self._explain(outputs)
        familiarity = self.bundle.familiarity
        means = None
        if features or familiarity:
            means = outputs[LAST_CONV].mean(axis=(1, 2), dtype=np.float64)
        like = likeness(means, familiarity) if familiarity and means is not None else None
        times["explain"] = ms_since(started)

        def by_class(values: npt.NDArray[np.float32]) -> dict[str, float]:
            return dict(zip(manifest.classes, map(float, values), strict=True))

        probabilities = outputs[PROBABILITIES][0]
        top = int(probabilities.argmax())
        return Prediction(
            class_name=manifest.classes[top],
            confidence=float(probabilities[top]),
            probabilities=by_class(probabilities),
            logits=by_class(outputs[LOGITS][0]) if LOGITS in outputs else None,
            cam=cam,
            gradients=self.gradients,
            completeness_gap=None if gap is None else by_class(gap),
            field=prepared.field,
            inside=prepared.inside,
            photo_size=prepared.photo_size,
            times_ms=times,
            likeness=like,
            features=None if means is None else means[0],
        )

    def _wanted(self, *, features: bool) -> tuple[str, ...]:
        """List the outputs that an answer is made of."""
        wanted = {PROBABILITIES, LOGITS} & self.session.outputs
        wanted |= {CAM, CAM_BIAS} if self.gradients == "exact" else {LAST_CONV}
        wanted |= {LAST_CONV} if features or self.bundle.familiarity else set()
        return tuple(name for name in OUTPUTS if name in wanted)

    def _explain(
        self, outputs: Mapping[str, npt.NDArray[np.float32]]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32] | None]:
        """Take the maps (C, h, w) of an answer, and in exact mode what they don't add up to."""
        gap = None
        if self.gradients == "exact":
            cam = outputs[CAM]
            gap = completeness_gap(outputs[LOGITS], cam, outputs[CAM_BIAS])[0]
        else:
            cam = fixed_cam(outputs[LAST_CONV], self.bundle.class_gradients)
            check_answer({CAM: cam}, self.session.name, providers=self.session.providers)
        cam.flags.writeable = False
        return cam[0], gap


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

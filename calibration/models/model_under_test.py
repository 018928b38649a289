"""A model under examination, whatever runs it, and what it says of photos."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.familiarity import Familiarity
from edge_runtime.contract import CAM, CAM_BIAS, LAST_CONV, LOGITS, OUTPUTS, PROBABILITIES
from edge_runtime.engine.answer import check_answer
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import EngineOptions
from edge_runtime.explain.gradcam import fixed_cam

if TYPE_CHECKING:
    from calibration.models.weights import LayerWeights

Arrays = dict[str, npt.NDArray[np.float32]]
Run = Callable[[npt.NDArray[np.uint8]], Arrays]

#: How far photos lie from those of training, (N,), where the bundle can tell.
DISTANCE = "distance"


@dataclass(frozen=True)
class ModelFile:
    """Which file a model is; ``gradients`` says whether its maps are "exact" or "fixed"."""

    name: str
    format: str
    precision: str
    sha256: str
    size_bytes: int
    gradients: str = "exact"
    temperature: float = 1.0

    def __str__(self) -> str:
        return f"{self.name} ({self.format}, {self.precision})"


@dataclass(frozen=True, eq=False)
class ModelUnderTest:
    """A loaded model.

    ``run`` takes uint8 (N, height, width, 3) and gives ``probabilities``, ``cam`` and, where the
    model has them, ``logits``, in the order of ``classes``. ``batch`` is how many photos it takes
    at once. ``bundle`` is where it stands, if in one: only then can speeds be compared.
    ``weights`` reads its weights, None where that can't be done; it may raise ``ValueError``.
    """

    file: ModelFile
    classes: tuple[str, ...]
    input_size: tuple[int, int]
    run: Run
    batch: int = 1
    bundle: Path | None = None
    weights: Callable[[], "tuple[LayerWeights, ...]"] | None = None


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a model says of N photos, its classes in the order asked for.

    ``probabilities`` float64 (N, C), ``logits`` float64 (N, C) or None, ``cam`` float32
    (N, C, h, w). ``distances`` are how far the photos lie from those of training, float32 (N,),
    None where the bundle can't tell. ``others`` are what it says of photos without a class, if it
    was asked.
    """

    probabilities: npt.NDArray[np.float64]
    logits: npt.NDArray[np.float64] | None
    cam: npt.NDArray[np.float32]
    others: "Outputs | None" = None
    distances: npt.NDArray[np.float32] | None = None

    @property
    def top(self) -> npt.NDArray[np.intp]:
        """The predicted class of each photo, (N,)."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def everyone(self) -> npt.NDArray[np.float64]:
        """Give the probabilities of the N photos, and behind them those of the others."""
        parts = (self, self.others) if self.others else (self,)
        return np.concatenate([part.probabilities for part in parts])

    def calibrated(self, temperature: float) -> "Outputs":
        """Put the probabilities at another temperature in their place, if there are logits."""
        if self.logits is None:
            return self
        return replace(
            self,
            probabilities=softmax(self.logits, temperature=temperature),
            others=self.others and self.others.calibrated(temperature),
        )


def open_model(bundle: Bundle, model: str | None, *, threads: int | None) -> ModelUnderTest:
    """Load a model of a bundle; its maps are exact where it computes them, as in ``predict``."""
    session = open_session(bundle, EngineOptions(model=model, threads=threads))
    exact, familiarity = {CAM, CAM_BIAS} <= session.outputs, bundle.familiarity
    wanted = {PROBABILITIES, LOGITS} & session.outputs
    wanted |= {CAM, CAM_BIAS} if exact else {LAST_CONV}
    wanted |= {LAST_CONV} if familiarity else set()

    def run(images: npt.NDArray[np.uint8]) -> Arrays:
        outputs = session.run(images, tuple(name for name in OUTPUTS if name in wanted))
        outputs |= familiarity_distances(outputs, familiarity)
        last_conv = outputs.pop(LAST_CONV, None)
        if last_conv is not None and not exact:
            outputs[CAM] = fixed_cam(last_conv, bundle.class_gradients)
        return outputs

    manifest, path = bundle.manifest, bundle.path / session.entry.file

    def weights() -> "tuple[LayerWeights, ...]":
        from calibration.models.weights import read_weights  # noqa: PLC0415 - it needs onnx

        return read_weights(path, session.entry.format)

    file = manifest.files[session.entry.file]
    return ModelUnderTest(
        ModelFile(
            session.name,
            session.entry.format,
            session.entry.precision,
            file.sha256,
            file.size_bytes,
            gradients="exact" if exact else "fixed",
            temperature=manifest.for_model(session.name).temperature,
        ),
        manifest.classes,
        manifest.input_size,
        run,
        bundle=bundle.path,
        weights=weights,
    )


def familiarity_distances(outputs: Arrays, familiarity: Familiarity | None) -> Arrays:
    """Measure how far N photos are from those of training, (N,) under ``DISTANCE``, if known."""
    if familiarity is None:
        return {}
    features = outputs[LAST_CONV].mean(axis=(1, 2))
    return {DISTANCE: familiarity.distance(features).astype(np.float32)}


def run_model(
    tested: ModelUnderTest,
    images: npt.NDArray[np.uint8],
    classes: tuple[str, ...],
    *,
    on_photo: Callable[[int], None] = lambda count: None,
) -> Outputs:
    """Run a model over photos.

    Args:
        tested: The model.
        images: uint8 (N, height, width, 3), RGB, prepared at its input size.
        classes: Its classes, in the order in which the answers' shall stand.
        on_photo: Called with the number of photos after each batch.

    Raises:
        AnswerInvalidError: An answer isn't numbers.
    """
    order = [tested.classes.index(name) for name in classes]
    parts = []
    for at in range(0, len(images), tested.batch):
        batch = images[at : at + tested.batch]
        parts.append(tested.run(batch))
        check_answer(parts[-1], tested.file.name)
        on_photo(len(batch))
    names = [name for name in (PROBABILITIES, CAM, LOGITS) if name in parts[0]]
    found = [np.concatenate([part[name] for part in parts])[:, order] for name in names]
    probabilities, cam, *logits = found
    return Outputs(
        probabilities=probabilities.astype(np.float64),
        logits=logits[0].astype(np.float64) if logits else None,
        cam=cam,
        distances=(
            np.concatenate([part[DISTANCE] for part in parts]) if DISTANCE in parts[0] else None
        ),
    )


def softmax(
    logits: npt.NDArray[np.floating], *, temperature: float = 1.0
) -> npt.NDArray[np.float64]:
    """Turn logits (N, C) into probabilities at a temperature, float64 (N, C)."""
    scaled = np.asarray(logits, np.float64) / temperature
    return np.asarray(special.softmax(scaled, axis=1))

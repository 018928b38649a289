"""What a store of explanations was made with: one bundle, one model, one way to explain."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from calibration.errors import ExplanationStoreError
from edge_runtime.photo.find import absolute
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.prediction import Gradients
from edge_runtime.system.codec import parse, read
from edge_runtime.version import VERSION

#: The files and the folder of a store.
STORE_JSON, INDEX, PARTS, EXPLANATIONS = "store.json", "index.sqlite", "parts", "explanations.h5"

#: Of what all of these hold; a change of it makes older stores unreadable.
FORM = 1


@dataclass(frozen=True)
class StoreInfo:
    """What is in ``store.json``.

    ``bundle`` is the bundle's name and ``bundle_identity`` the SHA-256 of its manifest, ``model``
    the model's name in it. ``input_size`` is (height, width) of what the model sees, ``map_size``
    (h, w) of a map, ``features`` the number K of the last convolution's channels. ``split_seed``
    dealt the splits of a dataset that has none. ``created`` is ISO 8601 with the offset from UTC.
    ``folder`` is the working folder in which it was begun, from which relative paths lead to its
    photos; None in stores of before.
    """

    form: int
    version: str
    created: str
    bundle: str
    bundle_identity: str
    model: str
    model_sha256: str
    precision: str
    providers: tuple[str, ...]
    gradients: Gradients
    classes: tuple[str, ...]
    input_size: tuple[int, int]
    map_size: tuple[int, int]
    features: int
    max_pixels: int
    split_seed: int
    folder: str | None = None


#: What must be the same to go on with a store, and how a person calls it.
_SAME = {
    "version": "version of fundus-edge",
    "bundle_identity": "bundle",
    "model_sha256": "model",
    "gradients": "--gradients",
    "max_pixels": "--max-pixels",
    "split_seed": "seed of the split",
}


def describe_store(classifier: Classifier, *, split_seed: int) -> StoreInfo:
    """Say what a store is made with that begins now."""
    bundle, session = classifier.bundle, classifier.session
    manifest = bundle.manifest
    *map_size, features = manifest.feature_shape
    return StoreInfo(
        form=FORM,
        version=VERSION,
        created=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        bundle=manifest.name,
        bundle_identity=bundle.identity,
        model=session.name,
        model_sha256=manifest.files[session.entry.file].sha256,
        precision=session.entry.precision,
        providers=tuple(session.providers),
        gradients=classifier.gradients,
        classes=manifest.classes,
        input_size=manifest.input_size,
        map_size=(map_size[0], map_size[1]),
        features=features,
        max_pixels=classifier.max_pixels,
        split_seed=split_seed,
        folder=absolute(Path()),
    )


def read_info(store: Path) -> StoreInfo:
    """Read what a store was made with.

    Raises:
        ExplanationStoreError: It is no store, of another form, or can't be read.
    """
    try:
        raw = parse((store / STORE_JSON).read_bytes())
        form = raw.get("form") if isinstance(raw, dict) else None
        if isinstance(form, int) and form != FORM:
            cause = f"is a store of form {form}, and this version reads form {FORM}"
            raise ExplanationStoreError(
                store, f"{cause}; make it anew, or use the version it is of"
            )
        return read(raw, StoreInfo)
    except (FileNotFoundError, NotADirectoryError) as error:
        cause = "is no store of explanations; make one with 'fundus-edge explain store'"
        raise ExplanationStoreError(store, cause) from error
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise ExplanationStoreError(store, f"{STORE_JSON} can't be read: {cause}") from error
    except ValueError as error:
        if isinstance(error, ExplanationStoreError):
            raise
        raise ExplanationStoreError(
            store, f"{STORE_JSON} {error}; take a copy of the store that is whole"
        ) from error


def check_same(store: Path, before: StoreInfo, now: StoreInfo) -> None:
    """Check that a store was begun as this run would begin it.

    Raises:
        ExplanationStoreError: It wasn't; the sentence names the difference.
    """
    for part, said in _SAME.items():
        if getattr(before, part) != getattr(now, part):
            cause = f"its photos were explained with another {said}"
            raise ExplanationStoreError(
                store, f"{cause}; choose another folder, or what it was begun with"
            )

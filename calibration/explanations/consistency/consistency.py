"""Measure whether a model explains alike what is alike."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from calibration.errors import ExplanationStoreError, NoPhotoLeftError, StoresDifferError
from calibration.explanations.consistency.compare_photos import compare_photos, map_pairs
from calibration.explanations.consistency.mirror_alone import MirrorAlone, mirror_alone
from calibration.explanations.consistency.pairs import (
    CopySearch,
    PhotoPairs,
    both_eyes,
    near_copies,
    repeated,
    same_bytes,
)
from calibration.explanations.consistency.record import (
    EYES,
    NEAR,
    REPEATED,
    SAME,
    ConsistencyRecord,
    OtherModel,
)
from calibration.explanations.explained import Explained
from calibration.explanations.likeness import Measures, random_means
from calibration.explanations.map_pairs import compare_random
from calibration.explanations.similarity.compare_models import compare_models
from calibration.explanations.similarity.matched import match, read_like
from calibration.explanations.store.info import read_info
from calibration.explanations.store.read import read_store
from calibration.explanations.stored_field import not_found
from calibration.models.model_under_test import open_model
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.errors import printable
from train.copies.progress import OnShare
from train.metrics.intervals import Bootstrap

#: Kinds of pairs that are brought into one frame of the retina too.
_ALIGNED = EYES, REPEATED


@dataclass(frozen=True)
class ConsistencyOptions:
    """How it is measured.

    ``near_copies`` is whether they are searched for, ``cache`` where what is read of photos for it
    is kept. ``limit`` is how many photos are mirrored, ``threads`` those of an inference.
    """

    field_degrees: float
    bootstrap: Bootstrap
    near_copies: bool = True
    cache: Path | None = None
    limit: int = 100
    threads: int | None = None


def measure_consistency(
    store: Path,
    others: tuple[Path, ...] = (),
    *,
    bundle: Bundle | None = None,
    options: ConsistencyOptions,
    on_share: OnShare = lambda label, share: None,
) -> tuple[ConsistencyRecord, Explained]:
    """Compare the explanations of a store with each other, and with other stores'.

    Args:
        store: The store.
        others: Stores of the same photos by other models.
        bundle: That of the store, to show its model the photos mirrored.
        options: How.
        on_share: Shows how far each step is.

    Returns:
        The figures, and the graded photos that they are of.

    Raises:
        ExplanationStoreError: A store can't be read, or isn't of the bundle.
        StoresDifferError: One can't be compared with the first.
        NoPhotoLeftError: All photos were refused.
    """
    whole, info = read_store(store), read_info(store)
    further = {path: read_like(path, store, whole) for path in others}
    for path, other in further.items():
        if not match(whole, other)[0].matched:
            raise StoresDifferError(store, path, "they have no photo in common that both grade")
    kept = whole.taken(np.array([photo.fault is None for photo in whole.photos], bool))
    if not kept.photos:
        raise NoPhotoLeftError([f"{photo.path}: {photo.fault}" for photo in whole.photos])
    mirrored, missing = _mirrored(store, kept, bundle, options, on_share)
    pairs, search = _pairs(kept, options, on_share)
    degrees, bootstrap = options.field_degrees, options.bootstrap
    found = ConsistencyRecord(
        store=info,
        photos=len(kept.photos),
        persons=len(np.unique(kept.groups)),
        refused=len(whole.photos) - len(kept.photos),
        field_degrees=degrees,
        resamples=bootstrap.resamples,
        seed=bootstrap.seed,
        pairs={
            kind: compare_photos(
                kept, each, align=kind in _ALIGNED, field_degrees=degrees, bootstrap=bootstrap
            )
            for kind, each in pairs.items()
        },
        copies=search,
        random_pairs=_random(kept, options),
        models=tuple(
            _other_model(whole, path, other, options, on_share) for path, other in further.items()
        ),
        mirror=mirrored,
        mirror_missing=missing,
    )
    return found, kept


def _pairs(
    kept: Explained, options: ConsistencyOptions, on_share: OnShare
) -> tuple[dict[str, PhotoPairs], CopySearch]:
    photos = kept.photos
    found = {EYES: both_eyes(photos), REPEATED: repeated(photos), SAME: same_bytes(photos)}
    if not options.near_copies:
        return found, CopySearch(0, 0, skipped=True)
    found[NEAR], search = near_copies(photos, cache=options.cache, on_share=on_share)
    return found, search


def _random(kept: Explained, options: ConsistencyOptions) -> Measures:
    each = np.arange(len(kept.photos))
    everyone = map_pairs(kept, PhotoPairs(each, each, np.zeros(len(each), np.bool_)))
    degrees, seed = options.field_degrees, options.bootstrap.seed
    return random_means(compare_random(everyone, field_degrees=degrees, seed=seed))


def _other_model(
    whole: Explained,
    path: Path,
    other: Explained,
    options: ConsistencyOptions,
    on_share: OnShare,
) -> OtherModel:
    result, *_ = compare_models(
        whole,
        other,
        field_degrees=options.field_degrees,
        bootstrap=options.bootstrap,
        on_share=partial(on_share, f"comparing with {printable(path.name)}"),
    )
    return OtherModel(printable(path), read_info(path), result)


def _mirrored(
    store: Path,
    kept: Explained,
    bundle: Bundle | None,
    options: ConsistencyOptions,
    on_share: OnShare,
) -> tuple[MirrorAlone | None, str | None]:
    """Show the store's model the photos mirrored; None with a sentence that says why not."""
    if bundle is None:
        return None, (
            "What mirroring alone does to this model isn't known here, and a mirrored eye isn't "
            "neutral for a network. Name the bundle that made the store by --bundle to know it."
        )
    info = read_info(store)
    files = bundle.manifest.files
    has = {name: files[each.file].sha256 for name, each in bundle.manifest.models.items()}
    if has.get(info.model) != info.model_sha256:
        raise ExplanationStoreError(
            store,
            f"it was made by the bundle of identity {info.bundle_identity[:12]}, and --bundle "
            f"names {bundle.identity[:12]}, which has another model; name the one that made it, or "
            "leave --bundle out",
        )
    found = mirror_alone(
        kept,
        open_model(bundle, info.model, threads=options.threads),
        limit=options.limit,
        field_degrees=options.field_degrees,
        bootstrap=options.bootstrap,
        on_share=partial(on_share, "mirroring photos"),
    )
    why = not_found(kept.photos) or "None is what it was when it was explained."
    return found, None if found else f"No photo could be mirrored: {why}"

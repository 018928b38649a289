"""Write the average maps of a store into the bundle whose model they are of."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from calibration.errors import ExplanationStoreError
from calibration.explanations.analysis.averages import average, densities, usable
from calibration.explanations.estimate import FEWEST_PERSONS
from calibration.explanations.explained import Explained, Floats
from calibration.explanations.store.info import StoreInfo
from edge_runtime.bundle.average_maps import (
    AVERAGE_MAPS,
    AverageMapsEntry,
    pack_average_maps,
    read_average_maps,
)
from edge_runtime.bundle.bundle import load_bundle, write_bundle
from edge_runtime.explain.retina_frame import FRAME_SIDE
from train.data.labelled import SPLITS


def record_averages(
    kept: Explained, store: StoreInfo, bundle_path: Path
) -> dict[str, tuple[int, int]]:
    """Average the maps of the photos that were named rightly, and keep them in a bundle.

    The whole bundle is written beside the old one and takes its place in one step. Its identity
    changes, its models and what is said of them don't.

    Args:
        kept: Photos that weren't refused.
        store: What they were explained with.
        bundle_path: The bundle, which must have that model.

    Returns:
        Of how many photos each class's average was, and is now. Where those of fewer than
        ``FEWEST_PERSONS`` persons could be brought to the common frame it stays what it was; 0 is
        none.

    Raises:
        ExplanationStoreError: Of another model than the bundle's, or without a right prediction.
        BundleInvalidError: The bundle can't be used.
        OutputFailedError: It can't be written.
    """
    bundle = load_bundle(bundle_path)
    manifest = bundle.manifest
    models = {manifest.files[each.file].sha256: name for name, each in manifest.models.items()}
    model = models.get(store.model_sha256)
    if model is None or store.classes != manifest.classes:
        raise ExplanationStoreError(
            bundle_path, f"has not the model '{store.model}' that the store was made with"
        )
    maps, photos, trained = _averages(kept)
    if not any(photos.values()):
        raise ExplanationStoreError(
            bundle_path,
            f"gets no average maps: in no class were {FEWEST_PERSONS} persons with known labels "
            "named rightly",
        )
    before = manifest.average_maps
    if before and before.model == model:  # which keeps those that this store has too few photos of
        for name, values in read_average_maps(bundle_path, before).items():
            if not photos[name]:
                maps[name], photos[name] = values, before.photos[name]
                trained |= {n: count for n, count in before.trained.items() if n == name}
    entry = AverageMapsEntry(AVERAGE_MAPS, model, photos, trained)
    files: dict[str, bytes | Path] = {name: bundle_path / name for name in manifest.files}
    files[AVERAGE_MAPS] = pack_average_maps(maps)
    write_bundle(bundle_path, replace(manifest, average_maps=entry), files, force=True)
    return {name: (before.photos[name] if before else 0, now) for name, now in photos.items()}


def _averages(kept: Explained) -> tuple[dict[str, Floats], dict[str, int], dict[str, int]]:
    """Average each class's right predictions at half the frame's pixels, finer than any map.

    Returns:
        The averages by class, of how many photos each is, and how many of these are of a training
        split, for the classes where the split of all is known.
    """
    aligned = densities(kept).aligned
    right = np.asarray(kept.labels == kept.top) & usable(aligned)
    maps, photos, trained = {}, {}, {}
    splits = np.array([photo.split or "" for photo in kept.photos])
    for label, name in enumerate(kept.classes):
        chosen = right & np.asarray(kept.top == label)
        enough = len(np.unique(kept.groups[chosen])) >= FEWEST_PERSONS
        photos[name] = int(chosen.sum()) if enough else 0
        if enough and splits[chosen].all():
            trained[name] = int((splits[chosen] == SPLITS[0]).sum())
        whole = average(aligned[chosen]) if enough else np.full((FRAME_SIDE,) * 2, np.nan)
        quarters = whole.reshape(FRAME_SIDE // 2, 2, FRAME_SIDE // 2, 2)
        maps[name] = quarters.mean(axis=(1, 3)).astype(np.float32)
    return maps, photos, trained

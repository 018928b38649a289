"""Who made a bundle of what, in plain words, by what its manifest says."""

from collections.abc import Iterator

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.manifest import Manifest, ModelEntry
from edge_runtime.bundle.metrics import Metrics
from edge_runtime.bundle.origin import Origin
from edge_runtime.bundle.thresholds import Thresholds
from edge_runtime.bundle.verdict import doubt_of, validation_of


def provenance(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Say line by line what a bundle is and where it comes from.

    All of it is the manifest's own word, which a signature covers where there is one.

    Returns:
        Of each line what it is about, which may be "" for one more of the same, and what it says.
    """
    manifest = bundle.manifest
    yield "identity", bundle.identity
    yield "made", manifest.created
    yield "classes", ", ".join(manifest.classes)
    for name, model in manifest.models.items():
        yield from _of_model(manifest, name, model)
    if manifest.thresholds:
        yield from _of_thresholds(manifest.thresholds)
    yield from _of_origin(manifest.origin)
    for name, entry in manifest.files.items():
        yield "file", f"{name}, {entry.size_bytes} bytes, SHA-256 {entry.sha256}"


def _of_model(manifest: Manifest, name: str, model: ModelEntry) -> Iterator[tuple[str, str]]:
    size = manifest.files[model.file].size_bytes / 1e6
    unasked = ", the one that is run unasked" if name == manifest.default_model else ""
    yield "model", f"{name}: {model.file}, {model.precision}, {size:.1f} MB{unasked}"
    verdict = model.verdict
    yield "  validation", _verdict(name, model)
    for caution in verdict.cautions if verdict else ():
        yield "", caution
    for split, metrics in model.metrics.items():
        yield f"  {split}", _figures(metrics)


def _verdict(name: str, model: ModelEntry) -> str:
    verdict = model.verdict
    if verdict is None:
        return f"{name} {doubt_of(None)}"
    held = sum(gate.holds for gate in verdict.gates)
    data = f"{verdict.split or 'photos'} of '{verdict.data}'" if verdict.data else "photos"
    said = (
        f"{validation_of(verdict)} on {verdict.created or 'an unknown day'}: {held} of "
        f"{len(verdict.gates)} gates hold, against {verdict.reference}, on {verdict.photos} photos "
        f"({data}, fingerprint {verdict.data_fingerprint or 'not told'})"
    )
    doubt = doubt_of(verdict)
    return f"{said}; {name} {doubt}" if doubt else said


def _figures(metrics: Metrics) -> str:
    recall = ", ".join(
        f"{name} {'none' if value is None else f'{value:.3f}'}"
        for name, value in metrics.recall.items()
    )
    return f"accuracy {metrics.accuracy:.3f} on {metrics.photos} photos; found of each: {recall}"


def _of_thresholds(thresholds: Thresholds) -> Iterator[tuple[str, str]]:
    for name, each in thresholds.classes.items():
        reached = "" if each.sensitivity is None else f", sensitivity {each.sensitivity:.3f}"
        if each.specificity is not None:
            reached += f", specificity {each.specificity:.3f}"
        yield "refers", f"{name} from {each.threshold:.3f} on{reached} ({each.photos} photos)"


def _of_origin(origin: Origin) -> Iterator[tuple[str, str]]:
    data = origin.dataset
    if data:
        photos = ", ".join(f"{split} {count}" for split, count in data.photos.items())
        fingerprint = data.fingerprint or "not told"
        yield "trained on", f"'{data.name}', photos: {photos}, fingerprint {fingerprint}"
        for source, classes in (data.sources or {}).items():
            yield "  source", f"{source}: {', '.join(classes)}"
        if data.leaks:
            leaks = data.leaks
            told = f"{leaks.groups} groups with {leaks.photos} photos stand in several splits"
            yield (
                "  leaks",
                told if leaks.groups else "none: no copies in several splits",
            )
    else:
        yield "trained on", "the bundle doesn't tell"
    if origin.training:
        chosen = (f"{name} {value}" for name, value in origin.training.items() if value != "")
        yield "options", ", ".join(chosen)
    if origin.versions:
        programs = (f"{name} {version}" for name, version in origin.versions.items() if version)
        yield "versions", ", ".join(programs)

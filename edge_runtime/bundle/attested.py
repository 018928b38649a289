"""What the statements of a bundle say, in plain words, and what of it doesn't fit the bundle."""

from collections.abc import Iterator, Mapping, Sequence

from edge_runtime.bundle.attestation import (
    Attestation,
    Examination,
    Provenance,
    Resource,
    figures_of,
)
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.bundle.verdict import Verdict

#: What the first line of a statement is about, and one that says what of all doesn't fit.
STATED, DOES_NOT_FIT = "stated", "DOES NOT FIT"

_SHOWN = 16  # digits of a SHA-256; all are in the file, and in the JSON of ``info``
_DEEPEST = 3
_LONGEST = 800  # letters of what anybody may have written there


def attested(attestations: Sequence[Attestation], manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Say line by line who says what of the making of a bundle, and what of it doesn't fit.

    Args:
        attestations: The bundle's statements.
        manifest: Its manifest.

    Returns:
        Of each line what it is about, and what it says.
    """
    if not attestations:
        yield STATED, "nothing: the steps that made this bundle left no statements of their own"
        return
    for doubt in doubts_of(attestations, manifest):
        yield DOES_NOT_FIT, doubt
    for each in attestations:
        subjects = ", ".join(_named(subject) for subject in each.subjects)
        if isinstance(each.said, Provenance):
            yield from _of_step(each.step, subjects, each.said)
        elif isinstance(each.said, Examination):
            yield from _of_examination(subjects, each.said)
        else:
            kind = f"of a kind that this version of fundus-edge doesn't read, {each.kind}"
            yield STATED, _cut(f"something of {subjects}, {kind}")


def _of_step(step: str, subjects: str, said: Provenance) -> Iterator[tuple[str, str]]:
    how, run = said.build_definition, said.run_details
    yield STATED, _cut(f"{step} made {subjects}{_on(run.metadata.finished_on)}")
    plain = [each for each in how.resolved_dependencies if not each.annotations]
    if plain:
        yield "  made of", ", ".join(map(_resource, plain))
    for each in how.resolved_dependencies:
        if each.annotations:
            yield "  made of", _resource(each)
    if how.external_parameters:
        yield "  options", _listed(how.external_parameters)
    for name, found in said.figures.items():
        reached = "; ".join(
            f"{split} accuracy {each.accuracy:.3f} on {each.photos} photos"
            for split, each in found.metrics.items()
        )
        checks = "; ".join(f"{check}: {_listed(values)}" for check, values in found.checks.items())
        yield "  measured", _cut(f"{name}: " + "; ".join(filter(None, (reached, checks))))
    if run.builder.version:
        yield "  versions", _listed(run.builder.version)


def _of_examination(subjects: str, said: Examination) -> Iterator[tuple[str, str]]:
    held, missed = len(said.passed_tests), ", ".join(said.failed_tests)
    told = f"{said.result}, {held} of {len(said.gates)} gates hold"
    if said.warned_tests:
        told += f", not judged: {', '.join(said.warned_tests)}"
    if missed:
        told += f", missed: {missed}"
    yield STATED, _cut(f"validate found of {subjects}: {told}{_on(said.finished_on)}")
    for each in said.configuration:
        yield "  by", _resource(each)
    if said.versions:
        yield "  versions", _listed(said.versions)


def doubts_of(attestations: Sequence[Attestation], manifest: Manifest) -> Iterator[str]:
    """Say what doesn't fit together: statements, the files that are there, and the manifest.

    What a file was made of needn't be there any more; what nobody made anything of must be.
    """
    files = {entry.sha256 for entry in manifest.files.values()}
    for each in attestations:
        used = {
            resource.sha256
            for other in attestations
            if other is not each and isinstance(other.said, Provenance)
            for resource in other.said.build_definition.resolved_dependencies
        }
        for subject in each.subjects:
            if subject.sha256 not in files | used:
                yield _not_here(each, subject, manifest)
    yield from _unstated(attestations, manifest)
    for name in manifest.models:
        yield from _of_model(attestations, manifest, name)


def _not_here(attestation: Attestation, subject: Resource, manifest: Manifest) -> str:
    said = f"{attestation.step or 'a statement'} speaks of {_named(subject)}"
    here = manifest.files.get(subject.name)
    if here is None:
        return _cut(f"{said}, which isn't in this bundle")
    return _cut(f"{said}, and the file of that name here is another: {here.sha256[:_SHOWN]}")


def _unstated(attestations: Sequence[Attestation], manifest: Manifest) -> Iterator[str]:
    """Name the files that results depend on and of which no step says that it made them.

    Average maps aren't among them: they decide nothing, and ``explain analyse`` states nothing.
    """
    made = {
        subject.sha256
        for each in attestations
        if isinstance(each.said, Provenance)
        for subject in each.subjects
    }
    named = [entry.file for entry in manifest.models.values()] + [manifest.gradients.file]
    named += [manifest.familiarity.file] if manifest.familiarity else []
    for file in named:
        if manifest.files[file].sha256 not in made:
            yield f"no statement says what {file} was made of"


def _of_model(attestations: Sequence[Attestation], manifest: Manifest, name: str) -> Iterator[str]:
    """Hold what is said of a model that is here against what the manifest says of it."""
    entry = manifest.models[name]
    digest, verdict = manifest.files[entry.file].sha256, entry.verdict
    of_it = [each for each in attestations if digest in {s.sha256 for s in each.subjects}]
    for each in of_it:
        if isinstance(each.said, Provenance):
            told = each.said.figures.get(name)
            if told is not None and told.file == entry.file and told != figures_of(entry):
                yield f"{each.step} measured other figures of {name} than the manifest has"
    examined = [each.said for each in of_it if isinstance(each.said, Examination)]
    if verdict is None and examined:
        yield f"validate judged {name}, and the manifest has no verdict of it"
    elif verdict and not any(_is_same(each, verdict) for each in examined):
        yield f"the manifest has a verdict of {name} that no statement gives"


def _is_same(said: Examination, verdict: Verdict) -> bool:
    return (said.result != "FAILED") == verdict.passed and said.gates == verdict.gates


def _named(resource: Resource) -> str:
    return f"{resource.name or 'a file'} ({resource.sha256[:_SHOWN]})"


def _resource(resource: Resource) -> str:
    """Tell of something that went into a step: its name, its hash, and what is noted of it."""
    known = resource.sha256[:_SHOWN] or resource.uri
    noted = {name: each for name, each in resource.annotations.items() if name != "digest_is"}
    told = f"{resource.name or 'something'} ({known})"
    return _cut(f"{told}: {_listed(noted)}" if noted else told)


def _listed(values: Mapping[str, object], depth: int = 0) -> str:
    return _cut(", ".join(f"{name} {_value(each, depth)}" for name, each in values.items()))


def _value(value: object, depth: int) -> str:
    """Write a value of JSON for people; what is nested deeper than anything here is left out."""
    if isinstance(value, Mapping | list | tuple) and (depth > _DEEPEST or not value):
        return "..." if value else "none"
    if isinstance(value, Mapping):
        return f"({_listed(value, depth + 1)})"
    if isinstance(value, list | tuple):
        return ", ".join(_value(each, depth + 1) for each in value)
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _on(moment: str) -> str:
    return f", on {moment}" if moment else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."

"""Say what a run is made with, so that it is gone on with in the same way only."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import fields

from edge_runtime.errors import RunDiffersError
from edge_runtime.predict.classifier import Classifier, Gradients
from edge_runtime.system.codec import parse, read
from edge_runtime.version import VERSION


class Run(Struct, frozen=True):
    """What decides on a run's results; each with how a person calls it.

    ``bundle`` is its identity, ``model`` the SHA-256 of the model's file. Which photos it takes
    isn't part of it: a run grows with its folders.
    """

    version: Annotated[str, Meta(title="version of fundus-edge")]
    bundle: Annotated[str, Meta(title="bundle")]
    model: Annotated[str, Meta(title="model")]
    class_choice: Annotated[str, Meta(title="--class")] = field(name="class")
    gradients: Annotated[Gradients, Meta(title="--gradients")]
    quality_gate: Annotated[bool, Meta(title="quality gate")]
    max_pixels: Annotated[int, Meta(title="--max-pixels")]
    providers: Annotated[tuple[str, ...], Meta(title="--provider")]


def describe_run(classifier: Classifier, *, choice: str) -> Run:
    """Say what a run is made with; ``choice`` is as the command line has it."""
    bundle, session = classifier.bundle, classifier.session
    return Run(
        version=VERSION,
        bundle=bundle.identity,
        model=bundle.manifest.files[session.entry.file].sha256,
        class_choice=choice,
        gradients=classifier.gradients,
        quality_gate=classifier.quality_gate,
        max_pixels=classifier.max_pixels,
        providers=tuple(session.providers),
    )


def check_same_run(path: Path, begun: str, run: Run) -> None:
    """Check that a folder's run was begun as this one would be.

    Args:
        path: The result folder.
        begun: What its run was, as JSON.
        run: This one.

    Raises:
        RunDiffersError: It wasn't, or not by this version; the sentence names the difference.
    """
    try:
        before = read(parse(begun), Run)
    except ValueError as error:
        raise RunDiffersError(path, f"its description {error}") from error
    for part in fields(Run):
        if getattr(before, part.name) != getattr(run, part.name):
            said = part.type.__metadata__[0].title
            raise RunDiffersError(path, f"its run was begun with another {said}")

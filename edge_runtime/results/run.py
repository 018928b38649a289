"""Say what a run is made with, so that it is gone on with in the same way only."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import fields

from edge_runtime.errors import OutputExistsError, RunDiffersError
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.prediction import Gradients
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
    is_nameless: Annotated[bool, Meta(title="--deidentify")] = False


def describe_run(classifier: Classifier, *, choice: str, is_nameless: bool = False) -> Run:
    """Say what a run is made with.

    Args:
        classifier: What predicts.
        choice: Which classes are explained, as the command line has it.
        is_nameless: Whether results tell of nobody.
    """
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
        is_nameless=is_nameless,
    )


def check_same_run(path: Path, begun: str, run: Run, *, resume: bool = True) -> None:
    """Check that a folder's run was begun as this one would be.

    Args:
        path: The result folder.
        begun: What its run was, as JSON.
        run: This one.
        resume: Whether it is to be gone on with; else all that is checked is names.

    Raises:
        OutputExistsError: One of them has no names: it can't be gone on with, and isn't mixed.
        RunDiffersError: It wasn't, or not by this version; the sentence names the difference.
    """
    try:
        before = read(parse(begun), Run)
    except ValueError as error:
        if not resume:
            return
        raise RunDiffersError(path, f"its description {error}") from error
    if before.is_nameless or run.is_nameless:
        has = "without names (--deidentify)" if before.is_nameless else "with names"
        raise OutputExistsError(
            path, f"its results are {has}, so these can't be added: choose another folder"
        )
    if not resume:
        return
    for part in fields(Run):
        if getattr(before, part.name) != getattr(run, part.name):
            said = part.type.__metadata__[0].title
            raise RunDiffersError(path, f"its run was begun with another {said}")

"""Say what a run is made with, so that it is gone on with in the same way only."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from edge_runtime.errors import RunDiffersError
from edge_runtime.predict.classifier import Classifier, Gradients
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.version import VERSION


class Run(Struct, frozen=True):
    """What decides on a run's results.

    ``bundle`` is its identity, ``model`` the SHA-256 of the model's file. The paths are kept as a
    hash only: they may tell more than the results do.
    """

    version: str
    bundle: str
    model: str
    class_choice: str = field(name="class")
    gradients: Gradients
    quality_gate: bool
    max_pixels: int
    providers: tuple[str, ...]
    paths_sha256: str


#: How a person calls each of these.
_SAID = {
    "version": "version of fundus-edge",
    "bundle": "bundle",
    "model": "model",
    "class_choice": "--class",
    "gradients": "--gradients",
    "quality_gate": "quality gate",
    "max_pixels": "--max-pixels",
    "providers": "--provider",
    "paths_sha256": "list of paths",
}


def describe_run(classifier: Classifier, *, choice: str, paths: Iterable[Path]) -> Run:
    """Say what a run is made with.

    Args:
        classifier: What makes the predictions.
        choice: Which classes are explained: "top", "all" or a class name.
        paths: As the command line names them.
    """
    bundle, session = classifier.bundle, classifier.session
    named = "\0".join(map(_absolute, paths))
    return Run(
        version=VERSION,
        bundle=bundle.identity,
        model=bundle.manifest.files[session.entry.file].sha256,
        class_choice=choice,
        gradients=classifier.gradients,
        quality_gate=classifier.quality_gate,
        max_pixels=classifier.max_pixels,
        providers=tuple(session.providers),
        paths_sha256=hashlib.sha256(os.fsencode(named)).hexdigest(),
    )


def write_run(run: Run) -> str:
    """Write it as JSON."""
    return json.dumps(plain(run))


def read_run(path: Path, text: str) -> Run:
    """Read what ``write_run`` wrote.

    Args:
        path: The result folder that it is of.
        text: The JSON.

    Raises:
        RunDiffersError: It isn't that of a run that this version could have begun.
    """
    try:
        return read(parse(text), Run)
    except ValueError as error:
        raise RunDiffersError(path, f"its description {error}") from error


def check_same_run(path: Path, begun: Run, run: Run) -> None:
    """Check that a folder's run was begun as this one would be.

    Raises:
        RunDiffersError: It wasn't; the sentence names the difference.
    """
    for name, said in _SAID.items():
        if getattr(begun, name) != getattr(run, name):
            raise RunDiffersError(path, f"its run was begun with another {said}")


def _absolute(path: Path) -> str:
    try:
        return os.path.abspath(path)  # noqa: PTH100 - links stay as named
    except FileNotFoundError:  # the current folder was deleted
        return str(path)

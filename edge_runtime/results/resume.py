"""Take up an interrupted run: what it was, which photos it has, and where it broke off."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_runtime.errors import OutputExistsError, RunDiffersError
from edge_runtime.predict.classifier import Classifier
from edge_runtime.system.files import complete_lines
from edge_runtime.version import VERSION

try:
    import fcntl
except ImportError:  # Windows has no such lock: two runs in one folder then aren't kept apart
    fcntl = None  # type: ignore[assignment]

#: What the run was begun with; there from the first moment.
RUN_JSON = "run.json"

_PNG_END = b"IEND\xaeB`\x82"
_SAID = {
    "version": "version of fundus-edge",
    "bundle": "bundle",
    "model": "model",
    "class": "--class",
    "gradients": "--gradients",
    "quality_gate": "quality gate",
    "max_pixels": "--max-pixels",
    "providers": "--provider",
    "paths_sha256": "list of paths",
}


@dataclass
class Kept:
    """What an interrupted run has.

    ``records_end`` and ``sections_end`` are the bytes of the two journals that hold complete
    photos; what is behind them was being written when the run ended.
    """

    done: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    overlays: set[str] = field(default_factory=set)
    records_end: int = 0
    sections_end: int = 0

    def count(self, status: str, reason: str | None) -> None:
        """Count one photo more."""
        self.statuses[status] += 1
        if reason:
            self.reasons[reason] += 1


def describe_run(classifier: Classifier, *, choice: str, paths: Iterable[Path]) -> dict[str, Any]:
    """Say what decides on a run's results, to compare when it is resumed.

    The paths are kept as a hash only: they may tell more than the results do.
    """
    bundle, session = classifier.bundle, classifier.session
    named = "\0".join(map(_absolute, paths))
    return {
        "version": VERSION,
        "bundle": bundle.identity,
        "model": bundle.manifest.files[session.entry.file].sha256,
        "class": choice,
        "gradients": classifier.gradients,
        "quality_gate": classifier.quality_gate,
        "max_pixels": classifier.max_pixels,
        "providers": list(session.providers),
        "paths_sha256": hashlib.sha256(os.fsencode(named)).hexdigest(),
    }


def check_same_run(path: Path, run: dict[str, Any]) -> None:
    """Check that a folder's run was begun as this one would be.

    Raises:
        RunDiffersError: It wasn't; the sentence names the difference.
    """
    try:
        begun = json.loads((path / RUN_JSON).read_bytes())
    except (ValueError, RecursionError) as error:
        raise RunDiffersError(path, "run.json can't be read") from error
    for key, said in _SAID.items():
        if not isinstance(begun, dict) or begun.get(key) != run[key]:
            raise RunDiffersError(path, f"its run was begun with another {said}")


def lock(path: Path) -> int:
    """Keep other runs out of a folder as long as this process lives.

    Returns:
        What ``os.close`` takes to end it.

    Raises:
        OutputExistsError: Another run is at work there.
    """
    handle = os.open(path / RUN_JSON, os.O_RDONLY)
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise OutputExistsError(path, "another run is writing there; wait for it") from error
    return handle


def recover(path: Path, *, records: str, sections: str | None) -> Kept:
    """Read which photos a run has completed.

    A photo is complete when its record, its part of the report (unless that is made already) and
    its overlays are. The first that isn't ends the list: a later one can only stem from a loss of
    power.
    """
    kept = Kept()
    parts = None if sections is None else complete_lines(path / sections)
    for line in complete_lines(path / records):
        record = _parse(line)
        part = b"" if parts is None else next(parts, None)
        if record is None or part is None:
            break
        overlays = {
            shown["overlay"] for shown in record.get("explanations", []) if "overlay" in shown
        }
        if not all(_is_whole(path / name) for name in overlays):
            break
        kept.done.add(record["path"])
        kept.count(record["status"], record.get("reason"))
        kept.overlays |= overlays
        kept.records_end += len(line)
        kept.sections_end += len(part)
    return kept


def clear_orphans(folder: Path, keep: set[str]) -> None:
    """Delete the overlays of photos that weren't completed.

    Args:
        folder: The folder of the overlays.
        keep: The overlays to keep, as ``overlays/name``.
    """
    for file in folder.iterdir():
        if f"{folder.name}/{file.name}" not in keep and file.is_file():
            file.unlink()


def _absolute(path: Path) -> str:
    try:
        return os.path.abspath(path)  # noqa: PTH100 - links stay as named
    except FileNotFoundError:  # the current folder was deleted
        return str(path)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    shown = record.get("explanations", [])
    whole = isinstance(record.get("path"), str) and isinstance(record.get("status"), str)
    return record if whole and isinstance(shown, list) else None


def _is_whole(picture: Path) -> bool:
    try:
        with picture.open("rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            return file.read() == _PNG_END
    except OSError:
        return False

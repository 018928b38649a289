"""Begin a run in a place, or take it up: who made it, and that nobody else does so now."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.place import Place, parts_in
from edge_runtime.archive.rows import Wanted
from edge_runtime.archive.schema import SCHEMA_VERSION
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import OutputExistsError, RunDiffersError
from edge_runtime.results.run import Run, check_same_run
from edge_runtime.system.codec import parse, plain, to_line
from edge_runtime.system.files import make_folder
from edge_runtime.system.partial import lock

#: Says what the records in a place were made with; it is there before any of them. Readers of
#: Parquet take a folder as a table, and leave out what begins so.
RUN = "_run.json"


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Be the one who writes into a folder; in an object store nobody can be kept out.

    Raises:
        DestinationError: Another process does, or it can't be written.
    """
    if not place.is_local:
        yield
        return
    with place.in_one_sentence():
        make_folder(Path(place.root), mode=0o700)
        handle = os.open(place.root, os.O_RDONLY)
    try:
        try:
            lock(handle, wait=False)
        except BlockingIOError as error:
            raise DestinationError(
                place.text, "another run writes there; wait for it, or choose another place"
            ) from error
        yield
    finally:
        os.close(handle)


def begin(place: Place, run: Run, wanted: Wanted, *, source: Place, resume: bool) -> None:
    """Write down what a run is made with, or check that it goes on as it began.

    Args:
        place: Where the records go.
        run: What they are made with.
        wanted: What is kept beside them.
        source: What is screened.
        resume: Whether to go on with a run that is there.

    Raises:
        OutputExistsError: There are records, and nobody asked to go on with them.
        RunDiffersError: They were made otherwise.
        DestinationError: It lies in what is screened, has something else in it, or can't be used.
    """
    if source.is_local and place.is_local and _is_within(place.root, source.root):
        raise DestinationError(
            place.text, "it lies in the archive that is screened; choose a place beside it"
        )
    begun, has_records = place.read(RUN), next(parts_in(place), None) is not None
    if begun is None and has_records:
        raise DestinationError(
            place.text, f"has records, and no {RUN} that says of what; choose another place"
        )
    if begun is None and (others := [n for n in place.names() if not n.startswith(".")]):
        raise DestinationError(
            place.text, f"there is something else in it ({others[0]}); choose another place"
        )
    if begun is None or not has_records:  # of a run that ended before its first record nothing is
        content = {
            "schema_version": SCHEMA_VERSION,
            "run": plain(run),
            "beside": _beside(wanted),
            "disclaimer": DISCLAIMER,
        }
        place.write(RUN, to_line(content).encode() + b"\n")
        return
    if not resume:
        remedy = "go on with its run with --resume, or choose another place for the records"
        raise OutputExistsError(cast("Path", place.text), remedy)  # only shown
    content = _content(place, begun)
    check_same_run(cast("Path", place.text), to_line(content.get("run")), run)
    beside = content.get("beside", _beside(wanted))  # an older one doesn't say
    if beside != _beside(wanted):
        told = beside if isinstance(beside, list) and beside else ["neither maps nor overlays"]
        raise RunDiffersError(
            cast("Path", place.text), f"its run was begun with {' and '.join(map(str, told))}"
        )


def made_with(place: Place) -> dict[str, str]:
    """Say what the records in a place were made with, option by option; nothing where none tells.

    Raises:
        DestinationError: Its description can't be read.
    """
    begun = place.read(RUN)
    if begun is None:
        return {}
    run = _content(place, begun).get("run")
    return {name: str(said) for name, said in run.items()} if isinstance(run, dict) else {}


def _beside(wanted: Wanted) -> list[str]:
    """Name the options by which something is kept beside the records."""
    asked = {"--maps": wanted.maps, "--overlays": wanted.overlays is not None}
    return [name for name, is_asked in asked.items() if is_asked]


def _content(place: Place, begun: bytes) -> dict[str, object]:
    try:
        content = parse(begun)
        if isinstance(content, dict) and content.get("schema_version") == SCHEMA_VERSION:
            return content
    except ValueError:
        pass
    raise DestinationError(
        place.text, f"its {RUN} isn't one that this version writes; choose another place"
    )


def _is_within(inner: str, outer: str) -> bool:
    return Path(inner).resolve().is_relative_to(Path(outer).resolve())

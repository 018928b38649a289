"""Write the FHIR bundles of a run's persons, a file each."""

import re
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.errors import FundusError, OutputExistsError, printable
from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from edge_runtime.exchange.read_results import read_results
from edge_runtime.exchange.state import statements_of
from edge_runtime.system.files import make_folder, one_sentence, write_file

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s|<>\"{}\\^`]+")


class PatientSystemError(FundusError, ValueError):
    """A system of IDs that can't be one, or in which an ID would be of two persons."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"--patients can't be used: {cause}")


def write_bundles(results: Path, out: Path, *, system: str = "") -> Iterator[Path]:
    """Write of each person a transaction bundle, for its owner only; nothing is written over.

    Args:
        results: What ``predict --out`` wrote.
        out: A folder, which is made.
        system: The URI of the system that all persons' IDs are of; "" where nobody says it.

    Yields:
        Each file, once it is there.

    Raises:
        ResultsUnreadableError: There are no results, or they can't be used.
        PatientSystemError: ``system`` is no URI, or two persons have one ID in it.
        OutputExistsError: Another file of the name is there.
        OutputFailedError: It can't be written.
    """
    if system and not _URI.fullmatch(system):
        cause = f"{printable(system)} is no URI, such as http://hospital.example/patients"
        raise PatientSystemError(cause)
    if system:
        _check_persons(results)
    with one_sentence(out):
        make_folder(out, mode=0o700)
    for person in read_results(results):
        said = statements_of(person.report, person.facts)
        data = bundle_json(person_bundle(said, contents=person.sha256, system=system))
        target = out / f"{person.file}.json"
        with one_sentence(target):
            if target.exists() and target.read_bytes() != data:
                raise OutputExistsError(target, "choose another folder for the bundles")
            write_file(target, data, private=True)
        yield target


def _check_persons(results: Path) -> None:
    """Refuse IDs that two persons have: a record would put both to one.

    Some servers look IDs up without regard to capitals. Where two files' names call their persons
    the same, the folder stands before the ID, and it isn't the hospital's any more.
    """
    taken: dict[str, str] = {}
    for person in read_results(results):
        who = statements_of(person.report, person.facts).patient
        if not who.is_known:
            continue
        is_shared = taken.setdefault(who.identifier.casefold(), person.file) != person.file
        if is_shared or (not who.is_dicom and "/" in who.identifier):
            raise PatientSystemError(
                f"in {printable(results)} two persons have the ID "
                f"{printable(who.identifier.rpartition('/')[2])}; make a run of each system of IDs"
            )

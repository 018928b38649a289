"""Make the FHIR bundles of a run's persons."""

import re
from pathlib import Path

from edge_runtime.errors import FundusError, printable
from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from edge_runtime.exchange.read_results import PersonResults, read_results
from edge_runtime.exchange.report_paper import Paper

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s|<>\"{}\\^`]+")


class PatientSystemError(FundusError, ValueError):
    """A system of IDs that can't be one, or in which an ID would be of two persons."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"--patients can't be used: {cause}")


def bundle_of(
    person: PersonResults, *, system: str = "", issuer: str = "", paper: Paper | None = None
) -> bytes:
    """Make a person's transaction bundle: the same file for the same results.

    Args:
        person: From ``read_results``.
        system: The URI of the system that all persons' IDs are of, from ``check_system``; "" where
            nobody says it.
        issuer: Who issued the IDs that DICOM files don't tell, as DICOM has it; "" likewise.
        paper: The report as ``paper_of`` draws it, or another one; None to do without.
    """
    said = person.said()
    who = said.patient
    assigner = issuer if who.is_known and not who.is_dicom else ""
    bundle = person_bundle(
        said, contents=person.sha256, system=system, assigner=assigner, paper=paper,
        requests=person.camp.requests if person.camp else (),
    )  # fmt: skip
    return bundle_json(bundle)


def check_uri(system: str) -> None:
    """Check that a system of IDs is named by a URI.

    Raises:
        PatientSystemError: It isn't.
    """
    if not _URI.fullmatch(system):
        cause = f"'{printable(system)}' is no URI, such as http://hospital.example/patients"
        raise PatientSystemError(cause)


def check_system(results: Path, system: str) -> None:
    """Check that all persons' IDs can be of one system: an ID of two would put both to one record.

    Some servers look IDs up without regard to capitals. Where files in two folders call their
    persons the same, the folder stands before the ID, which isn't the hospital's any more.

    Args:
        results: What ``predict --out`` wrote.
        system: The system's URI.

    Raises:
        PatientSystemError: It is no URI, or two persons have one ID.
        ResultsUnreadableError: There are no results, or they can't be used.
    """
    check_uri(system)
    taken: dict[str, str] = {}
    for person in read_results(results):
        who = person.said().patient
        if not who.is_known:
            continue
        is_shared = taken.setdefault(who.identifier.casefold(), person.file) != person.file
        if is_shared or (not who.is_dicom and "/" in who.identifier):
            raise PatientSystemError(
                f"in {printable(results)} two persons have the ID "
                f"{printable(who.identifier.rpartition('/')[2])}; make a run of each system of IDs"
            )

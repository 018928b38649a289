"""The options --dicom, --fhir, --issuer, --patients and --annotated of ``station export``."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from edge_runtime.hospital.words import MOST, is_line

if TYPE_CHECKING:
    from edge_runtime.station.papers.hospital_folder import ForHospital


class HospitalChoice(NamedTuple):
    """What the options say; see the options of ``dicom report`` and ``fhir report``."""

    dicom: bool
    fhir: bool
    issuer: str
    system: str
    annotated: bool

    @property
    def is_any(self) -> bool:
        """Whether anything is asked for."""
        return self.dicom or self.fhir


def hospital_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, all of them as ``hospital``, a ``HospitalChoice``."""

    @functools.wraps(command)
    def gathered(*args: Any, **options: Any) -> Any:
        chosen = HospitalChoice(*(options.pop(name) for name in HospitalChoice._fields))
        return command(*args, hospital=chosen._replace(issuer=chosen.issuer.strip()), **options)

    made: Callable[..., Any] = gathered
    for option in (
        click.option(
            "--annotated", is_flag=True,
            help="With --dicom: JPEGs show whose they are: a name or a number is in them.",
        ),
        click.option(
            "--patients", "system", default="", metavar="URI",
            help="With --fhir: the system that the given IDs are of, as the hospital's record "
            "names it, so that each result is put to the person who has the ID there.  [default: "
            "to a person of its own]",
        ),
        click.option(
            "--issuer", default="", metavar="NAME",
            help="With --dicom or --fhir: who issued the IDs that were given at the camp.",
        ),
        click.option(
            "--fhir", is_flag=True,
            help="Into each person's folder also bundle.json, a FHIR R4 bundle for a record.",
        ),
        click.option(
            "--dicom", is_flag=True,
            help="Into each person's folder also dicom/, a structured report with its pictures "
            "for an archive.",
        ),
    ):  # fmt: skip
        made = option(made)
    return made


def chosen_for_hospital(
    chosen: HospitalChoice, *, deidentify: bool, move_dates: bool
) -> "ForHospital | None":
    """Check what the options say, and put it as the writer takes it; None where nothing is asked.

    Raises:
        click.UsageError: An option stands there without the one that it belongs to.
        click.ClickException: The packages that write DICOM aren't installed.
        PatientSystemError: What is to be a system of IDs is no URI.
    """
    if chosen.issuer and not chosen.is_any:
        raise click.UsageError("--issuer needs --dicom or --fhir")
    if chosen.annotated and not chosen.dicom:
        raise click.UsageError("--annotated needs --dicom")
    if chosen.system and not chosen.fhir:
        raise click.UsageError("--patients needs --fhir")
    if deidentify and (chosen.issuer or chosen.annotated or chosen.system):
        raise click.UsageError(
            "--issuer, --annotated and --patients say whose the results are; leave out them or "
            "--deidentify"
        )
    if not is_line(chosen.issuer):
        raise click.UsageError(f"--issuer must be one line of {MOST} letters at most")
    if not chosen.is_any:
        return None
    from edge_runtime.exchange.fhir_report import check_uri
    from edge_runtime.hospital.installed import INSTALL, is_installed
    from edge_runtime.station.papers.hospital_folder import ForHospital

    if chosen.dicom and not is_installed():
        raise click.ClickException(f"--dicom needs packages that aren't installed: {INSTALL}")
    if chosen.system:
        check_uri(chosen.system)
    dates = ("MODIFIED" if move_dates else "REMOVED") if deidentify else ""
    return ForHospital(
        chosen.dicom, chosen.fhir, chosen.issuer, chosen.system, chosen.annotated,
        dates,  # type: ignore[arg-type]  # it is one of the words
    )  # fmt: skip

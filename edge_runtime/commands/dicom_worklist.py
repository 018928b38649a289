"""The command ``fundus-edge dicom worklist``."""

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.tls_options import chosen_tls, tls_options
from edge_runtime.errors import MissingExtraError, printable

if TYPE_CHECKING:
    from edge_runtime.hospital.worklist import Scheduled


@click.command()
@click.option(
    "--peer", required=True, metavar="AE@HOST:PORT", help="Who keeps the worklist, and where."
)
@click.option(
    "--date", "day", default="today", show_default=True, metavar="DAY",
    help="For which day: today, any, or YYYY-MM-DD.",
)  # fmt: skip
@click.option(
    "--modality", default="", metavar="CODE", help="For which modality, such as OP.  [default: any]"
)
@click.option(
    "--ae-title", default="FUNDUSEDGE", show_default=True, help="AE title of this computer."
)
@tls_options
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each.")
def worklist(
    peer: str,
    day: str,
    modality: str,
    ae_title: str,
    tls: bool,
    tls_ca: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    as_json: bool,
) -> None:
    """List who is to be photographed, as a hospital's worklist has it (C-FIND).

    Each line has the time, the patient's ID, the name and what is to be done. Nothing is kept.
    """
    from importlib.util import find_spec

    for module in ("pydicom", "pynetdicom"):
        if find_spec(module) is None:
            raise MissingExtraError("hospital", module)
    from edge_runtime.hospital.peers import is_ae_title, peer_of
    from edge_runtime.hospital.tls import client_context
    from edge_runtime.hospital.worklist import MOST
    from edge_runtime.hospital.worklist import worklist as ask

    if not is_ae_title(ae_title):
        raise click.BadParameter("it has 1 to 16 letters of ASCII", param_hint="--ae-title")
    encrypted = chosen_tls(tls_certificate, tls_key, tls_ca, tls=tls)
    found, is_cut_off = ask(
        peer_of(peer, needs_port=True), ae_title=ae_title, day=_day(day), modality=modality,
        tls=client_context(encrypted) if encrypted else None,
    )  # fmt: skip
    for each in found:
        click.echo(_json(each) if as_json else _line(each))
    if is_cut_off:
        click.echo(f"There are more; {MOST} of them are shown. Name a day.", err=True)
    elif not found:
        click.echo("Nobody is scheduled.", err=True)


def _day(told: str) -> datetime.date | None:
    if told == "any":
        return None
    try:
        return datetime.date.today() if told == "today" else datetime.date.fromisoformat(told)
    except ValueError as error:
        raise click.BadParameter(
            f"'{printable(told)}' is neither today nor any nor YYYY-MM-DD", param_hint="--date"
        ) from error


def _json(each: "Scheduled") -> str:
    from edge_runtime.system.codec import plain

    return json.dumps(plain(each))


def _line(each: "Scheduled") -> str:
    patient = f"{each.issuer}/{each.patient_id}" if each.issuer else each.patient_id
    parts = (each.time.replace("T", " "), patient, each.name, each.modality, each.description)
    return "\t".join(map(printable, parts))

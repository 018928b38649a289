"""The command ``fundus-edge fhir report``."""

import sys
from pathlib import Path

import click

from edge_runtime.commands.apart import check_apart
from edge_runtime.commands.deidentify_options import (
    chosen_nameless,
    deidentify_option,
    move_dates_option,
)
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.pdf_option import draws_pdf, no_pdf_option


@click.command()
@click.argument("results", type=GivenPath(), metavar="RESULTS")
@click.option("--out", type=GivenPath(), required=True, help="Folder for the bundles.")
@click.option(
    "--patients",
    "system",
    default="",
    metavar="URI",
    help="The system that the persons' IDs are of, as the hospital's record names it, so that each "
    "result is put to the person who has the ID there.  [default: to a person of its own]",
)
@no_pdf_option
@deidentify_option(pictures="no pictures")
@move_dates_option
def report(
    results: Path,
    out: Path,
    system: str,
    no_pdf: bool,
    deidentify: bool,
    pseudonyms: Path | None,
    move_dates: bool,
) -> None:
    """Make a FHIR R4 transaction bundle of each person's results, for a record.

    RESULTS is a folder that ``predict --out`` wrote. The report is in it in words, in codes, and as
    a PDF. The same results give the same files, and a server that takes one twice makes nothing
    new. Nothing is sent.

    A person of whom none can be written is named and the others go on; the exit status is then 1.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import FundusError, OutputExistsError, printable
    from edge_runtime.exchange.fhir_report import bundle_of, check_system
    from edge_runtime.exchange.read_results import read_results
    from edge_runtime.exchange.report_paper import paper_of
    from edge_runtime.system.files import make_folder, one_sentence, write_file

    check_apart(out, results)
    if system:
        check_system(results, system)
    nameless = chosen_nameless(
        pseudonyms, deidentify=deidentify, apart_from=(out, results), moves_dates=move_dates
    )
    failed, draws = 0, draws_pdf(no_pdf=no_pdf)
    for found in read_results(results):
        person = nameless.results(found) if nameless else found
        target = out / f"{person.file}.json"
        try:
            paper = paper_of(person, None if nameless else results) if draws else None
            data = bundle_of(person, system=system, paper=paper)
            with one_sentence(target):
                make_folder(out, mode=0o700)
                if target.exists() and target.read_bytes() != data:
                    raise OutputExistsError(target, "choose another folder for the bundles")
                write_file(target, data, private=True)
        except FundusError as error:
            click.echo(f"Error: {error}", err=True)
            failed += 1
            continue
        click.echo(printable(target))
    click.echo(DISCLAIMER, err=True)
    if failed:
        sys.exit(1)

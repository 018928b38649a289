"""The command ``fundus-edge dicom report``."""

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
@click.option(
    "--out", type=GivenPath(), required=True, help="Folder for a folder of each person's files."
)
@click.option(
    "--issuer", default="", metavar="NAME", help="Who issued the IDs that names of files tell."
)
@click.option(
    "--annotated", is_flag=True, help="JPEGs show whose they are: a name or a number is in them."
)
@no_pdf_option
@deidentify_option(pictures="no pictures")
@move_dates_option
def report(
    results: Path,
    out: Path,
    issuer: str,
    annotated: bool,
    no_pdf: bool,
    deidentify: bool,
    pseudonyms: Path | None,
    move_dates: bool,
) -> None:
    """Make a structured report in DICOM of each person's results, for an archive.

    RESULTS is a folder that ``predict --out`` wrote. Beside the report stand the same as a PDF to
    look at, the overlays, and the photographs that didn't come as DICOM files, as the report refers
    to them. Those that did are referred to where they are; their study is kept. The same results
    give the same files.

    With --deidentify it refers to photographs by their new UIDs, and to nothing else, as nobody
    looked for text in overlays. Those of results that "predict --deidentify" wrote have none.

    A person of whom none can be made is named and the others go on; the exit status is then 1.
    """
    from edge_runtime.contract import DISCLAIMER
    from edge_runtime.errors import FundusError, printable
    from edge_runtime.exchange.dicom_report import report_objects
    from edge_runtime.exchange.read_results import read_results
    from edge_runtime.exchange.report_paper import paper_of
    from edge_runtime.system.files import write_file
    from edge_runtime.system.folders import new_folder

    check_apart(out, results)
    nameless = chosen_nameless(
        pseudonyms, deidentify=deidentify, apart_from=(out, results), moves_dates=move_dates
    )
    failed, draws = 0, draws_pdf(no_pdf=no_pdf)
    for found in read_results(results):
        person = nameless.results(found) if nameless else found
        target, name, note = out / person.file, "", ""
        try:
            paper = paper_of(person, None if nameless else results) if draws else None
            with new_folder(target, private=True) as folder:
                for made in report_objects(
                    results, person, issuer=issuer.strip(), is_annotated=annotated, paper=paper
                ):
                    write_file(folder / made.name, made.data, private=True, sync=False)
                    name, note = made.name, made.note
        except FundusError as error:
            click.echo(f"Error: {error}", err=True)
            failed += 1
            continue
        click.echo(printable(target / name))
        if note:
            click.echo(f"{printable(target)}: {note}", err=True)
    click.echo(DISCLAIMER, err=True)
    if failed:
        sys.exit(1)

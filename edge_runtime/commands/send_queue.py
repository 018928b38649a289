"""The command ``queue`` of ``fundus-edge dicom`` and ``fundus-edge fhir``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.sending import opened, queue_folder
from edge_runtime.errors import OutputExistsError, printable

if TYPE_CHECKING:
    from edge_runtime.exchange.outbox_form import Item

_NUMBER = click.IntRange(1)


@click.command()
@click.argument("folder", type=GivenPath(), required=False)
@click.option(
    "--retry", is_flag=True, help="Let all be tried at once, what was refused or given up too."
)
@click.option(
    "--retry-one", "again", type=_NUMBER, multiple=True, metavar="NUMBER",
    help="Let this one be tried at once. May be repeated.",
)  # fmt: skip
@click.option(
    "--remove", "out", type=_NUMBER, multiple=True, metavar="NUMBER",
    help="Take this one out of the queue; it isn't sent then. May be repeated.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each, for programs.")
def queue(
    folder: Path | None,
    retry: bool,
    again: tuple[int, ...],
    out: tuple[int, ...],
    as_json: bool,
) -> None:
    """Say what waits to be sent, what was refused, and in which words.

    Nothing is sent by this.
    """
    from edge_runtime.exchange import by_hand
    from edge_runtime.exchange.outbox_form import FORM
    from edge_runtime.exchange.standing import read_standing, sentence_of

    where = queue_folder(folder)
    if not (where / FORM.file).is_file():
        raise click.ClickException(f"{printable(where)}: no queue here; dicom send makes one")
    try:
        with opened(where) as outbox:
            if out:
                click.echo(f"{by_hand.remove(outbox, out)} taken out.", err=True)
            if again or retry:
                number = by_hand.retry(outbox, () if retry else again)
                click.echo(f"{number} to be tried at once, by dicom send or fhir send.", err=True)
            for item in outbox.items():
                click.echo(_json(item) if as_json else printable(_line(item)))
            standing = outbox.tell()
    except OutputExistsError:
        found = read_standing(where)
        if again or retry or out or found is None:
            raise
        standing = found
        click.echo("Another process is sending from it now.", err=True)
    click.echo(f"Queue {printable(where)}: {printable(sentence_of(standing))}.", err=True)


def _line(item: "Item") -> str:
    tries = f" ({item.tries} {'try' if item.tries == 1 else 'tries'})" if item.tries else ""
    said = f": {item.said}" if item.said else ""
    what = f"{item.title} {item.source}, {item.identity}"
    return f"{item.number}  {item.state}  {item.peer}  {what}{tries}{said}"


def _json(item: "Item") -> str:
    return json.dumps(item._asdict())

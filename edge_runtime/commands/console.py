"""Print the lines of a prediction run: results, errors, counts."""

from typing import TYPE_CHECKING

import click

from edge_runtime.errors import printable, ten_named

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from edge_runtime.photo.find import FoundPhotos
    from edge_runtime.predict.record import Record
    from edge_runtime.results.standing import Standing
    from edge_runtime.results.tally import Tally


def show_passed_over(found: "FoundPhotos", *, skip_unknown: bool) -> None:
    """Say on stderr what of the folders isn't read: by name what may be meant, else by number."""
    from edge_runtime.hospital.installed import INSTALL
    from edge_runtime.photo.beside import count_kinds

    if found.unread:
        names = ten_named([printable(path) for path in found.unread])
        remedy = "convert them to JPEG or PNG, or pass them over with --skip-unknown"
        said = names if skip_unknown else f"{names}; {remedy}"
        kinds = count_kinds(found.unread)
        click.echo(f"Not read ({kinds}): {said}.", err=True)
        if "DICOM" in kinds:
            click.echo(f"What reads DICOM isn't installed; it needs: {INSTALL}", err=True)
    if found.links:
        names = ten_named([printable(path) for path in found.links])
        click.echo(f"Links to folders not followed: {names}; name one to search it.", err=True)
    if found.results:
        names = ten_named(
            [
                f"{printable(path)} ({_some(photos, 'photo', 'photos')} in it)"
                if photos
                else printable(path)
                for path, photos in found.results.items()
            ]
        )
        click.echo(f"Not searched, since results of a run lie there: {names}.", err=True)
    if found.empty and found.photos:  # without any it is an error of its own
        names = ten_named([printable(path) for path in found.empty])
        click.echo(f"No photo found in: {names}; leave it out, or look where they are.", err=True)
    over = (
        _some(found.beside, "text or table", "texts and tables"),
        _some(found.clutter, "hidden or system file", "hidden or system files"),
    )
    if any(over):
        click.echo(f"Passed over: {', '.join(filter(None, over))}.", err=True)


def show_no_photographs(passed_over: "Counter[str]") -> None:
    """Count on stderr the DICOM files that hold something else."""
    if passed_over:
        kinds = ", ".join(f"{number} {printable(kind)}" for kind, number in passed_over.items())
        files = _some(passed_over.total(), "DICOM file that is", "DICOM files that are")
        click.echo(f"Passed over: {files} no photograph ({kinds}).", err=True)


def show_doubt(model: str, doubt: str | None) -> None:
    """Warn on stderr of a model, by its name, that isn't to be relied on: ``doubt`` says why."""
    if doubt:
        click.echo(f"Warning: the model '{printable(model)}' {printable(doubt)}", err=True)


def show_standing(standing: "Standing") -> None:
    """Say on stderr what of a run that is taken up is done again, and what is kept."""
    for number, one, several in (
        (
            standing.count("changed"),
            "photo was changed since and is",
            "photos were changed since and are",
        ),
        (standing.count("tried"), "photo that was an error is", "photos that were errors are"),
        (
            standing.count("lost"),
            "photo whose overlays are gone is",
            "photos whose overlays are gone are",
        ),
    ):
        if number:
            click.echo(f"{_some(number, one, several)} done again.", err=True)
    for number, one, several in (
        (standing.gone, "isn't there now", "aren't there now"),
        (standing.unnamed, "isn't named now", "aren't named now"),
    ):
        if number:
            kept = _some(
                number,
                f"photo of this run {one}; its result is",
                f"photos of this run {several}; their results are",
            )
            click.echo(f"{kept} kept and counted.", err=True)


def show_errors_before(paths: "Sequence[str]") -> None:
    """Name on stderr the photos that were errors before and aren't done again."""
    if paths:
        were = _some(
            len(paths),
            "photo was an error before and still is one",
            "photos were errors before and still are",
        )
        names = ten_named([printable(path) for path in paths])
        click.echo(f"{were}: {names}; results.csv says why.", err=True)


def show_unreadable(photos: "Sequence[Path]") -> None:
    """Name on stderr the photos that couldn't be read again, whose results of before are kept."""
    if photos:
        cant = _some(len(photos), "photo that has a result can't", "photos that have results can't")
        names = ten_named([printable(path) for path in photos])
        click.echo(
            f"Error: {cant} be read now: {names}. What was found before is kept and counted. Check "
            "the card and the files' permissions, then run the same command again.",
            err=True,
        )


def show_counts(tally: "Tally", *, unread: int) -> None:
    """Say on stderr what the photos came to, the counts in the last line."""
    photos = tally.statuses.total()
    if ungradable := tally.statuses["ungradable"]:
        reasons = "; ".join(f"{times} x {reason}" for reason, times in tally.reasons.most_common())
        click.echo(f"{ungradable} of {photos} photos ungradable: {reasons}.", err=True)
    if strangeness := tally.strangeness:
        click.echo(f"Warning: {strangeness}.", err=True)
    counts = [f"{tally.refers[True]} referred", f"{tally.refers[False]} not referred"]
    if undecided := tally.statuses["ok"] - tally.refers.total():
        counts = [*(counts if tally.refers else ()), f"{undecided} with a class and no referral"]
    counts += [f"{ungradable} ungradable", f"{tally.statuses['error']} with an error"]
    rest = f"; {_some(unread, 'other file', 'other files')} not read" if unread else ""
    click.echo(f"{_some(photos, 'photo', 'photos')}: {', '.join(counts)}{rest}.", err=True)


def _some(number: int, one: str, several: str) -> str:
    """Count things; nothing is said of none."""
    return f"{number} {one if number == 1 else several}" if number else ""


def show_record(record: "Record", classes: tuple[str, ...], *, as_json: bool) -> None:
    """Print a photo's line: results to stdout, errors to stderr."""
    from edge_runtime.bundle.referral import referral_line
    from edge_runtime.predict.record import ErrorRecord, UngradableRecord, to_json

    width = max(map(len, (*classes, "ungradable")))
    path = printable(record.path)
    if isinstance(record, ErrorRecord):
        click.echo(f"Error: {record.error}", err=True)
    if as_json:
        click.echo(to_json(record))
    elif isinstance(record, UngradableRecord):
        click.echo(f"{'ungradable':<{width}}  {'':20}{path}: {record.reason}")
    elif not isinstance(record, ErrorRecord):
        total = sum(record.times_ms.values())
        share = record.confidence
        click.echo(f"{record.class_name:<{width}}  {share:6.1%}  {total:6.0f} ms  {path}")
        if record.caution:
            click.echo(f"  caution: {record.caution}")
        if record.referral:
            click.echo(f"  {referral_line(record.referral)}")
    if not as_json and not isinstance(record, ErrorRecord):
        for note in record.read_as:
            click.echo(f"  read: {note}")

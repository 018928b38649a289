"""The command ``fundus-edge archive diff``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.archive_screen import check_installed
from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable

if TYPE_CHECKING:
    from edge_runtime.archive.compare import Changes, Comparison

_SHORT = 12  # letters of an identity: enough to tell it by
_MOST = 20  # groups that are printed; the file has all of them


@click.command(no_args_is_help=True)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--out", type=GivenPath(),
    help="New folder for diff.json, flips.csv with each photo that changed, and the plots.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as one JSON object.")
def diff(old: str, new: str, out: Path | None, as_json: bool) -> None:
    """Compare what two models made of the same archive: ask it before you change the model.

    OLD and NEW are folders or URLs with the records of two runs of "archive SOURCE --out". Photos
    are matched by their paths. Printed are the photos whose class or referral flipped, and how the
    confidence drifted of those that kept their class, by source and by month.

    It says what changes, not which model is right: for that, evaluate both on labelled photos.

    For research and education only: not a validated diagnostic tool.
    """
    check_installed()
    from edge_runtime.archive.compare import compare
    from edge_runtime.archive.place import place_of
    from edge_runtime.system.codec import to_line
    from edge_runtime.system.folders import check_absent

    if out is not None:
        check_absent(out)
    comparison, flips = compare(place_of(old), place_of(new))
    if out is not None:
        from edge_runtime.archive.drawn import write_comparison

        write_comparison(out, comparison, flips)
        click.echo(f"Plots and tables in {printable(out)}.", err=True)
    if as_json:
        click.echo(to_line(comparison))
        return
    _show(comparison)
    click.echo(comparison.disclaimer, err=True)


def _show(comparison: "Comparison") -> None:
    from edge_runtime.archive.compare import in_order

    whole = comparison.whole
    click.echo(f"{whole.photos} photos in both; {comparison.only_old} only in the old run, "
               f"{comparison.only_new} only in the new one.")  # fmt: skip
    if not whole.photos:
        click.echo("Photos are matched by their paths, and no path is in both runs.")
    if comparison.made:
        told = (f"{name} ({_short(one)} to {_short(other)})"
                for name, (one, other) in comparison.made.items())  # fmt: skip
        click.echo(f"The runs were made with another {', another '.join(told)}.")
    click.echo(_line("all", whole))
    for title, pairs in (("class", whole.classes), ("referral", whole.referrals)):
        flipped = {name: count for name, count in pairs.items() if _differs(name)}
        for name, count in sorted(flipped.items(), key=lambda pair: -pair[1]):
            click.echo(f"  {title} {name}: {count}")
    for title, groups in (("source", comparison.by_source), ("month", comparison.by_month)):
        if set(groups) == {""}:
            continue
        names = in_order(title, groups)
        for name in names[:_MOST]:
            click.echo(_line(f"{title} {printable(name) or 'unknown'}", groups[name]))
        if len(names) > _MOST:
            click.echo(f"and {len(names) - _MOST} more by {title}; --json and --out have them.")


def _short(said: str) -> str:
    """Write an option's value, of an identity its beginning."""
    return printable(said[:_SHORT]) or "unknown"


def _differs(pair: str) -> bool:
    was, _, now = pair.partition(" to ")
    return was != now


def _line(name: str, changes: "Changes") -> str:
    from edge_runtime.archive.compare import share

    drift = "" if changes.drift is None else f", confidence {changes.drift:+.4f}"
    classes, referrals = changes.class_flips, changes.referral_flips
    return (
        f"{name}: {changes.photos} photos, class flipped of {classes} "
        f"({share(classes, changes.photos):.2%}), referral of {referrals} "
        f"({share(referrals, changes.photos):.2%}), {changes.lost} without a class now, "
        f"{changes.gained} with one now{drift}"
    )

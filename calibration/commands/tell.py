"""Tell what a command of the laboratory found: the last lines of each."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from edge_runtime.errors import printable

if TYPE_CHECKING:
    from calibration.explanations.explained import Explained
    from calibration.explanations.published import LeftOut


class _Record(Protocol):
    @property
    def disclaimer(self) -> str: ...


_Found = TypeVar("_Found", bound=_Record)


def tell_not_found(explained: "Explained") -> None:
    """Say on stderr how many of a store's photos aren't found, where some aren't."""
    from calibration.explanations.stored_field import not_found

    if sentence := not_found(explained.photos):
        click.echo(f"Warning: {sentence}", err=True)


def tell(
    record: _Found,
    show: Callable[[_Found], None],
    *,
    page: Path | None,
    as_json: bool,
    left_out: Sequence["LeftOut"] = (),
) -> None:
    """Tell the figures on stdout, and on stderr what was left out and where the page is.

    Args:
        record: The figures, with the disclaimer.
        show: Prints them for a person.
        page: The page that was written, if one was.
        as_json: Whether to print them as JSON instead.
        left_out: Photos of which nothing was measured.
    """
    from calibration.explanations.published import to_json

    for each in left_out:
        click.echo(f"Left out: {printable(each.path)}: {printable(each.reason)}", err=True)
    if as_json:
        click.echo(to_json(record), nl=False)
    else:
        show(record)
    if page is not None:
        click.echo(f"Results in {printable(page.parent)}: open {printable(page)}", err=True)
    click.echo(record.disclaimer, err=True)

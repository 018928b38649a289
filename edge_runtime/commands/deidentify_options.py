"""The options --deidentify, --pseudonyms, --looked-at and --move-dates, wherever results go out."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
    from edge_runtime.exchange.deidentify.reports import Nameless
    from edge_runtime.exchange.deidentify.screening import NamelessRun

_Command = TypeVar("_Command", bound=Callable[..., Any])

_PSEUDONYMS = (
    "File with the key of the pseudonyms and whose each is, for its owner only; begun where there "
    "is none. Without it nothing leads back, and each call gives other pseudonyms."
)
_MOVE_DATES = (
    "Keep dates, moved back by one to ten years, all of a person by the same days.  "
    "[default: they go]"
)
_LOOKED_AT = (
    "With --deidentify: somebody looked at each picture, and no name and no number stands in the "
    "field. Otherwise all is black of those whose DICOM files don't say so."
)


def pseudonyms_option(command: _Command) -> _Command:
    """Add --pseudonyms to a command, as ``pseudonyms``."""
    return click.option("--pseudonyms", type=GivenPath(), metavar="FILE", help=_PSEUDONYMS)(command)


def move_dates_option(command: _Command) -> _Command:
    """Add --move-dates to a command, as ``move_dates``."""
    return click.option("--move-dates", is_flag=True, help=_MOVE_DATES)(command)


def deidentify_option(*, pictures: str) -> Callable[[_Command], _Command]:
    """Add --deidentify and --pseudonyms to a command, as ``deidentify`` and ``pseudonyms``.

    Args:
        pictures: What becomes of these, as a clause for the help.
    """

    def add(command: _Command) -> _Command:
        return click.option(
            "--deidentify",
            is_flag=True,
            help="Write nothing that says whose the results are: pseudonyms in the place of IDs "
            f"and names of files, {pictures}.",
        )(pseudonyms_option(command))

    return add


def looked_at_option(command: _Command) -> _Command:
    """Add --looked-at to a command, as ``looked_at``."""
    return click.option("--looked-at", is_flag=True, help=_LOOKED_AT)(command)


def chosen_pseudonyms(file: Path | None, *, apart_from: Iterable[Path]) -> "Pseudonyms":
    """Read or begin the file of pseudonyms; without one take a key that is forgotten.

    Args:
        file: It.
        apart_from: Folders in which it must not lie.

    Raises:
        PseudonymsError: It can't be used.
    """
    from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms

    return Pseudonyms.of_file(file, apart_from=apart_from) if file else Pseudonyms.forgotten()


def chosen_nameless(
    pseudonyms: Path | None,
    *,
    deidentify: bool,
    apart_from: Iterable[Path],
    moves_dates: bool = False,
) -> "Nameless | None":
    """Say how results are made to tell of nobody; None where that isn't asked for.

    Args:
        pseudonyms: The file.
        deidentify: Whether it is asked for.
        apart_from: Folders in which the file must not lie.
        moves_dates: Whether dates are moved instead of left out.

    Raises:
        PseudonymsError: The file can't be used.
        click.UsageError: There is a file, and nothing is asked for.
    """
    if not deidentify:
        if pseudonyms or moves_dates:
            raise click.UsageError("--pseudonyms and --move-dates need --deidentify")
        return None
    from edge_runtime.exchange.deidentify.reports import Nameless

    return Nameless(chosen_pseudonyms(pseudonyms, apart_from=apart_from), moves_dates)


def nameless_run(
    pseudonyms: Path | None,
    photos: Iterable[Path],
    *,
    deidentify: bool,
    apart_from: Iterable[Path],
    is_looked_at: bool,
) -> "NamelessRun | None":
    """Give what takes out of each photo of a run whose it is; likewise.

    Args:
        pseudonyms: As above, and so the others and what is raised.
        photos: All of the run.
        deidentify: Likewise.
        apart_from: Likewise.
        is_looked_at: Whether somebody looked at each picture.
    """
    check_looked_at(is_looked_at=is_looked_at, deidentify=deidentify)
    nameless = chosen_nameless(pseudonyms, deidentify=deidentify, apart_from=apart_from)
    if nameless is None:
        return None
    from edge_runtime.exchange.deidentify.screening import NamelessRun

    return NamelessRun(nameless, photos, is_looked_at=is_looked_at)


def check_looked_at(*, is_looked_at: bool, deidentify: bool) -> None:
    """Refuse --looked-at where names stay.

    Raises:
        click.UsageError: They do.
    """
    if is_looked_at and not deidentify:
        raise click.UsageError("--looked-at needs --deidentify")


def show_hidden(nameless: "NamelessRun | None") -> None:
    """Say on stderr how many pictures aren't shown as a name may stand in them, and what to do."""
    show_count_hidden(nameless.hidden if nameless else 0)


def show_count_hidden(count: int) -> None:
    """Likewise, of a number of them."""
    if count:
        one = count == 1
        click.echo(
            f"{count} {'picture is' if one else 'pictures are'} shown black, as nobody "
            f"says that no text stands in {'it' if one else 'them'}; look at "
            f"{'it' if one else 'each'}, then say --looked-at.",
            err=True,
        )

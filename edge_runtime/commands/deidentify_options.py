"""The options --deidentify, --pseudonyms and --move-dates, the same wherever results go out."""

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


def pseudonyms_option(command: _Command) -> _Command:
    """Add --pseudonyms to a command, as ``pseudonyms``."""
    return click.option("--pseudonyms", type=GivenPath(), metavar="FILE", help=_PSEUDONYMS)(command)


def move_dates_option(command: _Command) -> _Command:
    """Add --move-dates to a command, as ``move_dates``."""
    return click.option("--move-dates", is_flag=True, help=_MOVE_DATES)(command)


def deidentify_option(command: _Command) -> _Command:
    """Add --deidentify and --pseudonyms to a command, as ``deidentify`` and ``pseudonyms``."""
    return click.option(
        "--deidentify",
        is_flag=True,
        help="Write nothing that says whose the results are: pseudonyms in the place of IDs and "
        "names of files, pictures black outside of the eye.",
    )(pseudonyms_option(command))


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
) -> "NamelessRun | None":
    """Give what takes out of each photo of a run whose it is; likewise.

    Args:
        pseudonyms: As above, and so the others and what is raised.
        photos: All of the run.
        deidentify: Likewise.
        apart_from: Likewise.
    """
    nameless = chosen_nameless(pseudonyms, deidentify=deidentify, apart_from=apart_from)
    if nameless is None:
        return None
    from edge_runtime.exchange.deidentify.screening import NamelessRun

    return NamelessRun(nameless, photos)

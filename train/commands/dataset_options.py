"""The options that audit and split share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from train.copies.cache import default_cache
from train.data.patients import PATIENT_PATTERN, compile_pattern

_Command = TypeVar("_Command", bound=Callable[..., Any])


def check_pattern(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    """Check the value of a --patients option, and hand it on."""
    if value not in (None, "none"):
        try:
            compile_pattern(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return value


def _pattern(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    return None if value == "none" else check_pattern(context, parameter, value)


def grouping_options(command: _Command) -> _Command:
    """Add --patients, --cache and --no-cache to a command."""
    command = click.option(
        "--no-cache", is_flag=True, help="Keep nothing, and use nothing that was kept."
    )(command)
    command = click.option(
        "--cache",
        type=click.Path(path_type=Path),
        help="Folder where what was read of a photo is kept by its content.  "
        "[default: fundus-edge in the user's cache folder]",
    )(command)
    return click.option(
        "--patients",
        default=PATIENT_PATTERN,
        show_default=True,
        callback=_pattern,
        metavar="REGEX|none",
        help="Pattern that tells the patient from a file's name without its ending: a regular "
        "expression with a group 'patient' and, where names tell it, a group 'eye'.",
    )(command)


def cache_folder(cache: Path | None, *, no_cache: bool) -> Path | None:
    """Choose the cache: the one named, none, or the user's."""
    if no_cache:
        return None
    return cache or default_cache()

"""The options that audit and split share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options
from edge_runtime.photo.patient import PATIENT_PATTERN, compile_pattern

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
    return click.option(
        "--patients",
        default=PATIENT_PATTERN,
        show_default=True,
        callback=_pattern,
        metavar="REGEX|none",
        help="Pattern that tells the patient from a file's name without its ending: a regular "
        "expression with a group 'patient' and, where names tell it, a group 'eye'.",
    )(cache_options(OF_PHOTOS)(command))

"""Options that several commands of the explanation laboratory share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def field_degrees_option(command: _Command) -> _Command:
    """Add --field-degrees."""
    option = click.option(
        "--field-degrees",
        type=click.FloatRange(10, 200),
        default=45.0,
        help="Angle that a photo's field of view spans, which turns distances on the picture into "
        "degrees; it stands in no file and is assumed.",
    )
    return option(command)


def drawing_options(command: _Command) -> _Command:
    """Add --resamples and --seed."""
    for option in (
        click.option(
            "--seed",
            type=click.IntRange(0, 2**32 - 1),
            default=0,
            help="Seed of all that is drawn.",
        ),
        click.option(
            "--resamples",
            type=click.IntRange(100, 100_000),
            default=2000,
            help="Draws of persons for the intervals.",
        ),
    ):
        command = option(command)
    return command

"""The option --max-pixels of the commands that put photos into new files."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from edge_runtime.contract import MAX_PIXELS

_Command = TypeVar("_Command", bound=Callable[..., Any])


def max_pixels_option(command: _Command) -> _Command:
    """Add --max-pixels to a command, as ``max_pixels``."""
    return click.option(
        "--max-pixels",
        type=click.IntRange(1),
        default=MAX_PIXELS,
        show_default=True,
        help="Refuse a photo file that claims more pixels.",
    )(command)

"""The option --no-pdf of what makes reports."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def no_pdf_option(command: _Command) -> _Command:
    """Add --no-pdf to a command, as ``no_pdf``."""
    return click.option("--no-pdf", is_flag=True, help="Leave out the report as a PDF.")(command)


def draws_pdf(*, no_pdf: bool) -> bool:
    """Say whether to draw; where what draws isn't installed, tell on stderr what lacks."""
    from edge_runtime.hospital.installed import INSTALL
    from edge_runtime.papers.installed import can_draw

    if no_pdf or can_draw():
        return not no_pdf
    click.echo(
        f"The reports come without their PDF, as what draws it isn't installed: {INSTALL}, or "
        "say --no-pdf.",
        err=True,
    )
    return False

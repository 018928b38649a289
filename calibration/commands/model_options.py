"""The options that say which model of which bundle is explained."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath

_Command = TypeVar("_Command", bound=Callable[..., Any])


def model_options(command: _Command) -> _Command:
    """Add --bundle (as ``bundle_path``), --model and --threads."""
    for option in (
        click.option(
            "--threads",
            type=click.IntRange(1, 256),
            help="Threads of one inference.  [default: all cores]",
        ),
        click.option(
            "--model", metavar="NAME|FILE", help="Model of the bundle.  [default: the bundle's own]"
        ),
        click.option(
            "--bundle",
            "bundle_path",
            type=GivenPath(),
            help="Bundle to use.  [default: the one in the package]",
        ),
    ):
        command = option(command)
    return command

"""A group of commands, each of which is imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by their names, in the order of work."""

    def __init__(self, *args: Any, modules: Mapping[str, str], **options: Any) -> None:
        """Make a group.

        Args:
            args: As for ``click.Group``.
            modules: The module of each command, which has it under its name.
            options: As for ``click.Group``.
        """
        super().__init__(*args, **options)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands' names."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of this name."""
        if cmd_name not in self._modules:
            return None
        command: click.Command = getattr(import_module(self._modules[cmd_name]), cmd_name)
        return command

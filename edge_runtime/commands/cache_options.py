"""The options --cache and --no-cache, the same for every command that keeps something."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.system.cache import CACHE_VARIABLE, default_cache

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: What commands that read datasets keep.
OF_PHOTOS = "where what was read of a photo is kept by its content"


def cache_options(folder: str) -> Callable[[_Command], _Command]:
    """Add --cache and --no-cache to a command, as ``cache`` and ``no_cache``.

    Args:
        folder: What the folder is for, to stand behind "Folder".
    """

    def added(command: _Command) -> _Command:
        command = click.option(
            "--no-cache", is_flag=True, help="Keep nothing, and use nothing that was kept."
        )(command)
        return click.option(
            "--cache",
            type=GivenPath(),
            help=f"Folder {folder}.  [default: ${CACHE_VARIABLE}, empty for none; else fundus-edge "
            "in the user's cache folder]",
        )(command)

    return added


def chosen_cache(cache: Path | None, *, no_cache: bool) -> Path | None:
    """Choose the cache: none, the one named, or the default one."""
    return None if no_cache else cache or default_cache()

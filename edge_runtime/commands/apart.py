"""Keep what a command writes out of the results that it reads."""

from pathlib import Path

import click

from edge_runtime.errors import printable


def check_apart(out: Path, results: Path) -> None:
    """Refuse to write into a folder of results: a run there takes what isn't its own for damage.

    Raises:
        click.UsageError: ``out`` is the folder of results or lies in it.
    """
    inner = out.resolve()
    if results.resolve() in (inner, *inner.parents):
        raise click.UsageError(
            f"--out {printable(out)} is in the results themselves; name a folder beside them"
        )

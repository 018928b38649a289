"""The option --trust, the same for every command that runs a model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable
from edge_runtime.system.state import state_folder

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle
    from edge_runtime.trust.verify import Trusted

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: An environment variable with the keys of those who are trusted.
TRUST_VARIABLE = "FUNDUS_EDGE_TRUST"

_NOTED = f"{__name__}."


def trust_option(command: _Command) -> _Command:
    """Add --trust to a command, not as a parameter but for its ``read_trusted``."""
    return click.option(
        "--trust",
        type=GivenPath(),
        multiple=True,
        envvar=TRUST_VARIABLE,
        metavar="KEYS",
        expose_value=False,
        callback=_note,
        help="Public key, or folder of public keys: refuse a bundle that none of them signed, or "
        "that was changed since. The one in the package needs no signature. May be repeated.  "
        f"[default: ${TRUST_VARIABLE}; else any bundle is taken]",
    )(command)


def trust_options(command: _Command) -> _Command:
    """Add --trust and --allow-rollback likewise, to a command that remembers what it ran."""
    return trust_option(
        click.option(
            "--allow-rollback",
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="With --trust: take an older release of a bundle than was run here, and say so.",
        )(command)
    )


def read_trusted(file: Path | None = None, *, remembers: bool = True) -> "Trusted | None":
    """Read the keys that the running command was given; None where it was given none.

    Args:
        file: In which the device remembers which releases it ran; None for the user's own.
        remembers: Whether it remembers at all, and so refuses older ones.

    Raises:
        KeyInvalidError: They can't be read.
        click.UsageError: There is nothing to go back from, or no home in which to remember.
    """
    noted = click.get_current_context().meta
    trust, allow_rollback = noted.get(f"{_NOTED}trust"), noted.get(f"{_NOTED}allow_rollback", False)
    if not trust:
        if allow_rollback:
            raise click.UsageError("--allow-rollback needs --trust, which refuses older bundles")
        return None
    from edge_runtime.trust.public_keys import read_keys
    from edge_runtime.trust.releases import RELEASES, Memory
    from edge_runtime.trust.verify import Trusted

    keys = read_keys(trust)
    if not remembers:
        return Trusted(keys)
    folder = state_folder()
    if file is None and folder is not None:
        file = folder / RELEASES
    if file is None:
        cause = "which releases were run is remembered, and there is no home to do so"
        raise click.UsageError(f"--trust: {cause}; set XDG_STATE_HOME to a folder")
    return Trusted(keys, Memory(file, allow_rollback))


def show_rollback(bundle: "Bundle") -> None:
    """Say on stderr that a bundle is older than one that was run."""
    if bundle.sealed and bundle.sealed.caution:
        click.echo(f"Warning: {printable(bundle.sealed.caution)}.", err=True)


def _note(context: click.Context, option: click.Parameter, value: object) -> None:
    context.meta[f"{_NOTED}{option.name}"] = value

"""The option --trust, the same for every command that runs a model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath

if TYPE_CHECKING:
    from edge_runtime.trust.verify import Trusted

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: An environment variable with the keys of those who are trusted.
TRUST_VARIABLE = "FUNDUS_EDGE_TRUST"

_NOTED = f"{__name__}.trust"


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


def _note(context: click.Context, _option: click.Parameter, value: tuple[Path, ...]) -> None:
    context.meta[_NOTED] = value


def read_trusted() -> "Trusted | None":
    """Read the keys that the running command was given; None where it was given none.

    Raises:
        KeyInvalidError: They can't be read.
    """
    trust = click.get_current_context().meta.get(_NOTED)
    if not trust:
        return None
    from edge_runtime.trust.public_keys import read_keys
    from edge_runtime.trust.verify import Trusted

    return Trusted(read_keys(trust))

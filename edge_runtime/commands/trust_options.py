"""The options about trust, the same for every command that runs a model."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.errors import printable
from edge_runtime.system.state import state_folder

if TYPE_CHECKING:
    from edge_runtime.bundle.bundle import Bundle
    from edge_runtime.trust.releases import Memory
    from edge_runtime.trust.verify import Trusted

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: An environment variable with the keys of those who are trusted.
TRUST_VARIABLE = "FUNDUS_EDGE_TRUST"

#: Another with how many of them must have signed.
THRESHOLD_VARIABLE = "FUNDUS_EDGE_TRUST_THRESHOLD"

_NOTED = f"{__name__}."


def trust_option(command: _Command) -> _Command:
    """Add --trust and --trust-threshold, not as parameters but for ``read_trusted``."""
    return click.option(
        "--trust",
        type=GivenPath(),
        multiple=True,
        envvar=TRUST_VARIABLE,
        metavar="KEYS",
        expose_value=False,
        callback=_note,
        help="Public key, or folder of public keys: refuse a bundle that none of them signed, or "
        "that was changed since. The one in the package needs no signature, but one that it has "
        "counts. Files about keys that "
        "end in .trust (fundus-edge trust) are taken from such a folder too, or named here; "
        "predict, archive and station remember them. May be repeated.  "
        f"[default: ${TRUST_VARIABLE}; else any bundle is taken]",
    )(threshold_option(command))


def threshold_option(command: _Command) -> _Command:
    """Add --trust-threshold alone, not as a parameter but for ``read_threshold``."""
    return click.option(
        "--trust-threshold",
        type=click.IntRange(min=1),
        default=1,
        envvar=THRESHOLD_VARIABLE,
        metavar="NUMBER",
        expose_value=False,
        callback=_note,
        help="How many of the keys must have signed a bundle.  "
        f"[default: ${THRESHOLD_VARIABLE}; else 1]",
    )(command)


def read_threshold() -> int:
    """Tell how many keys must have signed, as the running command was told."""
    return int(click.get_current_context().meta.get(f"{_NOTED}trust_threshold", 1))


def trust_options(command: _Command) -> _Command:
    """Add --allow-rollback besides, to a command that remembers what it ran."""
    return trust_option(
        click.option(
            "--allow-rollback",
            is_flag=True,
            expose_value=False,
            callback=_note,
            help="With --trust: take an older release of a bundle than was run here, and say so.",
        )(command)
    )


def read_trusted(
    folder: Path | None = None, *, prefix: str = "", remembers: bool = True
) -> "Trusted | None":
    """Read the keys that the running command was given; None where it was given none.

    Args:
        folder: In which the device remembers what it ran and of keys; None for the user's own.
        prefix: How the names of its files begin there.
        remembers: Whether it remembers anything new, and refuses older releases.

    Raises:
        KeyInvalidError: They can't be read.
        NoticeInvalidError: A file about keys can't be relied on.
        StoreInvalidError: What was remembered can't be read.
        click.UsageError: There is nothing to go back from, no home in which to remember, or fewer
            keys than are asked for.
    """
    noted = click.get_current_context().meta
    trust, allow_rollback = noted.get(f"{_NOTED}trust"), noted.get(f"{_NOTED}allow_rollback", False)
    threshold = read_threshold()
    if not trust:
        if allow_rollback:
            raise click.UsageError("--allow-rollback needs --trust, which refuses older bundles")
        if threshold > 1:
            raise click.UsageError("--trust-threshold needs --trust with the keys")
        return None
    from edge_runtime.trust.releases import RELEASES, Memory

    folder = folder or state_folder()
    if folder is None and remembers:
        cause = "which releases were run is remembered, and there is no home to do so"
        raise click.UsageError(f"--trust: {cause}; set XDG_STATE_HOME to a folder")
    memory = None
    if folder is not None and remembers:
        memory = Memory(folder / f"{prefix}{RELEASES}", allow_rollback)
    return trusted_by(trust, threshold, memory, folder, prefix=prefix)


def trusted_by(
    paths: Sequence[Path],
    threshold: int,
    memory: "Memory | None" = None,
    folder: Path | None = None,
    *,
    prefix: str = "",
) -> "Trusted":
    """Find out whom a device trusts by keys, files about keys, and what it remembers of them.

    What is new of keys is remembered where there is a ``memory`` for releases, and a sentence on
    stderr says which files weren't taken.

    Args:
        paths: Keys, files about keys, and folders of both.
        threshold: How many keys must have signed.
        memory: Of releases.
        folder: In which is remembered; None for nowhere.
        prefix: How the names of its files begin there.

    Raises:
        FundusError: As of ``read_trusted``.
        click.UsageError: Likewise.
    """
    from edge_runtime.trust.notice import NOTICE
    from edge_runtime.trust.public_keys import read_keys
    from edge_runtime.trust.remembered import (
        KEYS,
        read_notices,
        recall_standing,
        remember_standing,
    )
    from edge_runtime.trust.verify import Trusted

    keys = read_keys([path for path in paths if path.suffix != NOTICE or path.is_dir()])
    if not keys:
        cause = f"files that end in {NOTICE} are about keys, and hold none that is trusted"
        raise click.UsageError(f"{cause}; name the public key of whoever signs too")
    if threshold > len(keys):
        cause = f"{threshold} keys must have signed, and {len(keys)} are trusted"
        raise click.UsageError(f"--trust-threshold: {cause}; name more keys, or ask for fewer")
    notices, file = read_notices(paths), folder / f"{prefix}{KEYS}" if folder else None
    if memory is not None and file is not None:
        standing = remember_standing(keys, notices, file)
    else:
        standing = recall_standing(keys, notices, file)
    for caution in standing.cautions:
        click.echo(f"Warning: {printable(caution)}.", err=True)
    return Trusted(keys, memory, threshold, standing)


def show_trust(bundle: "Bundle") -> None:
    """Say on stderr who vouches for a bundle, where somebody was asked, and what to doubt of it."""
    if bundle.sealed is None:
        return
    if bundle.sealed.caution:
        click.echo(f"Warning: {printable(bundle.sealed.caution)}.", err=True)
    unsigned = "" if bundle.sealed.signers else "; no key signed it"
    click.echo(
        f"The bundle is as vouched for by {printable(bundle.sealed.by)}{unsigned}.", err=True
    )


def _note(context: click.Context, option: click.Parameter, value: object) -> None:
    context.meta[f"{_NOTED}{option.name}"] = value

"""Which hospital's worklist a station asks who is expected."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.commands.param_types import GivenPath
from edge_runtime.commands.tls_options import chosen_tls
from edge_runtime.errors import MissingExtraError

if TYPE_CHECKING:
    from edge_runtime.hospital.tls import TlsFiles
    from edge_runtime.hospital.worklist_apart import WorklistOf

_OPTIONS = (
    click.option(
        "--worklist",
        metavar="AE@HOST:PORT",
        help="Who keeps a hospital's worklist (DICOM), and where: the page Now lists who is "
        "expected today, to be called by a click.  [default: none is asked]",
    ),
    click.option(
        "--worklist-title", default="FUNDUSEDGE", show_default=True, metavar="AE",
        help="AE title of this computer, as the worklist has it entered.",
    ),
    click.option(
        "--worklist-modality", default="", metavar="CODE",
        help="Who is expected for a modality alone, such as OP.  [default: any]",
    ),
    click.option(
        "--worklist-tls", is_flag=True,
        help="Ask the worklist encrypted (TLS 1.2 or newer); its certificate must be of the name "
        "or address in --worklist.",
    ),
    click.option(
        "--worklist-tls-ca", type=GivenPath(), metavar="FILE",
        help="PEM file of the worklist's certificate, or of the authority that issued it.  "
        "[default: those that the system trusts]",
    ),
    click.option(
        "--worklist-tls-certificate", type=GivenPath(), metavar="FILE",
        help="PEM file of this computer's certificate for the worklist.",
    ),
    click.option(
        "--worklist-tls-key", type=GivenPath(), metavar="FILE",
        help="PEM file of that certificate's key.",
    ),
)  # fmt: skip


def worklist_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--worklist`` and what belongs to it; ``worklist`` gives the one that is to be asked."""

    @wraps(command)
    def gathered(*args: Any, **others: Any) -> Any:
        told = {name: others.pop(name) for name in [*others] if name.startswith("worklist")}

        def chosen() -> "WorklistOf | None":
            files = (told[f"worklist_tls_{name}"] for name in ("certificate", "key", "ca"))
            tls = _usable(chosen_tls(*files, tls=told["worklist_tls"], prefix="--worklist-"))
            title, modality = told["worklist_title"], told["worklist_modality"]
            return worklist_of(told["worklist"], title, modality, tls)

        return command(*args, worklist=chosen, **others)

    made: Callable[..., Any] = gathered
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


def _usable(files: "TlsFiles | None") -> "TlsFiles | None":
    """Look whether the files can be used; a ``TlsFilesError`` says why one can't."""
    if files is not None:
        from edge_runtime.hospital.tls import client_context

        client_context(files)
    return files


def worklist_of(
    told: str | None, ae_title: str, modality: str, tls: "TlsFiles | None" = None
) -> "WorklistOf | None":
    """Check which worklist is to be asked; None where none is named.

    Raises:
        MissingExtraError: What speaks DICOM isn't installed.
        PeerInvalidError: It isn't named as a peer is.
        click.BadParameter: The title, or the modality, is none.
    """
    if told is None:
        if tls is not None:
            raise click.UsageError("--worklist-tls needs --worklist")
        return None
    from importlib.util import find_spec

    from edge_runtime.hospital.peers import is_ae_title, peer_of
    from edge_runtime.hospital.worklist_apart import WorklistOf

    for module in ("pydicom", "pynetdicom"):
        if find_spec(module) is None:
            raise MissingExtraError("hospital", module)
    if not is_ae_title(ae_title):
        raise click.BadParameter("it has 1 to 16 letters of ASCII", param_hint="--worklist-title")
    if modality and not is_ae_title(modality):  # CS of PS3.5, 6.2, has fewer signs
        raise click.BadParameter("it is a word such as OP", param_hint="--worklist-modality")
    return WorklistOf(peer_of(told, needs_port=True), ae_title, modality, tls)

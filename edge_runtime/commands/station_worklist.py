"""Which hospital's worklist a station asks who is expected."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.errors import MissingExtraError

if TYPE_CHECKING:
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
)  # fmt: skip


def worklist_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--worklist`` and what belongs to it."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def worklist_of(told: str | None, ae_title: str, modality: str) -> "WorklistOf | None":
    """Check which worklist is to be asked; None where none is named.

    Raises:
        MissingExtraError: What speaks DICOM isn't installed.
        PeerInvalidError: It isn't named as a peer is.
        click.BadParameter: The title, or the modality, is none.
    """
    if told is None:
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
    return WorklistOf(peer_of(told, needs_port=True), ae_title, modality)

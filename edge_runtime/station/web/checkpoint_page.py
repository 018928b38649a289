"""Show the checkpoint of the camp's log, for somebody to photograph or to read by a phone."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from edge_runtime.station.camp_log import CampLog
from edge_runtime.station.moment import now
from edge_runtime.station.web.frame import Station, write_page
from edge_runtime.tlog.told import in_groups


@dataclass(frozen=True)
class ShownCheckpoint:
    """A checkpoint as the page has it: ``root`` in lines of four groups, ``code`` an SVG."""

    size: int
    root: list[str]
    text: str
    code: Markup
    at: datetime.datetime
    is_signed: bool


def checkpoint_page(station: Station, asked: Mapping[str, str]) -> str:
    """Show the log as it stands now, with nothing of a person beside it.

    Raises:
        LogInvalidError: The log isn't as it was written.
    """
    log = station.store.log
    return write_page(
        station, "checkpoint.html.jinja", asked, shown=_shown(log) if log else None,
        folder=station.store.folder.name,
    )  # fmt: skip


def _shown(log: CampLog) -> ShownCheckpoint:
    from edge_runtime.papers.code import code_svg  # noqa: PLC0415 - it is shown late

    found = log.checkpoint()
    text = found.note.to_bytes().decode()
    groups = in_groups(found.root).split(" ")
    return ShownCheckpoint(
        found.size,
        [" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4)],
        text,
        Markup(code_svg(text)),  # noqa: S704 - squares alone
        now(),
        bool(found.note.signatures),
    )

"""Say of files that can't be read how many there are, and which one came last."""

import datetime
from dataclasses import dataclass

from edge_runtime.errors import printable
from edge_runtime.hospital.installed import INSTALL
from edge_runtime.station.listed_files import broken_listed
from edge_runtime.station.moment import now
from edge_runtime.station.web.faults import Fault, fault_of
from edge_runtime.station.web.frame import Station

_LONG = datetime.timedelta(hours=1)  # after which nobody stands there who could do something


@dataclass(frozen=True)
class BadFile:
    """A file that can't be read: the sentence that names it, and why, where that isn't in it."""

    said: str
    why: Fault | None = None


def newest_bad_file(station: Station) -> BadFile | None:
    """Say which file of the last hour can't be read, the last one; None where there is none."""
    arrivals, words = station.intake.arrivals, station.texts
    for each in broken_listed(station.store, most=1):
        if abs(now() - datetime.datetime.fromisoformat(each.seen)) < _LONG:
            said = words.say("now.broken", name=printable(each.file))
            return BadFile(said, fault_of(each.last, each.fault, words))
    for path, why in arrivals.refused().items():
        said = words.say("now.broken", name=printable(path))
        return BadFile(said, fault_of(path, why, words))
    if arrivals.newest_unread is not None:
        path, since = arrivals.newest_unread
        if path in arrivals.unread and arrivals.clock() - since < _LONG.total_seconds():
            if path in arrivals.dicom.unread:
                return BadFile(words.say("now.needs", name=printable(path), command=INSTALL))
            return BadFile(words.say("now.unread", name=printable(path)))
    return None

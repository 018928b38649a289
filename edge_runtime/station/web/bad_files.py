"""Say of files that can't be read how many there are, and which one came last."""

import datetime
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.hospital.installed import INSTALL
from edge_runtime.station.moment import now
from edge_runtime.station.web.frame import Station

_LONG = datetime.timedelta(hours=1)  # after which nobody stands there who could copy it again


def newest_bad_file(station: Station) -> str | None:
    """Say which file of the last hour can't be read, the last one; None where there is none."""
    arrivals, broken = station.intake.arrivals, station.store.camp.files.broken
    if broken:
        name, at = next(reversed(broken.items()))
        if abs(now() - datetime.datetime.fromisoformat(at)) < _LONG:
            return station.texts.say("now.broken", name=printable(Path(name)))
    if arrivals.newest_unread is not None:
        path, since = arrivals.newest_unread
        if path in arrivals.unread and arrivals.clock() - since < _LONG.total_seconds():
            if path in arrivals.dicom.unread:
                return station.texts.say("now.needs", name=printable(path), command=INSTALL)
            return station.texts.say("now.unread", name=printable(path))
    return None

"""Take an export from the station that is at work."""

from pathlib import Path
from urllib.parse import urlencode


def unpack(data: Path, made: Path, *, day: str | None, originals: bool, language: str) -> None:
    """Have the station that is at work make the archive, and unpack it."""
    from edge_runtime.station.at_work import EXPORT, ask_station
    from edge_runtime.station.papers.camp_folder import NAMES
    from edge_runtime.station.parcel_reader import unpack_parcel
    from edge_runtime.system.partial import claimed, partial_of, remove

    asked = {"day": day or "", "originals": "1" if originals else "", "language": language}
    asked["unlogged"] = "1"  # what is made of it is logged
    archive = partial_of(data / "export.zip")  # there rather than on the stick, which may be small
    with claimed(archive, lambda: archive.touch(0o600, exist_ok=False), wait=False):
        with archive.open("wb") as file:
            file.writelines(ask_station(data, f"{EXPORT}?{urlencode(asked)}"))
        unpack_parcel(archive, NAMES, made)
        remove(archive)

"""When a photograph was taken, by the camera's own clock."""

from pathlib import Path

from edge_runtime.hospital.camera_exif import read_exif


def time_taken(photo: Path) -> str | None:
    """Read the time out of a photograph's EXIF data, as what is made for a hospital has it.

    Args:
        photo: Its file.

    Returns:
        ISO 8601 without an offset from UTC, since cameras tell none; None where the file doesn't
        say, or says what is no time.
    """
    taken = read_exif(photo).taken
    return taken.isoformat() if taken else None

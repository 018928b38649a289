"""Say which pictures of a photograph an export of a camp is to have, and how they are called."""

from edge_runtime.explain.landmarks import Eye
from edge_runtime.station.intake import OVERLAY, PHOTO


def kinds_due(*, is_readable: bool, has_class: bool) -> tuple[str, ...]:
    """Name the kinds: the photograph where it could be read, the overlay where it has a class."""
    return (PHOTO,) * is_readable + (OVERLAY,) * has_class


def file_called(kind: str, number: int, eye: Eye | None, suffix: str = ".jpg") -> str:
    """Name the file of a kind of a photograph, by its number and the eye that counts."""
    return f"{kind}-{number:06}-{eye or 'unknown'}{suffix}"

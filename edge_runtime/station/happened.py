"""An event of a camp's history, with when it was and by whom."""

from msgspec import Struct
from msgspec.structs import force_setattr

from edge_runtime.station.events import Event
from edge_runtime.station.packed_moment import packed, unpacked


class Happened(Struct, frozen=True, gc=False):
    """An event with its number and when it was.

    It is made with the moment, ISO 8601 with the offset from UTC, and keeps it ``packed``, as a
    camp has thousands; ``by`` is the name of who let it happen, "" where nobody gave one.
    """

    number: int
    when: int | str
    event: Event
    by: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.when, str):
            force_setattr(self, "when", packed(self.when))

    @property
    def at(self) -> str:
        """When it was, ISO 8601 with the offset from UTC."""
        return unpacked(self.when)

"""What a store keeps of what a log should have: the records, and what goes with them."""

from collections.abc import Mapping

from msgspec import Struct


class Kept(Struct, frozen=True):
    """Records as a store has them, to be held against a log.

    ``run`` is by which name the log knows them: "" for a station, "-" where no log was kept.
    ``contents`` is what is bound, by what each is called: "photo 3", "event 12". ``begun`` is what
    each entry "begin" is of, None where that isn't kept, and ``faults`` are clauses about what in
    the store isn't what its records say.
    """

    run: str
    contents: Mapping[str, bytes]
    begun: bytes | None = None
    faults: tuple[str, ...] = ()

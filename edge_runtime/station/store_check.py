"""Check that a camp's store is whole and has the tables of one, and nothing that acts by itself."""

from collections.abc import Callable
from typing import Any

from edge_runtime.results.store_parts import odd_part
from edge_runtime.station.camp import Camp

#: No photograph, person, file or event has a number of this or more.
MOST = 1_000_000_000

_TABLES = ("photos", "files", "history")
_Ask = Callable[[str], list[tuple[Any, ...]]]


def fault_of_file(ask: _Ask, tables: tuple[str, ...]) -> str | None:
    """Say in a clause what is wrong with the file of a store; None if nothing is.

    A trigger or a view would act on what is written or read later, so that there may be no more in
    it than in an empty store.

    Args:
        ask: Asks the database and gives all rows.
        tables: The statements that make an empty one.
    """
    ((said,), *_) = ask("PRAGMA integrity_check(1)")
    if said != "ok":
        return f"it is damaged ({said.splitlines()[-1]})"  # the first line names the database
    if odd := odd_part(ask, tables):
        return f"its {odd} isn't as a station makes it"
    for table in _TABLES:
        ((least, most),) = ask(f"SELECT min(number), max(number) FROM {table}")  # noqa: S608
        if most is not None and not (least > 0 and most < MOST):
            return f"a number in {table} can't be"
    if ask("PRAGMA foreign_key_check"):
        return "a photograph that came as a file isn't in it any more: somebody deleted it"
    return None


def fault_of_camp(camp: Camp, photos: int) -> str | None:
    """Say in a clause what is wrong with the numbers of a camp; None if nothing is.

    Args:
        camp: As it was read.
        photos: How many rows photographs have.
    """
    numbers = [*camp.photos, *camp.people, camp.newest or 1]
    if min(numbers) < 1 or max(numbers) >= MOST:
        return "a number of a photograph or a person can't be"
    return None if len(camp.photos) == photos else "two photographs have one number"

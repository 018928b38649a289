"""What a store consists of, held against what an empty one does: no trigger, no view, no more."""

import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from functools import cache
from typing import Any

from edge_runtime.results.sqlite_form import Form

_Ask = Callable[[str], list[tuple[Any, ...]]]
_TABLE = "CREATE TABLE "


def odd_part(ask: _Ask, statements: tuple[str, ...]) -> str | None:
    """Name a part of a store that isn't as an empty one has it, such as "trigger x".

    A trigger or a view would act on what is written or read later.

    Args:
        ask: Asks the database and gives all rows.
        statements: Those that make an empty one.
    """
    names = tuple(
        each.strip().removeprefix(_TABLE).split()[0]
        for each in statements
        if each.strip().startswith(_TABLE)
    )
    differing = _parts(ask, names) ^ _made_by(statements, names)
    return " ".join(min(each[:2] for each in differing)) if differing else None


def odd_number(ask: _Ask, form: Form) -> str | None:
    """Name the number by which a file says that it is such a store, where it says something else.

    Args:
        ask: Likewise.
        form: Of the store; older versions of which it makes a new one are as good.
    """
    ((application,),) = ask("PRAGMA application_id")
    ((version,),) = ask("PRAGMA user_version")
    if application != form.application:
        return f"application_id {application}"
    known = version == form.version or version in form.upgrades
    return None if known else f"user_version {version}"


def _parts(ask: _Ask, tables: Collection[str]) -> frozenset[tuple[str, ...]]:
    """List what a database consists of: each part's kind, name and table, and each column."""
    parts = [tuple(map(str, row)) for row in ask("SELECT type, name, tbl_name FROM sqlite_master")]
    columns = [
        ("table", name, *map(str, row[1:]))  # without its place, as upgrades add at the end
        for kind, name, _ in parts
        if kind == "table" and name in tables
        for row in ask(f"PRAGMA table_xinfo({name})")
    ]
    return frozenset([*parts, *columns])


@cache
def _made_by(statements: tuple[str, ...], tables: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:")) as empty:
        for statement in statements:
            empty.execute(statement)
        return _parts(lambda question: empty.execute(question).fetchall(), tables)

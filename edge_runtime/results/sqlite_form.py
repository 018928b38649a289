"""What a kind of SQLite store consists of: its tables, its version, and the words about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Form:
    """What a kind of store consists of.

    ``file`` is its name in its folder, ``kind`` what a person calls it. The file says by the number
    ``application`` that it is one, and in which ``version``. ``tables`` are the statements that
    make an empty file one, ``upgrades`` those that make one of an older version one of the next.
    ``busy`` says of another process that has it open what to do, ``remedy`` of one that can't be
    used, "" for that of a run.
    """

    file: str
    kind: str
    application: int
    version: int
    tables: tuple[str, ...]
    upgrades: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    busy: str = "another run is writing there; wait for it"
    remedy: str = ""

    @property
    def statements(self) -> tuple[str, ...]:
        """What makes an empty file one."""
        identity = f"PRAGMA application_id = {self.application}"
        return *self.tables, identity, f"PRAGMA user_version = {self.version}"

    def upgrades_from(self, version: int) -> tuple[str, ...]:
        """What makes one of this version of one that is older."""
        statements = [each for old in range(version, self.version) for each in self.upgrades[old]]
        return (*statements, f"PRAGMA user_version = {self.version}") if statements else ()

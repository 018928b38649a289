"""Say that a form can't be taken."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_runtime.station.patients import Patient


class FormError(Exception):
    """A form that can't be taken; the key of the sentence that says why.

    ``people`` are those of whom it speaks, ``listed`` those of a worklist, and ``given`` what was
    typed to call one of them, where it is to be chosen who was meant.
    """

    def __init__(
        self,
        key: str,
        people: Sequence[int] = (),
        *,
        listed: "Sequence[Patient]" = (),
        given: str = "",
    ) -> None:
        super().__init__(key)
        self.people, self.listed, self.given = tuple(people), tuple(listed), given

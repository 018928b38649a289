"""Say that a form can't be taken."""

from collections.abc import Sequence


class FormError(Exception):
    """A form that can't be taken; the key of the sentence that says why.

    ``people`` are those of whom it speaks.
    """

    def __init__(self, key: str, people: Sequence[int] = ()) -> None:
        super().__init__(key)
        self.people = tuple(people)

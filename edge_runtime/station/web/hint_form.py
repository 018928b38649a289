"""What a page has of a hint: a sentence with its buttons."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A button: the form that it sends, what stands on it, and the form's hidden fields."""

    kind: str
    label: str
    fields: dict[str, str | int]


@dataclass(frozen=True)
class HintCard:
    """A hint in a sentence; ``other`` is the person that it leads to, None where it does not."""

    sentence: str
    other: int | None = None
    answers: list[Answer] = field(default_factory=list)

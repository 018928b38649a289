"""Draw photos of other persons, whose maps say what a photo's map has in common by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Candidates:
    """N photos that can stand in each other's place: their predicted classes, persons and sides.

    Each is (N,); ``sides`` are "left", "right" or "" where the side of the eye isn't known.
    """

    tops: npt.NDArray[np.integer]
    persons: npt.NDArray[np.integer]
    sides: npt.NDArray[np.str_]

    @classmethod
    def of(
        cls,
        tops: npt.ArrayLike,
        persons: npt.ArrayLike,
        sides: Sequence[str | None],
    ) -> "Candidates":
        """Take them from sequences; the sides are None where they aren't known."""
        known = np.array([side or "" for side in sides], np.str_)
        return cls(np.asarray(tops, np.intp), np.asarray(persons, np.intp), known)


@dataclass(frozen=True)
class Partners:
    """Photos of other persons by their numbers, each of another one, and how like they are.

    ``other_class`` where no other person's photo is of the class that was wanted, ``other_side``
    where none of those of it shows the same side of the eye, or the photo's isn't known.
    """

    photos: tuple[int, ...]
    other_class: bool = False
    other_side: bool = False


def draw_partners(
    i: int,
    among: Candidates,
    *,
    count: int,
    generator: np.random.Generator,
    label: int | None = None,
) -> Partners:
    """Draw for a photo other persons' photos of its predicted class and side of the eye.

    Where no other person has one of that side, or the photo's side isn't known, they are of any
    side, and where nobody has one of the class either, of any class. They are of as many different
    persons as there are, up to ``count``; nobody is drawn twice.

    Args:
        i: The photo's number.
        among: All photos.
        count: The most to draw.
        generator: What is drawn from.
        label: The class in place of the photo's own predicted one.
    """
    label = int(among.tops[i]) if label is None else label
    side, persons = among.sides[i], among.persons
    others = np.flatnonzero(persons != persons[i])
    of_class = others[among.tops[others] == label]
    of_side = of_class[among.sides[of_class] == side] if side else of_class
    left = next((each for each in (of_side, of_class) if each.size), others)
    drawn: list[int] = []
    while left.size and len(drawn) < count:
        drawn.append(int(generator.choice(left)))
        left = left[persons[left] != persons[drawn[-1]]]
    return Partners(
        tuple(drawn),
        bool(drawn) and not of_class.size,
        bool(drawn) and bool(not side or (among.sides[drawn] != side).any()),
    )


def draw_all_partners(among: Candidates, *, count: int, seed: int) -> list[Partners]:
    """Draw for each of N photos likewise, all from one generator: another seed is another draw."""
    generator = np.random.default_rng(seed)
    numbers = range(len(among.tops))
    return [draw_partners(i, among, count=count, generator=generator) for i in numbers]

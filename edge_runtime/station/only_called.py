"""People who were called to the camera, and of whom nothing else is known: slips, or they wait.

What a hospital's worklist has of them counts as nothing: nobody here has said a word of them.
"""

from collections.abc import Collection

from edge_runtime.station.camp import Camp
from edge_runtime.station.events import AnotherCame, PersonCalled, PersonExpected, PersonOpened

_NO_WORDS = PersonOpened, PersonCalled, PersonExpected, AnotherCame


def only_called(camp: Camp) -> list[int]:
    """Name those who were called and of whom there is no photograph and no word, the last first.

    Whoever is called now isn't among them.
    """
    seldom = {n for n, each in camp.people.items() if not each.photos and n != camp.called}
    return sorted(_without_a_word(camp, seldom), reverse=True)


def is_unknown(
    camp: Camp, person: int, *, but: Collection[int] = (), said: Collection[int] = ()
) -> bool:
    """Tell whether nothing is known of a person but that they came up, and perhaps some photos.

    ``said`` are numbers of events that tell nothing of them.
    """
    photos = camp.people[person].photos
    return set(photos) <= {*but} and bool(_without_a_word(camp, {person}, but=said))


def _without_a_word(camp: Camp, people: set[int], *, but: Collection[int] = ()) -> set[int]:
    """Leave out of whom something was said, undone or not: somebody has looked after them."""
    rest = set(people)
    for each in camp.history if rest else ():
        if each.number in but:
            continue
        if not isinstance(each.event, _NO_WORDS) and not hasattr(each.event, "photo"):
            rest.discard(getattr(each.event, "person", 0))
            rest.discard(getattr(each.event, "into", 0))
    return rest

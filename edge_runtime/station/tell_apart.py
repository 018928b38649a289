"""Let what a hospital's worklist says of people tell them from others of their number, or not."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from edge_runtime.station.by_dicom import whose_by
from edge_runtime.station.camp_facts import Person, more
from edge_runtime.station.events import PersonExpected
from edge_runtime.station.orders import as_listed
from edge_runtime.station.spelling import same_number


def tell_apart(
    event: PersonExpected,
    people: dict[int, Person],
    keys: dict[tuple[str, ...], int],
    numbered: Mapping[str, tuple[int, ...]],
    now_of: Callable[[int], int | None],
) -> None:
    """Keep what leads to a person, and take from the others of their number what leads to both.

    Args:
        event: What the worklist says; the person has it already.
        people: As ``Camp`` has them, and so the others.
        keys: Likewise.
        numbered: Likewise.
        now_of: Likewise.
    """
    told = (event.key, as_listed(event.code) if event.code else ())
    own, given_id = whose_by(event.patient_id, event.issuer)
    if event.doubled:
        for number in numbered.get(same_number(given_id), ()):
            other = people[number]
            if number != event.person and other.patient_id:
                is_it = (other.patient_id, other.issuer) == (event.patient_id, event.issuer)
                doubled = more(other.doubled, "id" if is_it else "number")
                people[number] = replace(other, doubled=doubled)
    holder = people.get(now_of(keys.get(own, 0)) or 0)
    if event.doubled == "id" and holder is not None and holder.patient_id:
        del keys[own]
    keys |= {key: event.person for key in told if key}


def tell_alone(
    two: tuple[Person, Person], people: dict[int, Person], keys: dict[tuple[str, ...], int]
) -> None:
    """Let the ID lead to who was two, where that was all that kept it from leading to anybody.

    Args:
        two: As they were, the one first who has all of it now.
        people: As ``Camp`` has them, without the other one, and so the keys.
        keys: Likewise.
    """
    one, other = two
    (own, number), (others, same) = _id_of(one), _id_of(other)
    kinds = {one.doubled, other.doubled}
    if "" in kinds or number != same or ("id" in kinds and own != others):
        return
    rest = (each for each in people.values() if each.doubled and each.number != one.number)
    if all(_id_of(each)[1] != number for each in rest):
        people[one.number] = replace(people[one.number], doubled="")
        keys.setdefault(own, one.number)


def _id_of(person: Person) -> tuple[tuple[str, ...], str]:
    """Give a patient's ID as what tells who it is, and as people write it."""
    key, given_id = whose_by(person.patient_id, person.issuer)
    return key, same_number(given_id)

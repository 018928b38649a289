"""Find DICOM files that came by a person's ID and name somebody else."""

from collections.abc import Iterator

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.likeness import speaks_against


def other_names(camp: Camp, person: int) -> Iterator[Told]:
    """Give of each other name that files of a person have the first photograph of it.

    It is held against the name and birth year that the camp has of them, and where it has no name
    against those of the first file with one. What was set aside asks nothing.
    """
    own = camp.people[person]
    names = [(own.name, own.birth_year)] if own.name else []
    for told in camp.of(person):
        file = told.photo.dicom
        if file is None or not file.name or told.decision == "retake":
            continue
        is_other = all(speaks_against(*each, file.name, file.birth_year) for each in names)
        if names and is_other:
            yield told
        if not names or is_other:
            names.append((file.name, file.birth_year))

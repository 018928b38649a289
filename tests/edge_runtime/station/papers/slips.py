"""People of a camp with a slip, their photographs real JPEG files."""

from edge_runtime.station.events import EyeTold, PersonDescribed, ResultOverridden
from edge_runtime.station.web.frame import Station
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import added, jpeg

PICTURES = ("photo", "overlay", "small")


def station_of(store, intake, classifier, language="en"):
    return Station(store, intake, classifier, "key", language)


def person(store, called="K-17", *, score=0.9):
    """Let a person come with one eye referred and the other without a result."""
    number = store.next_person()
    added(store, f"{number}_OD.jpg", score, pictures=PICTURES)
    record = ungradable(f"{number}_OS.jpg")
    added(store, f"{number}_OS.jpg", person=number, record=record, pictures=PICTURES)
    for photo in store.camp.of(number):
        for name in PICTURES:
            file = store.picture(photo.photo.number, name)
            file.write_bytes(jpeg(photo.photo.number, size=(960, 1280)))
    store.happen(PersonDescribed(number, called, "", None))
    return number


def much_is_said_of(store, number):
    """Give a person the longest names and reasons that forms take, and a third column."""
    first, second = (each.photo.number for each in store.camp.of(number))
    added(store, f"{'n' * 200}.jpg", 0.8, person=number)
    store.happen(
        PersonDescribed(number, "W" * 200, "a long name " * 16, 1950),
        ResultOverridden(first, "refer", "word " * 40),
        ResultOverridden(second, "refer", "w" * 200),
        EyeTold(max(store.camp.told), None),
        ResultOverridden(max(store.camp.told), "refer", "w" * 200),
    )

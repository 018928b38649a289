"""A station whose hospital expects people, and what its pages list of them, for tests."""

import re

from tests.edge_runtime.station.expecting import asker_of, scheduled
from tests.edge_runtime.station.web.served import words

PEOPLE = (
    scheduled("P1", "Núñez Ana", time="08:00", year=1950),
    scheduled("P2", "Yamada Tarou (山田 太郎)", time="09:30", what="Right eye"),
    scheduled("P3", "Lopez Eva", time="11:00"),
)


def expects(client, *entries, **options):
    """Have a station's hospital expect people; gives who asks."""
    made = asker_of(client.station.store, *entries, **options)
    object.__setattr__(client.station, "asker", made)  # as the option has it
    return made


def codes(page):
    return re.findall(r'name="entry" value="(\w+)"', page)


def listed(page):
    """Give the list's rows, in words."""
    rows = page.partition('id="expected-rows"')[2].partition("</ul>")[0]
    return [words(f"<body{each}") for each in rows.split("<li>")[1:]]

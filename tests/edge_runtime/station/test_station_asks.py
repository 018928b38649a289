"""A station as it is run, with dcmtk's worklist, and with one that never answers."""

import datetime
import http.client
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

from tests.edge_runtime.hospital.receiving import needs_dcmtk
from tests.edge_runtime.hospital.worklists import dcmtks_worklist, entry
from tests.edge_runtime.station.taking_in import wait_until
from tests.edge_runtime.station.web.browsing import station


def page(address):
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()


@needs_dcmtk
def test_whom_dcmtks_worklist_has_for_today_stands_on_the_page(tmp_path):
    day = f"{datetime.date.today():%Y%m%d}"
    entries = (
        entry(1, day=day, time="113000", name="Yamada^Tarou=山田^太郎"),
        entry(2, day=day),
        entry(3, day="20010101"),
    )
    with dcmtks_worklist(tmp_path / "lists", entries) as peer:
        options = ["--worklist", f"HOSPITAL@127.0.0.1:{peer.port}", "--worklist-title", "CAMP"]
        with station(tmp_path, options=options) as address:
            wait_until(lambda: "Núñez Ana" in page(address))
            said = page(address)
    assert said.index("Núñez Ana") < said.index("Yamada Tarou (山田 太郎)")
    assert "P3" not in said
    kept = tmp_path / "inbox-station" / "station.expected"
    assert kept.stat().st_mode & 0o777 == 0o600
    with station(tmp_path) as address:  # which asks nobody any more
        assert "Núñez Ana" not in page(address)
    assert not kept.exists()


def test_a_worklist_that_never_answers_holds_the_stations_end_not_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        options = ["--worklist", f"RIS@127.0.0.1:{deaf.getsockname()[1]}"]
        with station(tmp_path, options=options) as address, deaf.accept()[0]:
            assert "Asking the hospital" in page(address)
            begun = time.monotonic()
        assert time.monotonic() - begun < 10  # a second or two; the library alone waits for 15

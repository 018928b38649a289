"""What a station hands out over its pages: to its own forms and its owner, and to nobody else."""

import http.client
import io
import json
import zipfile
from html import unescape
from urllib.parse import urlencode

import pytest

from edge_runtime.station import backup
from edge_runtime.station.access.key import key_of
from edge_runtime.station.access.owner import OWNER
from edge_runtime.station.access.password import set_password
from edge_runtime.station.at_work import BACKUP, EXPORT
from edge_runtime.station.papers.camp_folder import NAMES
from edge_runtime.station.parcel_reader import check_parcel
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.papers.slips import person
from tests.edge_runtime.station.web.served import served, words


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        person(client.station.store)
        yield client


def fetched(client, method, path, body=None, **headers):
    """Give the status, the headers and the bytes of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("paper", ["slip", "receipt"])
def test_a_paper_is_a_pdf_that_no_cache_keeps(client, paper):
    status, headers, pdf = fetched(client, "GET", f"/{paper}/1.pdf")
    assert status == 200
    assert pdf.startswith(b"%PDF-")
    assert headers["content-type"] == "application/pdf"
    assert headers["cache-control"] == "no-store"
    assert headers["content-disposition"] == f'inline; filename="{paper}-1.pdf"'
    for number in ("2", "x", "1.5", "-1", "9" * 30):
        assert fetched(client, "GET", f"/{paper}/{number}.pdf")[0] == 404


def test_a_report_is_json(client):
    status, headers, text = fetched(client, "GET", "/person/1.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(text)["given_id"] == "K-17"
    assert fetched(client, "GET", "/person/7.json")[0] == 404


def test_the_pages_lead_to_all_of_it_and_show_the_code(client):
    slip, page = client.get("/slip/1"), client.get("/person/1")
    assert 'href="/slip/1.pdf"' in slip
    assert 'href="/receipt/1"' in slip
    assert 'aria-label="Code for the hospital&#39;s desk: FUNDUS-EDGE;id=K-17;' in slip
    assert "<svg " in slip
    assert "style=" not in slip
    assert 'href="/receipt/1.pdf"' in client.get("/receipt/1")
    assert "No result here may decide on a treatment" in words(client.get("/receipt/1"))
    assert 'href="/person/1.json"' in page
    assert 'action="/backup.zip"' in client.get("/settings")
    assert 'action="/export.zip"' in client.get("/day")


def test_a_name_in_the_code_is_harmless_on_the_page(client):
    client.post("describe", person="1", given_id='"><script>alert(1)</script>', name="")
    for page in ("/slip/1", "/receipt/1"):
        assert "<script>alert" not in client.get(page)


def test_a_days_folders_are_one_zip_file(client, tmp_path):
    day = client.station.store.camp.photos[1].arrived[:10]
    status, headers, data = fetched(client, "GET", f"{EXPORT}?day={day}")
    assert status == 200
    assert headers["content-disposition"] == f'attachment; filename="camp-{day}.zip"'
    (tmp_path / "a.zip").write_bytes(data)
    names = check_parcel(tmp_path / "a.zip", NAMES)
    assert "0001-K-17/slip.pdf" in names
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert fetched(client, "GET", f"{EXPORT}?day=1999-01-01")[0] == 200


@pytest.mark.parametrize("asked", ["day=yesterday", "day=2026-11-28x", "day=28-11-2026"])
def test_what_cant_be_asked_for_is_said(client, asked):
    status, _, text = fetched(client, "GET", f"{EXPORT}?{asked}")
    assert status == 400
    assert "write it as 2026-12-31" in words(text.decode())


def test_a_backup_goes_to_a_form_of_the_page_and_to_the_owner(client, tmp_path):
    token, key = client.station.token, key_of(client.station.store.folder)
    form = urlencode({"token": token})
    for body, headers in ((form, {}), (None, client.as_owner(BACKUP))):
        status, told, data = fetched(client, "POST", BACKUP, body, **headers)
        assert status == 200
        assert told["content-disposition"].startswith('attachment; filename="camp-backup-')
        (tmp_path / "b.zip").write_bytes(data)
        assert "camp.sqlite" in check_parcel(tmp_path / "b.zip", backup.NAMES)
        assert token.encode() not in data
        assert key.encode() not in data


def test_with_a_password_it_goes_to_who_is_signed_in_and_to_the_owner(client):
    set_password(client.station.store.folder, "a good one 1")
    outside = fetched(client, "POST", BACKUP, urlencode({"token": client.station.token}))
    assert (outside[0], fetched(client, "GET", f"{EXPORT}?day=")[0]) == (401, 401)
    assert fetched(client, "POST", BACKUP, **client.as_owner(BACKUP))[0] == 200
    client.sign_in("a good one 1")
    assert fetched(client, "GET", f"{EXPORT}?day=", cookie=client.cookie)[0] == 200
    for token, status in ((client.token, 200), (client.station.token, 403)):
        form = urlencode({"token": token})
        assert fetched(client, "POST", BACKUP, form, cookie=client.cookie)[0] == status


@pytest.mark.parametrize("path", [BACKUP, EXPORT])
def test_nobody_else_is_answered(client, path):
    token = client.station.token
    form = urlencode({"token": token})
    taken = client.as_owner(path)
    assert fetched(client, "POST", path, **taken)[0] == 200
    for body, headers in (
        (None, {}),
        (None, taken),
        (None, client.as_owner(f"{path}?day=2026-01-01")),
        (None, client.as_owner(path, "GET")),
        (None, {OWNER: key_of(client.station.store.folder)}),
        ("token=", {}),
        (None, {OWNER: ""}),
        (None, {OWNER: token}),
        (None, {OWNER: client.as_owner(path)[OWNER][:-1] + "~"}),
        (None, {OWNER: client.as_owner(path)[OWNER].rpartition(" ")[0]}),
        (None, {OWNER: "1.2.3 4"}),
        (None, {OWNER: "\u00ff" * 43}),
        (form, {"origin": "http://elsewhere.example"}),
    ):
        status, _, data = fetched(client, "POST", path, body, **headers)
        assert status == 403, headers
        assert b"PK" not in data
    assert fetched(client, "GET", BACKUP)[0] == 405


def test_one_is_made_at_a_time_and_who_leaves_makes_room(client):
    store = client.station.store
    for number in range(40):
        added(store, f"many{number}_OD.jpg", 0.5)
        store.picture(number + 3, "photo").write_bytes(bytes(400_000))
    leaving = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    leaving.request("POST", BACKUP, headers=client.as_owner(BACKUP))
    answer = leaving.getresponse()
    assert answer.read(1000)
    status, headers, said = fetched(client, "POST", BACKUP, **client.as_owner(BACKUP))
    assert status == 503
    assert headers["content-type"].startswith("text/plain")
    assert b"One is being made at this moment" in said
    assert fetched(client, "GET", f"{EXPORT}?day=")[0] == 503
    leaving.close()
    answer.close()
    for _ in range(200):
        status, _, data = fetched(client, "POST", BACKUP, **client.as_owner(BACKUP))
        if status == 200:
            break
    assert len(data) > 40 * 400_000
    assert not (store.folder / ".backup.partial").exists()


def test_a_disk_without_room_for_a_backup_is_a_sentence(client, monkeypatch):
    def full(file):
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(client.station.store, "copy_to", full)
    form = urlencode({"token": client.station.token})
    status, _, text = fetched(client, "POST", BACKUP, form)
    assert status == 500
    said = "It couldn't be written: no space left on device. Nothing of it was kept;"
    assert said in words(unescape(text.decode()))
    status, _, text = fetched(client, "POST", BACKUP, **client.as_owner(BACKUP))
    assert (status, text[:47]) == (500, said[:47].encode())
    assert not (client.station.store.folder / ".backup.partial").exists()


def test_an_answer_in_the_middle_of_which_a_disk_fails_breaks_off(client, monkeypatch, caplog):
    from edge_runtime.station import parcel

    real = parcel.pieces_of

    def fail(content):
        yield from real(content)
        if not isinstance(content, bytes) and content.name.startswith("0000"):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(parcel, "pieces_of", fail)
    with pytest.raises(http.client.IncompleteRead):
        fetched(client, "POST", BACKUP, **client.as_owner(BACKUP))
    client.get("/")  # by then it was said
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []

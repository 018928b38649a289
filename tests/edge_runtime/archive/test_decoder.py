"""A file that kills what decodes it, or silences it, costs its own record and no other."""

from contextlib import closing

import pytest

from edge_runtime.archive.decoder import Decoder
from edge_runtime.archive.decoding import Ask, Rules, pixels_of, prepared_of
from tests.conftest import EXAMPLE_PHOTO, ROOT
from tests.edge_runtime.archive.deadly import COMMAND, DEADLY, SILENT

RULES = Rules((64, 64), None, wants_pixels=True)


@pytest.fixture
def decoder(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with closing(Decoder(RULES, command=COMMAND, at_most_s=2)) as made:
        yield made


def ask(decoder, path, data):
    question = Ask(path, data)
    decoder.begin(question)
    return decoder.finish(question)


@pytest.mark.parametrize(
    ("mark", "how"), [(DEADLY, "was ended by SIGABRT, twice"), (SILENT, "within 2 seconds, twice")]
)
def test_a_photo_that_ends_the_decoder_is_named_and_the_next_is_decoded(decoder, mark, how):
    photo = EXAMPLE_PHOTO.read_bytes()
    assert ask(decoder, b"good.jpg", photo).error is None
    said = ask(decoder, b"b\xffd.jpg", photo + mark).error
    assert said.startswith("b\\udcffd.jpg: what decodes it")
    assert how in said
    answer = ask(decoder, b"good.jpg", photo)
    assert prepared_of(answer).image.shape == (64, 64, 3)
    assert prepared_of(answer).inside.dtype == bool
    assert pixels_of(answer).shape[2] == 3


def test_what_can_not_be_decoded_is_said_as_predict_says_it(decoder):
    said = ask(decoder, b"a.jpg", EXAMPLE_PHOTO.read_bytes()[:4000]).error
    assert said.startswith("a.jpg: the JPEG file")
    assert ask(decoder, b"/none/a.dcm", None).error.startswith("/none/a.dcm: no such file")


def test_a_decoder_that_can_not_be_started_is_said_so():
    with closing(Decoder(RULES, command=("/none/python",))) as decoder:
        assert "can't be started" in ask(decoder, b"a.jpg", b"x").error

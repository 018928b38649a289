"""Why a worklist couldn't be learnt is said in the reader's language."""

from pathlib import Path

import pytest

from edge_runtime.hospital import calling, peers, worklist, worklist_apart
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.web.expected_list import expected_list
from edge_runtime.station.web.frame import TEXTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_the_last_try_failed_is_said_in_each_language(language):
    said = texts(language, TEXTS)
    causes = [key.removeprefix("ask: ") for key in said.by_key if key.startswith("ask: ")]
    assert len(causes) == 9
    for cause in (*causes, "it answered with 0xa700; ask there what is wrong"):
        heard = Heard(trouble=cause, tried="2026-11-28T10:00:00+00:00")
        (sentence,) = expected_list(heard, Camp(), said, typed="").said
        assert (cause in sentence) == (language == "en" and "0xa700" not in cause)
        assert ("0xa700" in sentence) == ("0xa700" in cause)


def test_every_clause_why_a_worklist_wasnt_learnt_has_its_words():
    """Those of the code, so that none is said in English alone."""
    known = {key.removeprefix("ask: ") for key in texts("en", TEXTS).by_key if "ask: " in key}
    files = (Path(each.__file__) for each in (calling, peers, worklist, worklist_apart))
    source = "".join(file.read_text("utf-8") for file in files)
    for clause in known - {"it didn't answer to the end; ask there what is wrong"}:
        assert clause in source, clause

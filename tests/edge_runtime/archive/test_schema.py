"""The form of records is the one that is documented."""

import pytest

from edge_runtime.archive.schema import COLUMNS, SCHEMA_VERSION, check_version, schema
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "archive.md").read_text("utf-8")


def test_the_document_has_every_column_as_it_is():
    columns = DOCUMENT.split("| column | type | holds |\n|---|---|---|\n")[1]
    table = columns.split("\n\n")[0].splitlines()
    assert table == [f"| `{each.name}` | {each.type} | {each.holds} |" for each in COLUMNS]
    assert f"The schema's version, {SCHEMA_VERSION}," in DOCUMENT


def test_types_are_called_as_pyarrow_calls_them():
    made = schema()
    assert [(each.name, str(each.type).split(" ('")[0]) for each in made] == [
        (each.name, each.type) for each in COLUMNS
    ]
    check_version(made)
    with pytest.raises(ValueError, match="isn't a file of records"):
        check_version(made.remove_metadata())

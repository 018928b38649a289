"""The form of an archive's records: what columns the Parquet files have, and what is in them."""

from typing import Any

import pyarrow as pa
from msgspec import Struct

from edge_runtime.contract import DISCLAIMER

#: Goes up by one where a reader of before would misread a file.
SCHEMA_VERSION = 1

#: Numbers that stand before the columns on their way from a worker: where a row belongs, and where
#: the record lies that is taken over for it.
OF_THE_RUN = ("partition", "ordinal", "known")

_MARK, _DISCLAIMER = b"fundus_edge_archive", b"disclaimer"


class Column(Struct, frozen=True):
    """A column: its name, its type as pyarrow writes it, and what it holds."""

    name: str
    type: str
    holds: str


COLUMNS = (
    Column("path", "string", "the photograph's absolute path or URL, as in `record`"),
    Column("source", "string", "of the list, else the folder directly below SOURCE"),
    Column("date", "date32[day]", "of the list"),
    Column("sha256", "string", "of the file's content"),
    Column("size", "int64", "of the file, in bytes"),
    Column("modified", "timestamp[ns, tz=UTC]", "when the file was last changed"),
    Column("bundle", "string", "the bundle's identity: the SHA-256 of its manifest"),
    Column("version", "string", "of fundus-edge"),
    Column("status", "string", "`ok`, `ungradable` or `error`"),
    Column("class", "string", "the predicted class"),
    Column("confidence", "double", "its probability, 0 to 1"),
    Column("probabilities", "map<string, double>", "of each class"),
    Column("refer", "bool", "whether to refer, where the bundle has thresholds"),
    Column("referral", "string", "the referral with its score and why, as JSON"),
    Column("reason", "string", "why it is ungradable, or the sentence of its error"),
    Column("record", "string", "all of it: a line as in `results.jsonl` of `predict --out`"),
    Column("map", "list<item: halffloat>", "with `--maps`: the class's heatmap, 0 to 1, by rows"),
    Column("map_width", "int32", "with `--maps`: the length of a row of it"),
)


def schema() -> Any:
    """Make the schema of pyarrow that each file of records has."""
    types = {
        "string": pa.string(),
        "date32[day]": pa.date32(),
        "int64": pa.int64(),
        "int32": pa.int32(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "timestamp[ns, tz=UTC]": pa.timestamp("ns", "UTC"),
        "map<string, double>": pa.map_(pa.string(), pa.float64()),
        "list<item: halffloat>": pa.list_(pa.float16()),
    }
    told = {_MARK: str(SCHEMA_VERSION).encode(), _DISCLAIMER: DISCLAIMER.encode()}
    return pa.schema([(each.name, types[each.type]) for each in COLUMNS], metadata=told)


def worker_schema() -> Any:
    """Make the schema of the rows on their way from a worker."""
    return pa.schema([*((name, pa.int64()) for name in OF_THE_RUN), *schema()])


def check_version(found: Any) -> None:
    """Check that a file of records has a form that this version reads.

    Args:
        found: Its schema.

    Raises:
        ValueError: With a clause.
    """
    told = (found.metadata or {}).get(_MARK, b"")
    if told != str(SCHEMA_VERSION).encode():
        raise ValueError(
            "isn't a file of records of 'fundus-edge archive' as this version writes and reads them"
        )


def plain_text(text: str) -> str:
    """Write what may hold bytes that are no UTF-8 as Parquet takes it: they become escapes."""
    return text.encode("utf-8", "backslashreplace").decode()

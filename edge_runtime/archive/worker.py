"""Screen the photographs of a batch: one worker of a cluster, with one model."""

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import pyarrow as pa
from msgspec import Struct

from edge_runtime.archive.decoder import COMMAND, Decoder
from edge_runtime.archive.decoding import Answer, Ask, Rules, pixels_of, prepared_of
from edge_runtime.archive.rows import Wanted, row_of
from edge_runtime.archive.schema import plain_text, worker_schema
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.engine.options import EngineOptions
from edge_runtime.errors import AnswerInvalidError, PhotoUngradableError, printable
from edge_runtime.photo.find import Stamp
from edge_runtime.predict.classifier import Classifier
from edge_runtime.predict.prediction import Gradients
from edge_runtime.predict.screening import Screened
from edge_runtime.predict.start import open_classifier

if TYPE_CHECKING:
    from edge_runtime.trust.verify import Trusted


class Setup(Struct, frozen=True):
    """What a worker needs: the bundle's folder, which must be the one of ``identity``, and how."""

    bundle: str | None
    identity: str
    model: str | None = None
    threads: int = 1
    gradients: Gradients | None = None
    quality_gate: bool = True
    max_pixels: int = MAX_PIXELS
    wanted: Wanted = Wanted()
    command: tuple[str, ...] = COMMAND


def open_for(setup: Setup, trusted: "Trusted | None" = None) -> Classifier:
    """Open the model as a worker does.

    Args:
        setup: Of which bundle, and how.
        trusted: Whose signatures it must have; None where its ``identity`` was judged before.

    Raises:
        FundusError: It can't be.
    """
    return open_classifier(
        Path(setup.bundle) if setup.bundle else None,
        engine=EngineOptions(model=setup.model, threads=setup.threads),
        gradients=setup.gradients, quality_gate=setup.quality_gate, max_pixels=setup.max_pixels,
        expected_identity=setup.identity or None, trusted=trusted,
    )  # fmt: skip


class Worker:
    """Holds a model and a process that decodes; a class for ``map_batches``."""

    def __init__(self, setup: Setup) -> None:
        """Open the model.

        Raises:
            FundusError: It can't be.
        """
        cv2.setNumThreads(setup.threads)
        self._setup, self._classifier = setup, open_for(setup)
        manifest = self._classifier.bundle.manifest
        rules = Rules(
            manifest.input_size,
            manifest.quality if setup.quality_gate else None,
            setup.max_pixels,
            wants_pixels=setup.wanted.overlays is not None,
        )
        self._decoder = Decoder(rules, command=setup.command)

    def __call__(self, table: Any) -> Any:
        """Screen a batch; whatever is wrong with a photo becomes its row.

        While the network answers about one photo, the next is decoded.

        Args:
            table: From ``reading.Reader``.

        Returns:
            The photos' rows, of ``worker_schema``.
            One whose content has a record has that one's location in ``known``, and its own path.
        """
        rows = table.to_pylist()
        asks = [_ask_of(row) for row in rows]
        made: list[dict[str, Any]] = []
        self._begun(asks, 0)
        for number, row in enumerate(rows):
            ask = asks[number]
            answer = self._decoder.finish(ask) if ask else None
            self._begun(asks, number + 1)
            made.append(_known_row(row) if row["known"] is not None else self._row(row, answer))
        return pa.Table.from_pylist(made, schema=worker_schema())

    def _begun(self, asks: list[Ask | None], number: int) -> None:
        """Let the decoder begin with a photo, if there is one to decode."""
        if number < len(asks) and (ask := asks[number]) is not None:
            self._decoder.begin(ask)

    def _row(self, row: dict[str, Any], answer: Answer | None) -> dict[str, Any]:
        path = os.fsdecode(row["path"])
        stamp = None if row["size"] is None else Stamp(row["size"], row["modified"])
        said = answer or Answer(os.fsdecode(row["error"]))
        screened = self._judge(Path(path), said, row["sha256"], stamp)
        return _listed(row) | row_of(path, screened, self._classifier, self._setup.wanted)

    def _judge(
        self, path: Path, answer: Answer, sha256: str | None, stamp: Stamp | None
    ) -> Screened:
        """Make of an answer what ``screen`` makes of a photo."""
        if answer.error is not None:
            return Screened(
                path, error=answer.error, sha256=sha256, stamp=stamp, dicom=answer.dicom
            )
        prepared = prepared_of(answer)
        told: dict[str, Any] = {
            "sha256": sha256, "stamp": stamp, "read_as": answer.read_as, "dicom": answer.dicom
        }  # fmt: skip
        try:
            prediction = self._classifier.predict_prepared(prepared)
        except PhotoUngradableError as error:
            return Screened(path, reason=error.reason, **told)
        except AnswerInvalidError as error:
            return Screened(path, error=f"{printable(path)}: {error}", **told)
        return Screened(
            path, pixels_of(answer), prediction, landmarks=answer.landmarks, prepared=prepared,
            **told,
        )  # fmt: skip


def _ask_of(row: dict[str, Any]) -> Ask | None:
    """Give what the decoder is asked about a photo; None where it need not be."""
    if row["error"] is not None or row["known"] is not None:
        return None
    return Ask(row["path"], row["data"])


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    """Give what the listing knows of a photo."""
    date = datetime.date.fromisoformat(row["date"]) if row["date"] else None
    return {name: row[name] for name in ("partition", "ordinal", "source")} | {"date": date}


def _known_row(row: dict[str, Any]) -> dict[str, Any]:
    """Make the row of a photo whose record the driver takes over."""
    told = {name: row[name] for name in ("known", "sha256", "size", "modified")}
    return _listed(row) | told | {"path": plain_text(os.fsdecode(row["path"]))}

"""Decode and prepare photographs in a process of its own, which may die of one of them.

It is asked by its standard input and answers by its standard output, in msgpack, each message
behind its length: nothing that a damaged or hostile file could bring about in it is run elsewhere.
"""

import os
import struct
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.optic_disc import find_landmarks
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.photo.beside import is_dicom
from edge_runtime.photo.decode import Photo, decode
from edge_runtime.photo.field import Field
from edge_runtime.photo.prepare import Prepared, ms_since, prepare_timed
from edge_runtime.predict.reading import Reading, read

_LENGTH = struct.Struct("<Q")
_MOST = 1 << 31  # bytes of a message


class Rules(Struct, frozen=True):
    """What is the same for all photographs: the model's (height, width), the gate, the limit.

    ``wants_pixels`` says whether the decoded photographs are asked for too.
    """

    size: tuple[int, int]
    limits: QualityLimits | None
    max_pixels: int = MAX_PIXELS
    wants_pixels: bool = False


class Ask(Struct, frozen=True):
    """A photograph: its path's bytes, and its content, None where its file is to be read here."""

    path: bytes
    data: bytes | None


class Array(Struct, frozen=True):
    """An array of bytes or booleans."""

    shape: tuple[int, ...]
    data: bytes


class Answer(Struct, frozen=True):
    """What it came to, as ``Prepared`` has it, or ``error``, a sentence."""

    error: str | None = None
    image: Array | None = None
    inside: Array | None = None
    field: Field | None = None
    photo_size: tuple[int, int] = (0, 0)
    fault: str | None = None
    times_ms: dict[str, float] = {}
    read_as: tuple[str, ...] = ()
    landmarks: Landmarks | None = None
    dicom: DicomFacts | None = None
    pixels: Array | None = None


def send(stream: BinaryIO, message: Struct) -> None:
    """Write a message."""
    data = msgspec.msgpack.encode(message)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read a message's content; None at the end, or where it breaks off.

    Raises:
        ValueError: It is longer than any.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _MOST:
        raise ValueError("a message that is too long")
    data = stream.read(length)
    return data if len(data) == length else None


def prepared_of(answer: Answer) -> Prepared:
    """Give the photo of an answer without an error as the network takes it."""
    if answer.image is None or answer.inside is None or answer.field is None:
        raise ValueError("an answer without a photo")
    return Prepared(
        _bytes(answer.image), _bytes(answer.inside).view(np.bool_), answer.field,
        answer.photo_size, answer.fault, answer.times_ms, answer.read_as,
    )  # fmt: skip


def pixels_of(answer: Answer) -> Photo | None:
    """Give its decoded photo, uint8 (height, width, 3), where it was asked for."""
    return None if answer.pixels is None else _bytes(answer.pixels)


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more; the first message are the ``Rules``."""
    cv2.setNumThreads(1)
    first = receive(asked)
    if first is None:
        return
    rules = msgspec.msgpack.decode(first, type=Rules)
    while (message := receive(asked)) is not None:
        send(answers, _answer(msgspec.msgpack.decode(message, type=Ask), rules))


def _answer(ask: Ask, rules: Rules) -> Answer:
    got = _read(ask, rules)
    decoded = got.decoded
    if decoded is None:
        return Answer(got.error, dicom=got.dicom)
    made = prepare_timed(decoded, size=rules.size, limits=rules.limits, decode_ms=got.decode_ms)
    found = find_landmarks(made.image, made.inside) if made.fault is None else None
    return Answer(
        image=_packed(made.image), inside=_packed(made.inside), field=made.field,
        photo_size=made.photo_size, fault=made.fault, times_ms=dict(made.times_ms),
        read_as=made.read_as, landmarks=found, dicom=got.dicom,
        pixels=_packed(decoded.pixels) if rules.wants_pixels else None,
    )  # fmt: skip


def _read(ask: Ask, rules: Rules) -> Reading:
    path, started = Path(os.fsdecode(ask.path)), time.perf_counter()
    if ask.data is None:
        return read(path, max_pixels=rules.max_pixels)
    if is_dicom(ask.data):
        from edge_runtime.hospital.read import read_dicom

        found = read_dicom(path, max_pixels=rules.max_pixels, data=ask.data)
        return Reading(found.decoded, ms_since(started), None, found.facts, found.error)
    try:
        decoded = decode(ask.data, path=path, max_pixels=rules.max_pixels)
    except PhotoUnreadableError as error:
        return Reading(None, 0.0, None, error=str(error))
    return Reading(decoded, ms_since(started), None)


def _packed(array: npt.NDArray[Any]) -> Array:
    return Array(array.shape, array.tobytes())


def _bytes(packed: Array) -> npt.NDArray[np.uint8]:
    return np.frombuffer(packed.data, np.uint8).reshape(packed.shape)


def main() -> None:
    """Serve whoever started this process; what libraries print goes nowhere near the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

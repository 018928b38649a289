"""Walk the pieces in which the compressed frames of a DICOM file stand, as far as they are there.

Source: DICOM PS3.5, annex A.4.
"""

from msgspec import Struct

from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.header import Header
from edge_runtime.hospital.syntaxes import RLE
from edge_runtime.photo.frames import MAX_FRAMES

_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_MOST = 50 * MAX_FRAMES
_PICTURE_ENDS = b"\xff\xd9"  # of JPEG, JPEG-LS and JPEG 2000, in a frame's last bytes
_LAST = 10


class Pieces(Struct, frozen=True):
    """The pieces that lie whole in a file: where each begins and ends, without its head.

    ``first`` is where the heads of pieces begin, ``end`` where what is whole ends. ``offsets`` are
    those of the frames, counted from ``first``, empty where the file doesn't say them.
    ``is_ended`` tells whether the mark behind the last piece is there.
    """

    spans: tuple[tuple[int, int], ...]
    first: int
    end: int
    offsets: tuple[int, ...]
    is_ended: bool


def pieces_of(header: Header) -> Pieces:
    """Walk the pieces of a compressed file; what is looked at behind its end isn't remembered."""
    file = Bounded(header.file.file, header.file.size)
    position, spans, is_ended = header.start or 0, list[tuple[int, int]](), False
    while len(spans) <= _MOST:
        file.seek(position)
        head = file.read(8)
        is_ended = len(head) == 8 and head[:4] == _END
        begins = position + 8
        ends = begins + int.from_bytes(head[4:], "little")
        if len(head) < 8 or head[:4] != _ITEM or ends > file.size:
            break
        spans.append((begins, ends))
        position = ends
    first = spans[0][1] if spans else position
    return Pieces(tuple(spans[1:]), first, position, _offsets(file, header, spans[:1]), is_ended)


def whole_frames(header: Header, pieces: Pieces, claimed: int) -> int:
    """Count the frames that lie whole in a file.

    Args:
        header: Of the file.
        pieces: Its own.
        claimed: How many frames it claims.
    """
    spans = pieces.spans
    if pieces.is_ended or header.syntax == RLE:  # one piece a frame: PS3.5, A.4.2
        return min(claimed, len(spans))
    if not pieces.offsets:
        file = Bounded(header.file.file, header.file.size)
        return min(claimed, sum(_ends_a_picture(file, *span) for span in spans))
    reached = pieces.end - pieces.first
    followed = sum(offset <= reached for offset in pieces.offsets[1:claimed])
    return claimed if len(spans) == claimed == followed + 1 else min(followed, len(spans))


def _offsets(file: Bounded, header: Header, table: list[tuple[int, int]]) -> tuple[int, ...]:
    told, each = header.dataset.get("ExtendedOffsetTable"), 8
    if not isinstance(told, bytes) or not told:
        each = 4
        begins, ends = table[0] if table else (0, 0)
        file.seek(begins)
        told = file.read(min(ends - begins, each * (MAX_FRAMES + 1)))
    told = told[: each * (MAX_FRAMES + 1)]
    return tuple(
        int.from_bytes(told[at : at + each], "little")
        for at in range(0, len(told) - each + 1, each)
    )


def _ends_a_picture(file: Bounded, begins: int, ends: int) -> bool:
    file.seek(max(begins, ends - _LAST))
    return _PICTURE_ENDS in file.read(ends - file.tell())

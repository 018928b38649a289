"""Send DICOM objects to an archive: C-STORE, one association a visit.

Source: DICOM PS3.4, annex B (the service and its status codes); PS3.7, annex C (general ones).
"""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pynetdicom import _config, build_context
from pynetdicom.association import Association
from pynetdicom.presentation import PresentationContext

from edge_runtime.exchange.associate import associate, bound
from edge_runtime.exchange.commitment import COMMITMENT, Commitment
from edge_runtime.exchange.dicom_object import DicomObject, read_object
from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.exchange.outbox_form import Item, Peer
from edge_runtime.exchange.outcome import (
    Kept,
    Later,
    Outcome,
    PeerFailed,
    Refused,
    Sent,
    words,
)  # fmt: skip
from edge_runtime.exchange.patience import patience_left
from edge_runtime.exchange.plain_copy import PLAIN, can_be_plain, plain_copy
from edge_runtime.hospital.header import text_of
from edge_runtime.hospital.kinds import uid_name

#: How long a peer may take for an answer, in seconds, beside what the bytes need.
PATIENCE_S = 60.0

_SLOWEST = 20_000  # bytes a second
_MOST_CONTEXTS = 120  # of the 128 that an association can have
_TAKEN = {0x0000: "", 0x0111: "it was there already"}
_WARNINGS = {
    0xB000: "it changed some of what the object says",
    0xB006: "it left out some of what the object says",
    0xB007: "it says that the object isn't as its class wants it, and took it all the same",
}
_BUSY = {0x0110: "it couldn't work on it", 0x0210: "it took it for another message"}
_REFUSED = {
    0x0106: "a value of the object is invalid",
    0x0112: "it knows no such object",
    0x0117: "it takes the object's UID for invalid",
    0x0118: "it doesn't know the object's class",
    0x0122: "it doesn't take objects of this class",
    0x0124: "we aren't allowed to store there",
    0x0211: "it knows no storing",
    0x0212: "it takes the message for wrong",
}


def deliver(
    peer: Peer,
    things: Sequence[tuple[Item, Path]],
    until: float = math.inf,
    *,
    patience_s: float = PATIENCE_S,
) -> Iterator[tuple[Item, Outcome]]:
    """Send objects to an archive, each as its file is, and say what becomes of each.

    An object whose way of writing the archive doesn't take is sent without compression where that
    loses nothing more. Where the archive answers for what it keeps, it is asked at the end.

    Args:
        peer: The archive.
        things: What is to be sent, with the files.
        until: When less patience is to be had, by ``time.monotonic``.
        patience_s: How long an answer may take, in seconds, beside what the bytes need.

    Raises:
        PeerFailed: It can't be reached, or refuses us as a whole.
    """
    chosen, contexts, damaged = _proposed(things)
    yield from damaged
    if not chosen:
        return
    association = associate(peer, contexts, patience_left(patience_s, until))
    taken = _taken(association)
    sent: list[tuple[Item, DicomObject]] = []
    try:
        for number, (item, file, what) in enumerate(chosen):
            left_s = patience_left(patience_s, until)
            outcome = _send(association, number, file, what, taken, left_s)
            yield item, outcome
            if isinstance(outcome, Sent):
                sent.append((item, what))
            elif isinstance(outcome, Later) and not association.is_established:
                raise PeerFailed(outcome.said)
        bound(association, patience_left(patience_s, until))
        if COMMITMENT in {sop_class for sop_class, _ in taken} and sent:
            yield from _ask(association, sent, peer)
    finally:
        if association.is_established:
            association.release()


def _proposed(
    things: Sequence[tuple[Item, Path]],
) -> tuple[
    list[tuple[Item, Path, DicomObject]], list[PresentationContext], list[tuple[Item, Outcome]]
]:
    """Choose what goes into one association, and what is to be proposed for it.

    Each pair of a class and a way of writing is a context of its own, so that the answer says
    which ones are taken.
    """
    pairs, chosen, damaged = dict[tuple[str, str], None](), [], list[tuple[Item, Outcome]]()
    for item, file in things:
        try:
            what = read_object(file)
        except (NotSendableError, OSError):
            damaged.append((item, Refused("its copy in the queue is damaged; send it once more")))
            continue
        wanted = [(what.sop_class, each) for each in dict.fromkeys((what.syntax, *PLAIN))]
        if len({*pairs, *wanted}) > _MOST_CONTEXTS:
            break
        pairs |= dict.fromkeys(wanted)
        chosen.append((item, file, what))
    contexts = [build_context(sop_class, syntax) for sop_class, syntax in pairs]
    return chosen, [*contexts, build_context(COMMITMENT)], damaged


def _taken(association: Association) -> set[tuple[str, str]]:
    return {
        (str(each.abstract_syntax), str(each.transfer_syntax[0]))
        for each in association.accepted_contexts
    }


def _send(
    association: Association,
    number: int,
    file: Path,
    what: DicomObject,
    taken: set[tuple[str, str]],
    patience_s: float,
) -> Outcome:
    """Send one object, as it is or without compression."""
    if (what.sop_class, what.syntax) in taken:
        return _store(association, number, file, patience_s)
    plain = next((each for each in PLAIN if (what.sop_class, each) in taken), None)
    if plain is None:
        return Refused(f"it takes no objects of the class {what.title}")
    how = f"it doesn't take {uid_name(what.syntax)}"
    if not can_be_plain(what):
        return Refused(f"{how}, and what is written so isn't unpacked here; export it anew")
    try:
        with plain_copy(file, what, plain) as copy:
            return _store(association, number, copy, patience_s)
    except NotSendableError as error:
        return Refused(f"{how}, and {error.cause}")


def _store(association: Association, number: int, file: Path, patience_s: float) -> Outcome:
    """Send a file's bytes as they are, and read the answer."""
    most_s = patience_s + file.stat().st_size / _SLOWEST
    begun = time.monotonic()
    bound(association, patience_s, answer_s=most_s)
    _config.STORE_SEND_CHUNKED_DATASET = True  # else it would be read and written anew
    try:
        answer = association.send_c_store(file, msg_id=1 + number % 0xFFFF)
    except (RuntimeError, ValueError, AttributeError) as error:  # the connection is gone meanwhile
        return Later(words(f"the connection was lost ({error})"))
    if "Status" not in answer:
        if time.monotonic() - begun < most_s - 0.5:
            return Later("the connection was lost on the way")
        return Later(f"there was no answer within {most_s:.0f} seconds")
    return _outcome(int(answer.Status), words(text_of(answer, "ErrorComment")))


def _outcome(status: int, comment: str) -> Outcome:
    more = f": {comment}" if comment else ""
    if status in _TAKEN or status in _WARNINGS:
        said = _TAKEN.get(status, _WARNINGS.get(status, ""))
        return Sent(said and f"{said}{more}")
    code = f" (status {status:04X})"
    if status in _BUSY or 0xA700 <= status <= 0xA7FF:
        return Later(f"{_BUSY.get(status, 'it has no room for it now')}{code}{more}")
    why = _REFUSED.get(status, "it refused it")
    if 0xA900 <= status <= 0xA9FF:
        why = "the object isn't as its class wants it"
    elif 0xC000 <= status <= 0xCFFF:
        why = "it can't make sense of the object"
    return Refused(f"{why}{code}{more}")


def _ask(
    association: Association, sent: Sequence[tuple[Item, DicomObject]], peer: Peer
) -> Iterator[tuple[Item, Outcome]]:
    """Ask the archive whether it answers for what was sent; nothing is said where it is silent."""
    by_uid = {what.uid: item for item, what in sent}
    question = Commitment([(what.sop_class, what.uid) for _, what in sent])
    try:
        answer = question.ask(association, peer)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        said = (
            f"port {peer.commitment_port}, at which it may say what it keeps, can't be had: {why}"
        )
        raise PeerFailed(said) from error
    for uid in answer.kept:
        if uid in by_uid:
            yield by_uid[uid], Kept()
    for uid, why in answer.lost.items():
        if uid in by_uid:
            yield by_uid[uid], Refused(f"it took it, and now says that it doesn't keep it: {why}")

"""Send bundles to a FHIR server, each as one transaction, and read what it says of it.

Source: FHIR R4, "RESTful API", transaction and its answers; RFC 9110 for Retry-After.
"""

import datetime
import email.utils
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edge_runtime.exchange.errors import PeerInvalidError
from edge_runtime.exchange.fhir_server import server_of, token_of
from edge_runtime.exchange.http_post import Answer, post
from edge_runtime.exchange.outbox_form import Item, Peer
from edge_runtime.exchange.outcome import (
    SETTLED_S,
    Later,
    Outcome,
    PeerFailed,
    Refused,
    Sent,
    words,
)
from edge_runtime.exchange.patience import patience_left
from edge_runtime.system.codec import parse

#: How long a server may take for a transaction, in seconds, beside what the bytes need.
PATIENCE_S = 60.0

_NOT_US = {401: "it doesn't take the token, or wants one", 403: "it doesn't let us write there"}
_NOT_THERE = {404: "there is no FHIR server at this address", 405: "it takes no bundles there"}
_BUSY = {408, 425, 429, 502, 503, 504}
_ONCE_MORE = {409, 423, 500, 507}
_MOST_ISSUES = 3
_TAKEN = re.compile(r"2\d\d(?!\d)")  # how an entry's status begins


def deliver(
    peer: Peer,
    things: Sequence[tuple[Item, Path]],
    until: float = math.inf,
    *,
    patience_s: float = PATIENCE_S,
) -> Iterator[tuple[Item, Outcome]]:
    """Send bundles to a server one after the other, and say what becomes of each.

    Args:
        peer: The server.
        things: What is to be sent, with the files.
        until: When less patience is to be had, by ``time.monotonic``.
        patience_s: How long an answer may take, in seconds, beside what the bytes need.

    Raises:
        PeerFailed: It can't be reached, has no time, or refuses us as a whole.
    """
    try:
        server, token = server_of(peer.address), token_of(peer)
    except PeerInvalidError as error:
        raise PeerFailed(words(error), after_s=SETTLED_S) from error
    for item, file in things:
        try:
            left_s = patience_left(patience_s, until)
            answer = post(server, file, token=token, patience_s=left_s)
            outcome = _outcome(answer, token, entries=_entries(file))
        except FileNotFoundError:
            outcome = Refused("its copy in the queue is gone; send it once more")
        except PeerFailed as failed:
            if failed.may_be_due_to_it:
                yield item, Later(failed.said)
            raise
        yield item, outcome


def _outcome(answer: Answer, token: str, *, entries: int) -> Outcome:
    """Tell what a server's answer means for a bundle of so many entries."""
    status, said = answer.status, _said(answer.body, token)
    more = f": {said}" if said else ""
    if status in (200, 201):
        if _is_answer(answer.body):
            return _of_each(_parsed(answer.body).get("entry"), entries, token)
        raise PeerFailed("what answers there isn't a FHIR server; is it a sign-in page?")
    if 300 <= status < 400:
        where = words(answer.location, without=token)
        sent_on = f"it sends us on to {where}" if where else "it sends us elsewhere"
        raise PeerFailed(f"{sent_on}, which isn't followed; give the right --to", after_s=SETTLED_S)
    if status in _NOT_US or status in _NOT_THERE:
        why = _NOT_US.get(status) or _NOT_THERE[status]
        raise PeerFailed(f"{why} (status {status}){more}", after_s=SETTLED_S)
    if status in _BUSY:
        wait_s = _seconds(answer.retry_after)
        raise PeerFailed(f"it has no time now (status {status}){more}", after_s=wait_s)
    if status in _ONCE_MORE:
        return Later(f"it couldn't work on it (status {status}){more}")
    return Refused(f"it refused it (status {status}){more}")


def _seconds(retry_after: str) -> float:
    """Read when a server wants to be asked again, in seconds; 0 where it doesn't say."""
    text = retry_after.strip()[:64]
    try:
        if text.isascii() and text.isdigit():
            return float(text)
        moment = email.utils.parsedate_to_datetime(text)
        left = (moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0
    return left if math.isfinite(left) and left > 0 else 0


def _is_answer(body: bytes) -> bool:
    found = _parsed(body)
    return found.get("resourceType") == "Bundle" and found.get("type") == "transaction-response"


def _entries(file: Path) -> int:
    """Count the entries of a bundle of ours."""
    found = _parsed(file.read_bytes()).get("entry")
    return len(found) if isinstance(found, list) else 0


def _of_each(answers: Any, entries: int, token: str) -> Outcome:
    """Believe that a bundle is taken only where the server says so of each of its entries."""
    told = answers if isinstance(answers, list) else []
    for number, each in enumerate(told, 1):
        response = each.get("response") if isinstance(each, dict) else None
        found: dict[str, Any] = response if isinstance(response, dict) else {}
        status = words(found.get("status") or "none", without=token)[:60]
        if _TAKEN.match(status) is None:
            said = _words_of(found.get("outcome"), token)
            more = f": {said}" if said else ""
            return Refused(words(f"it took it, but not entry {number} (status {status}){more}"))
    if len(told) != entries:
        return Refused(f"it answered for {len(told)} of {entries} entries; see what it has of it")
    return Sent()


def _said(body: bytes, token: str) -> str:
    """Read the words of an answer that is an OperationOutcome; "" where there are none."""
    return _words_of(_parsed(body), token)


def _words_of(outcome: Any, token: str) -> str:
    issues = outcome.get("issue") if isinstance(outcome, dict) else None
    told = []
    for issue in issues[:_MOST_ISSUES] if isinstance(issues, list) else ():
        if isinstance(issue, dict):
            details = issue.get("details")
            text = details.get("text") if isinstance(details, dict) else None
            told.append(str(issue.get("diagnostics") or text or issue.get("code") or ""))
    return words("; ".join(filter(None, told)), without=token)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = parse(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

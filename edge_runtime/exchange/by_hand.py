"""What a person does with a queue: let things wait again, and take some out."""

from collections.abc import Sequence

from edge_runtime.exchange.errors import NotInQueueError
from edge_runtime.exchange.outbox import Outbox
from edge_runtime.exchange.outbox_form import Item


def retry(outbox: Outbox, numbers: Sequence[int] = ()) -> int:
    """Let what isn't sent be tried at once, all of it where no numbers are named.

    Returns:
        How many wait now.

    Raises:
        NotInQueueError: Nothing that isn't sent has a number.
        OSError: It can't be written.
    """
    chosen = _chosen(outbox, numbers)
    with outbox.at_once() as ask:
        for each in chosen:
            ask(
                "UPDATE items SET state = 'waiting', tries = 0, due = 0 WHERE number = ?",
                (each.number,),
            )
            ask("UPDATE peers SET tries = 0, due = 0 WHERE address = ?", (each.peer,))
    return len(chosen)


def remove(outbox: Outbox, numbers: Sequence[int]) -> int:
    """Take things out that aren't sent; what was sent stays known.

    Returns:
        How many were.

    Raises:
        NotInQueueError: Nothing that isn't sent has a number.
        OSError: It can't be written.
    """
    chosen = _chosen(outbox, numbers) if numbers else []
    with outbox.at_once() as ask:
        for each in chosen:
            ask("DELETE FROM items WHERE number = ?", (each.number,))
    outbox.tidy()
    return len(chosen)


def _chosen(outbox: Outbox, numbers: Sequence[int]) -> list[Item]:
    by_number = {each.number: each for each in outbox.items()}
    for number in numbers:
        if number not in by_number:
            raise NotInQueueError(number, "nothing in the queue that isn't sent has it")
    return [by_number[each] for each in dict.fromkeys(numbers)] or [*by_number.values()]

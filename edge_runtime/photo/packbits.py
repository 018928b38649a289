"""Tell how many bytes PackBits data of a TIFF unpack to, without unpacking them.

Source: TIFF 6.0, section 9.
"""

_NOTHING = 128  # a head that stands for no byte


def unpacked_size(part: memoryview, *, limit: int) -> int:
    """Count the bytes that a strip or tile unpacks to.

    Args:
        part: Its compressed bytes.
        limit: Where counting may stop: it returns more than that then.
    """
    position = total = 0
    end = min(len(part), 2 * limit + 128)  # no writer needs more; heads of nothing are endless
    while position < end and total <= limit:
        head = part[position]
        if head < _NOTHING:
            total += min(head + 1, end - position - 1)
            position += head + 2
        elif head == _NOTHING:
            position += 1
        else:
            total += 257 - head if position + 1 < end else 0
            position += 2
    return total

"""Write names of persons as people read them."""


def readable_name(told: str) -> str:
    """Write a DICOM name with spaces, and its other scripts in brackets.

    The family's name stays first, as worklists sort by it.

    Args:
        told: As DICOM has it, such as ``Yamada^Tarou=山田^太郎=やまだ^たろう``.

    Returns:
        Such as ``Yamada Tarou (山田 太郎, やまだ たろう)``; "" where there is nothing.

    Source: DICOM PS3.5, 6.2.1, person name (PN).
    """
    groups = (" ".join(group.replace("^", " ").split()) for group in told.split("="))
    first, *others = dict.fromkeys(filter(None, groups)) or [""]
    return f"{first} ({', '.join(others)})" if others else first

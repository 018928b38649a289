"""Write figures and names as the pages show them."""


def percent(share: float, digits: int = 1) -> str:
    """Write a share 0..1 in percent."""
    return f"{share:.{digits}%}"


def titled(name: str) -> str:
    """Write a name, such as a class's, without its underscores."""
    return name.replace("_", " ")


def number(value: float | None, digits: int = 3) -> str:
    """Write a figure, a dash where there is none."""
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def signed(value: float | None) -> str:
    """Write a difference with its sign, a dash where there is none."""
    return "-" if value is None else f"{round(value, 3) + 0.0:+.3f}"

"""A function fits on a screen, and takes no more than a reader can keep in mind."""

import ast

import pytest

from tests.conftest import ROOT
from tests.test_rooms import ROOMS

MOST_LINES = 60  # from def to its end
MOST_PARAMETERS = 8  # of a public function; more of them belong into one options value

#: What is longer still. Nothing comes in, and what has become short enough goes out.
TOO_LONG: set[str] = set()

#: What takes more still, likewise.
TOO_MANY: set[str] = set()


def functions(source, module):
    """Yield every function with its dotted name, those within others too."""

    def within(node, name):
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            inner = f"{name}.{child.name}" if named else name
            if named and not isinstance(child, ast.ClassDef):
                yield inner, child
            yield from within(child, inner)

    yield from within(ast.parse(source), module)


def is_long(name, function):
    return function.end_lineno - function.lineno + 1 > MOST_LINES


def takes_many(name, function):
    """Count the parameters of what others call; a click command has one for each option."""
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    counted = [each for each in parameters if each and each.arg not in ("self", "cls")]
    private = any(part.startswith("_") and not part.endswith("__") for part in name.split("."))
    commands = [ast.unparse(each).partition("(")[0] for each in function.decorator_list]
    is_command = any(each.endswith((".command", ".group")) for each in commands)
    return len(counted) > MOST_PARAMETERS and not private and not is_command


def found_by(rule):
    return {
        name
        for package in ROOMS
        for file in (ROOT / package).rglob("*.py")
        for name, function in functions(
            file.read_text("utf-8"), ".".join(file.relative_to(ROOT).with_suffix("").parts)
        )
        if rule(name, function)
    }


@pytest.mark.parametrize(("rule", "known"), [(is_long, TOO_LONG), (takes_many, TOO_MANY)])
def test_no_function_is_too_large_but_those_that_are_known(rule, known):
    found = found_by(rule)
    assert found - known == set(), "split it, or gather its options in one value"
    assert known - found == set(), "it is no longer too large: take it off the list"


def test_every_function_is_looked_at():
    seen = found_by(lambda name, function: True)
    assert len(seen) > 1000
    assert {
        "calibration.calibrate.calibrate_bundle",
        "edge_runtime.predict.classifier.Classifier.predict",
        "calibration.int8.make._make.evaluate",
    } <= seen


def of(source, rule):
    return [name for name, function in functions(source, "m") if rule(name, function)]


@pytest.mark.parametrize(("lines", "found"), [(58, []), (59, ["m.C.f"])])
def test_the_check_of_lines_tells_60_from_61(lines, found):
    body = "  pass\n" * lines
    assert of(f"class C:\n @decorated\n def f(self):\n{body}  return 1\n", is_long) == found


NINE = "a, b, c, /, d, e, *f, g, h, **i"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (f"def f({NINE}): pass", ["m.f"]),
        (f"async def f({NINE}): pass", ["m.f"]),
        (f"class C:\n def __init__(self, {NINE}): pass", ["m.C.__init__"]),
        (f"class C:\n def f(self, {NINE}): pass", ["m.C.f"]),
        ("def f(a, b, c, /, d, e, *f, g, h): pass", []),
        ("class C:\n def f(self, b, c, /, d, e, *f, g, h, **i): pass", []),
        (f"def _f({NINE}): pass", []),
        (f"class _C:\n def __init__(self, {NINE}): pass", []),
        (f"@click.command()\n@click.option('--a')\ndef f({NINE}): pass", []),
    ],
)  # fmt: skip
def test_the_check_of_parameters_tells_right_from_wrong(source, found):
    assert of(source, takes_many) == found

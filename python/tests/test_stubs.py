"""The stubs say what is there: by mypy's stubtest, and by every attribute of every view of a report."""

import ast
import subprocess
import sys
import types
import typing
from pathlib import Path

import foursee
import pytest
from test_report import everything

PACKAGE = Path(foursee.__file__).parent


def test_stubtest() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "foursee", "--ignore-disjoint-bases"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_mypy() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "-p", "foursee"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def fits(value: object, hint: object) -> bool:
    """Whether a value is what an annotation says."""
    if isinstance(hint, types.UnionType):
        return any(fits(value, one) for one in typing.get_args(hint))
    of = typing.get_args(hint)
    match typing.get_origin(hint):
        case None:
            return value is None if hint is None or hint is types.NoneType else type(value) is hint
        case origin if origin is tuple:
            return isinstance(value, tuple) and all(fits(one, of[0]) for one in value)
        case origin if origin is dict:
            return isinstance(value, dict) and all(fits(k, of[0]) and fits(v, of[1]) for k, v in value.items())
        case _:
            return False


def test_attributes_are_what_the_stubs_say(report: foursee.Report) -> None:
    tree = ast.parse((PACKAGE / "_foursee.pyi").read_text())
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    checked = 0
    for view in [*everything(report), report]:
        for item in classes[type(view).__name__].body:
            if isinstance(item, ast.FunctionDef) and any(
                isinstance(one, ast.Name) and one.id == "property" for one in item.decorator_list
            ):
                assert item.returns is not None
                hint = eval(ast.unparse(item.returns), vars(foursee) | {})
                value = getattr(view, item.name)
                assert fits(value, hint), f"{type(view).__name__}.{item.name} = {value!r} is not {hint}"
                checked += 1
    assert checked > 1_000


@pytest.mark.parametrize("name", sorted(set(foursee.__all__) - {"__version__"}))
def test_everything_public_has_its_page(name: str) -> None:
    public = getattr(foursee, name)
    assert public.__doc__ and public.__doc__.strip()
    for attribute, value in vars(public).items() if isinstance(public, type) else ():
        if not attribute.startswith("_"):
            assert value.__doc__, f"{name}.{attribute}"

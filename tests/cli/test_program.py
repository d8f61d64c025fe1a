import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Any

import pytest

from aisle.errors import NotFoundError

COMMANDS = (
    "demo", "init", "ingest", "build", "search", "recommend", "similar", "evaluate", "serve", "release", "doctor",
)  # fmt: skip
HEAVY = ("torch", "transformers", "fastapi", "onnxruntime", "tantivy", "usearch", "polars", "sqlalchemy", "numpy")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let `aisle` end with the error that is given."""

    def fail_with(error: BaseException) -> None:
        def program(*arguments: object, **options: object) -> None:
            raise error

        monkeypatch.setattr("aisle.cli.program.app", program)

    return fail_with


def test_help_lists_every_command(run_aisle: Callable[..., Any]) -> None:
    outcome = run_aisle("--help")
    assert outcome.status == 0
    for command in COMMANDS:
        assert f"\n  {command} " in outcome.out


def test_the_version_is_the_packages(run_aisle: Callable[..., Any]) -> None:
    assert run_aisle("--version").out == f"aisle {metadata.version('aisle')}\n"


def test_help_loads_nothing_heavy() -> None:
    loaded = "import sys, aisle.cli; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(modules)


@pytest.mark.parametrize(
    "call",
    [("serch", "x"), ("search", "x", "--filtre", "y"), ("search", "x", "-k", "0"), ("search", "x", "-k", "many")],
)
def test_a_wrong_call_exits_with_2_and_prints_nothing_on_standard_output(
    run_aisle: Callable[..., Any], call: tuple[str, ...]
) -> None:
    outcome = run_aisle(*call)
    assert (outcome.status, outcome.out) == (2, "")
    assert "Error: " in outcome.err


def test_a_failure_exits_with_1_and_a_message_of_one_line(
    run_aisle: Callable[..., Any], failing: Callable[[BaseException], None]
) -> None:
    failing(NotFoundError("no item 'x' in this shop; " + "see " * 60))
    outcome = run_aisle("similar", "x")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "Error: no item 'x' in this shop; " + "see " * 60 + "\n"


def test_an_interrupted_command_exits_with_130(
    run_aisle: Callable[..., Any], failing: Callable[[BaseException], None]
) -> None:
    failing(KeyboardInterrupt())
    assert run_aisle("build").status == 130


def test_a_bug_gets_a_short_message_that_says_how_to_see_the_trace(
    run_aisle: Callable[..., Any], failing: Callable[[BaseException], None]
) -> None:
    failing(ZeroDivisionError("division by zero"))
    outcome = run_aisle("build")
    assert outcome.status == 1
    assert "ZeroDivisionError: division by zero" in outcome.err
    assert "AISLE_TRACE=1" in outcome.err
    assert "Traceback" not in outcome.err


def test_the_trace_is_shown_when_it_is_asked_for(
    run_aisle: Callable[..., Any], failing: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_TRACE", "1")
    failing(ZeroDivisionError("division by zero"))
    assert "Traceback (most recent call last)" in run_aisle("build").err

"""What the README promises of `make`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)


def dry_run(*arguments: str) -> str:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    # The variables of a make that runs these tests would change the answer.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    call = ["make", "--dry-run", "--directory", str(ROOT), *arguments]
    return subprocess.run(call, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_target_stands_in_the_readme(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [target for target in TARGETS if target != "help" and f"make {target}" not in text] == []


def test_the_tests_run_after_style_types_and_floors() -> None:
    commands = dry_run("test")
    positions = [commands.index(word) for word in ("ruff check", "bin/mypy", "bin/lint-imports", "-m pytest")]
    assert positions == sorted(positions)


def test_the_port_of_the_demo_can_be_chosen() -> None:
    assert "--port 9000" in dry_run("demo", "PORT=9000")


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test" in script.read_text("utf-8")
    if bash := shutil.which("bash"):
        subprocess.run([bash, "-n", str(script)], check=True)

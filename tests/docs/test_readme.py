"""What the README says to type works, and the Chinese README says the same."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from aisle.cli import main

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = ("serve", "demo")
"""They go on until they are stopped; tests/cli/test_serve.py and tests/cli/test_demo.py run them."""


def blocks(page: str, language: str) -> list[str]:
    return [body for name, body in FENCE.findall((ROOT / page).read_text("utf-8")) if name == language]


def commands(page: str) -> Iterator[list[str]]:
    for line in "\n".join(blocks(page, "bash")).splitlines():
        words = shlex.split(line)
        if words[:1] == ["aisle"] and words[1] not in NOT_RUN:
            yield words[1:]


def run(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code


@pytest.fixture
def beside_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "toy_shop", tmp_path / "examples" / "toy_shop")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("beside_the_examples")
def test_every_command_of_the_readme_and_its_python_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert [call for call in commands("README.md") if run(call) != 0] == []
    (example,) = blocks("README.md", "python")
    capsys.readouterr()
    exec(compile(example, "README.md", "exec"), {})
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("1 USB-C cable")


@pytest.mark.usefixtures("beside_the_examples")
def test_every_command_of_getting_started_works() -> None:
    assert [call for call in commands("docs/getting-started.md") if run(call) != 0] == []


def test_both_languages_show_the_same_code() -> None:
    english, chinese = (FENCE.findall((ROOT / page).read_text("utf-8")) for page in READMES)
    assert english == chinese
    assert len(english) == 2

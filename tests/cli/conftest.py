"""A way to run the program, and a toy shop to run it on."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aisle.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must hold one JSON document and nothing else."""
        return json.loads(self.out)


RunAisle = Callable[..., Outcome]


@pytest.fixture
def run_aisle(capsys: pytest.CaptureFixture[str]) -> RunAisle:
    """Run `aisle` with these arguments, as the shell would."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run


FEEDS = Path(__file__).parents[2] / "examples" / "toy_shop"


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy shop, ingested and built by the commands themselves. Not to be changed."""
    folder = tmp_path_factory.mktemp("shops") / "toy"
    for call in (
        ("init", folder, "--name", "Toy shop"),
        ("ingest", "items", FEEDS / "items.csv", "--shop", folder, "--map", "title=product_name"),
        ("ingest", "events", FEEDS / "events.csv", "--shop", folder),
        ("ingest", "judgments", FEEDS / "judgments.csv", "--shop", folder),
        ("build", "--shop", folder),
    ):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in call])
        assert ended.value.code == 0, call
    return folder


@pytest.fixture
def own_shop(built_shop: Path, tmp_path: Path) -> Path:
    """A copy of the toy shop, to be changed."""
    return shutil.copytree(built_shop, tmp_path / "toy")


@pytest.fixture
def empty_shop(tmp_path: Path, run_aisle: RunAisle) -> Path:
    """A shop without items."""
    folder = tmp_path / "empty"
    assert run_aisle("init", folder).status == 0
    return folder


@pytest.fixture
def feeds() -> Path:
    """The folder of the toy shop's feeds."""
    return FEEDS

"""The commands of docs/operations.md work, in their order."""

import os
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import aisle
from aisle.cli import main
from aisle.releases import ReleaseFolder, Replica
from aisle.settings import setting_rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def commands() -> list[list[str]]:
    """Those but for PostgreSQL's, which tests/store/test_operations.py runs."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for line in "".join(blocks).splitlines()]


def run(words: list[str]) -> None:
    """Run a command of the page: of Aisle in this process, another in its own."""
    words = [os.path.expandvars(word) for word in words]
    if words[0] != "aisle":
        subprocess.run(words, check=True, capture_output=True)
        return
    with pytest.raises(SystemExit) as ended:
        main(words[1:])
    assert ended.value.code == 0, words


@pytest.fixture
def beside_a_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with a shop "my-shop" that has a storage of releases."""
    monkeypatch.chdir(tmp_path)
    feeds = ROOT / "examples" / "toy_shop"
    run(["aisle", "init", "my-shop"])
    toml = Path("my-shop", "aisle.toml")
    table = f'[releases]\nurl = "file://{tmp_path / "storage"}"\n'
    toml.write_text(toml.read_text("utf-8").replace("[releases]\n", table), "utf-8")
    run(["aisle", "ingest", "items", str(feeds / "items.csv"), "--shop", "my-shop", "--map", "title=product_name"])
    run(["aisle", "ingest", "events", str(feeds / "events.csv"), "--shop", "my-shop"])
    run(["aisle", "build", "--shop", "my-shop"])


@contextmanager
def three_servers(shop: str) -> Iterator[None]:
    """Three replicas that follow the storage of a shop."""
    stop = threading.Event()
    with closing(aisle.open(shop)) as opened:
        replicas = [
            Replica(f"web-{n}", opened.storage, ReleaseFolder(Path(f"web-{n}").resolve()), lambda _: None, 5)
            for n in range(3)
        ]

        def look() -> None:
            while not stop.wait(0.05):
                for replica in replicas:
                    replica.look()

        thread = threading.Thread(target=look)
        thread.start()
        yield
        stop.set()
        thread.join()


@pytest.mark.usefixtures("beside_a_shop")
def test_every_command_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for words in commands():
        if "--together" in words:
            with closing(aisle.open("my-shop")) as shop:
                monkeypatch.setenv("RELEASE", shop.releases()[0].release_id)
            with three_servers("my-shop"):
                run(words)
        else:
            run(words)
    with closing(aisle.open("my-shop")) as shop:
        assert shop.shared_release_id() == shop.active_release_id() == os.environ["RELEASE"]


def test_every_setting_that_the_page_names_exists() -> None:
    known = {f"{table}.{key}" for table, key, _, _ in setting_rows()}
    assert set(re.findall(r"`((?:releases|serving|store)\.(?!db)\w+)`", PAGE)) - known == set()

"""The commands of docs/operations.md for a store in PostgreSQL work, in their order."""

import re
import shlex
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import aisle
from aisle.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
FEEDS = ROOT / "examples" / "toy_shop"


def run(words: list[str]) -> None:
    """Run a command of the page: of Aisle in this process, another in its own."""
    if words[0] != "aisle":
        subprocess.run(words, check=True, capture_output=True)
        return
    with pytest.raises(SystemExit) as ended:
        main(words[1:])
    assert ended.value.code == 0, words


def test_every_command_of_the_page_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_folder: Path
) -> None:
    if shutil.which("pg_dump") is None or shutil.which("createdb") is None:
        pytest.skip("the client programs of PostgreSQL are not installed (apt install postgresql-client)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGHOST", str(postgresql_folder))
    monkeypatch.setenv("PGUSER", "aisle")
    run(["createdb", "shop"])
    run(["aisle", "init", "pg-shop"])
    use_database(Path("pg-shop"), f"postgresql+psycopg://aisle@/shop?host={postgresql_folder}")
    run(["aisle", "ingest", "items", str(FEEDS / "items.csv"), "--shop", "pg-shop", "--map", "title=product_name"])
    run(["aisle", "ingest", "events", str(FEEDS / "events.csv"), "--shop", "pg-shop"])
    run(["aisle", "build", "--shop", "pg-shop"])
    blocks = re.findall(r"^```postgresql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for words in map(shlex.split, "".join(blocks).splitlines()):
        run(words)
        if words[:2] == ["aisle", "restore"]:
            use_database(Path(words[3]), f"postgresql+psycopg://aisle@/restored?host={postgresql_folder}")
    with closing(aisle.open("pg-shop")) as shop, closing(aisle.open("restored-pg-shop")) as restored:
        assert restored.store.counts() == shop.store.counts()
        assert "/restored" in restored.settings.store.url
    assert (tmp_path / "backups" / "base" / "PG_VERSION").exists()


def use_database(shop: Path, url: str) -> None:
    """Write the address of the store into aisle.toml, as a person does."""
    toml = shop / "aisle.toml"
    lines = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("url = ")]
    toml.write_text("\n".join(lines).replace("[store]", f'[store]\nurl = "{url}"', 1) + "\n", "utf-8")

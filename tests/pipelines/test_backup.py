"""Backups: whole or not at all, of one moment, and a shop can be made of them again."""

import json
import os
import shutil
import signal
import sqlite3
import threading
from contextlib import closing
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest

import aisle
from aisle import pipelines
from aisle.errors import InputError, NotFoundError
from aisle.settings import load_settings
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.store import event


def die(act: str, source: Path, to: Path, die_at: str) -> int | None:
    """Back up or restore in a process of its own, which is killed in the middle of a stage; its exit code."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage == die_at and done * 2 >= total:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        if act == "back_up":
            pipelines.back_up(source, load_settings(source / "aisle.toml"), to, progress)
        else:
            pipelines.restore(source, to, progress)

    process = get_context("fork").Process(target=work)  # one that starts anew imports for seconds
    process.start()
    process.join(60)
    return process.exitcode


@pytest.fixture
def folder(built_folder: Path, tmp_path: Path) -> Path:
    """A built shop, to be changed, with files of its own beside what a build makes."""
    shop = shutil.copytree(built_folder, tmp_path / "shop")
    (shop / "models" / "mine").mkdir(parents=True)
    (shop / "models" / "mine" / "weights").write_bytes(b"learned")
    (shop / "tuned.json").write_text("{}", "utf-8")
    return shop


def back_up(folder: Path, to: Path) -> aisle.Shop:
    with closing(aisle.open(folder, encoder=FakeEncoder())) as shop:
        shop.back_up(to)
        return shop


def test_the_shop_of_a_backup_answers_as_the_first(folder: Path, tmp_path: Path) -> None:
    with closing(aisle.open(folder, encoder=FakeEncoder())) as shop:
        made = shop.back_up(tmp_path / "backup")
        found, counts = shop.search("usb c", user_id="ann"), shop.store.counts()
    assert made.release_id == found.release_id
    assert aisle.restore(tmp_path / "backup", tmp_path / "again") == made
    with closing(aisle.open(tmp_path / "again", encoder=FakeEncoder())) as again:
        assert again.store.counts() == counts
        assert again.search("usb c", user_id="ann").hits == found.hits
        assert again.verify().release_id == made.release_id
    assert (tmp_path / "again" / "models" / "mine" / "weights").read_bytes() == b"learned"
    assert not (tmp_path / "again" / "cache").exists(), "a build makes it again"


def test_what_was_acknowledged_before_is_in_it_while_others_write(folder: Path, tmp_path: Path) -> None:
    shop, stop, n_kept = aisle.open(folder, encoder=FakeEncoder()), threading.Event(), 0

    def write(shop: Shop) -> None:
        nonlocal n_kept
        for number in count():
            if stop.is_set():
                return
            shop.store.append_events([event(number, minute=0)])
            n_kept = number + 1

    writer = threading.Thread(target=write, args=[shop])
    writer.start()
    while n_kept < 5:
        stop.wait(0.01)
    before = n_kept
    shop.back_up(tmp_path / "backup")
    stop.set()
    writer.join()
    shop.close()
    with closing(sqlite3.connect(tmp_path / "backup" / "store.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {int(name[1:]) for (name,) in copy.execute("SELECT event_id FROM events") if name[1:].isdigit()}
    assert set(range(before)) <= kept
    assert kept == set(range(len(kept))), "of one moment: nothing is there without what came before it"


@pytest.mark.parametrize(("act", "stage"), [("back_up", "release"), ("back_up", "checksums"), ("restore", "restore")])
def test_a_kill_leaves_nothing_half_made_and_the_next_run_is_whole(
    folder: Path, tmp_path: Path, act: str, stage: str
) -> None:
    backup, again = tmp_path / "backup", tmp_path / "again"
    if act == "restore":
        back_up(folder, backup)
    source, to = (folder, backup) if act == "back_up" else (backup, again)
    assert die(act, source, to, stage) == -signal.SIGKILL
    assert not to.exists()
    if act == "back_up":
        back_up(folder, backup)
    aisle.restore(backup, again)
    with closing(aisle.open(again, encoder=FakeEncoder())) as shop:
        assert shop.search("coffee").hits
    assert list(tmp_path.glob(".*")) == []


def test_a_damaged_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    back_up(folder, backup)
    (backup / "tuned.json").write_text("[]", "utf-8")
    with pytest.raises(InputError, match=r"tuned\.json is missing or does not match its checksum"):
        aisle.restore(backup, tmp_path / "again")
    (backup / "backup.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"backup\.json is damaged"):
        aisle.restore(backup, tmp_path / "again")
    (backup / "backup.json").write_text(json.dumps({"format": 99}), "utf-8")
    with pytest.raises(InputError, match="format 99"):
        aisle.restore(backup, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is there already"):
        back_up(folder, tmp_path)
    with pytest.raises(InputError, match="inside the shop"):
        back_up(folder, folder / "backup")
    back_up(folder, tmp_path / "backup")
    with pytest.raises(InputError, match="is there already"):
        aisle.restore(tmp_path / "backup", folder)
    with pytest.raises(NotFoundError, match=r"no backup.*aisle backup FOLDER"):
        aisle.restore(folder, tmp_path / "again")


def test_a_store_elsewhere_comes_into_the_folder_of_the_new_shop(folder: Path, tmp_path: Path) -> None:
    (folder / "store.db").rename(tmp_path / "elsewhere.db")
    toml = folder / "aisle.toml"
    url = f'[store]\nurl = "sqlite:///{tmp_path / "elsewhere.db"}"\n'
    toml.write_text(toml.read_text("utf-8").replace("[store]\n", url), "utf-8")
    back_up(folder, tmp_path / "backup")
    aisle.restore(tmp_path / "backup", tmp_path / "again")
    (tmp_path / "elsewhere.db").unlink()
    with closing(aisle.open(tmp_path / "again", encoder=FakeEncoder())) as shop:
        assert shop.store.counts().n_items

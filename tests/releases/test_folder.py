"""Releases on disk: written whole or not at all, activated in one step, checked before they run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import aisle
from aisle.errors import InputError, NotFoundError, ReleaseError
from aisle.pipelines import STAGES
from aisle.releases import ReleaseFolder
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder

BUILD_AND_DIE = """
import os, signal, sys
from pathlib import Path
import aisle
from aisle.testing.encoder import FakeEncoder

folder, stage, done = sys.argv[1], sys.argv[2], int(sys.argv[3])

def progress(name, n, total):
    if (name, n) == (stage, done):
        os.kill(os.getpid(), signal.SIGKILL)

if stage == "replace":  # in the middle of an activation: the new state is written, the old one still stands
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if stage == "rename":  # the release is whole in its staging folder, and has no name yet
    Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
aisle.open(folder, encoder=FakeEncoder()).build(progress)
"""


def build_and_die(folder: Path, stage: str, done: int) -> int:
    command = [sys.executable, "-c", BUILD_AND_DIE, str(folder), stage, str(done)]
    return subprocess.run(command, check=False, capture_output=True).returncode


@pytest.mark.parametrize(
    ("stage", "done"),
    [*((stage, 0) for stage in STAGES), ("activate", 1), ("rename", 0), ("replace", 0)],
)
def test_build_killed_anywhere_leaves_the_running_release_as_it_was(
    new_shop: Callable[[], Shop], stage: str, done: int
) -> None:
    shop = new_shop()
    running = shop.build().release_id
    before = shop.search("coffee")

    assert build_and_die(shop.folder, stage, done) == -signal.SIGKILL

    again = aisle.open(shop.folder, encoder=FakeEncoder())
    assert again.active_release_id() == running
    assert again.verify().release_id == running
    assert [hit.item_id for hit in again.search("coffee").hits] == [hit.item_id for hit in before.hits]
    assert again.build().release_id == again.active_release_id() != running
    assert not (shop.folder / "releases" / ".building").exists()
    again.close()


def test_first_build_killed_leaves_a_shop_without_a_release(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    assert build_and_die(shop.folder, "index", 0) == -signal.SIGKILL
    assert shop.active_release_id() is None
    with pytest.raises(ReleaseError, match="no release yet; run: aisle build"):
        shop.search("coffee")


def test_rollback_returns_to_the_release_before(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    first, second, third = (shop.build().release_id for _ in range(3))
    assert [manifest.release_id for manifest in shop.releases()] == [third, second, first]
    assert shop.rollback().release_id == second
    assert shop.rollback().release_id == first
    with pytest.raises(InputError, match="no earlier release to roll back to"):
        shop.rollback()
    assert shop.activate(third).release_id == shop.active_release_id() == third


def test_activating_the_running_release_changes_nothing(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    first, second = (shop.build().release_id for _ in range(2))
    shop.activate(second)
    assert shop.rollback().release_id == first


def test_changed_byte_is_found_and_the_release_refused(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    first, second = (shop.build().release_id for _ in range(2))
    shop.activate(first)
    path = shop.folder / "releases" / second / "catalogue" / "items.jsonl"
    content = bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"items\.jsonl does not match its checksum.*roll back"):
        shop.activate(second)
    assert shop.active_release_id() == first


def test_missing_file_is_named(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    release_id = shop.build().release_id
    (shop.folder / "releases" / release_id / "index" / "vectors.npy").unlink()
    with pytest.raises(ReleaseError, match=r"vectors\.npy is missing"):
        aisle.open(shop.folder, encoder=FakeEncoder()).search("coffee")


def test_corrupt_new_release_does_not_replace_the_one_that_answers(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    first = shop.build().release_id
    assert shop.search("coffee").release_id == first
    second = shop.build().release_id
    (shop.folder / "releases" / second / "index" / "labels.json").write_text("[]", "utf-8")
    with pytest.raises(ReleaseError, match=r"labels\.json does not match"):
        shop.refresh()
    assert shop.search("coffee").release_id == first


def test_unknown_release_is_named_with_the_known_ones(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    release_id = shop.build().release_id
    with pytest.raises(NotFoundError, match=f"no release 'nope'; the latest are: {release_id}"):
        shop.activate("nope")
    with pytest.raises(NotFoundError):
        shop.activate("../..")


def test_damaged_state_file_is_an_error_that_says_what_to_do(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    shop.build()
    (shop.folder / "releases" / "active.json").write_text("{", "utf-8")
    with pytest.raises(ReleaseError, match=r"active\.json is damaged.*aisle release activate ID"):
        shop.active_release_id()


def test_activation_by_name_mends_a_damaged_state_file(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    release_id = shop.build().release_id
    (shop.folder / "releases" / "active.json").write_text("{", "utf-8")
    shop.activate(release_id)
    assert shop.active_release_id() == release_id


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    releases = ReleaseFolder(tmp_path / "releases")
    with releases.build(), pytest.raises(ReleaseError, match="another build is running"), releases.build():
        pass


def test_full_disk_stops_the_build_and_says_so(tmp_path: Path) -> None:
    releases = ReleaseFolder(tmp_path / "releases")
    with (
        pytest.raises(ReleaseError, match=r"No space left.*the running release is untouched"),
        releases.build() as staging,
    ):
        (staging.folder / "vectors.npy").write_bytes(b"half")
        raise OSError(28, os.strerror(28))
    assert releases.ids() == []
    assert not (tmp_path / "releases" / ".building").exists()

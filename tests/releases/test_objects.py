"""Objects in each kind of storage: whole or not at all, one writer wins, and never longer than the time-out."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aisle.errors import AwayError, NotFoundError, SettingsError
from aisle.releases import Objects
from aisle.settings import ReleaseSettings


@pytest.fixture
def objects(settings: ReleaseSettings) -> Objects:
    return Objects(settings)


def test_what_was_written_is_read(objects: Objects) -> None:
    objects.write("a/one", b"1")
    objects.write("a/one", b"one")
    assert objects.read("a/one") == b"one"
    assert objects.read_part("a/one", 1, 10) == b"ne"


def test_what_is_not_there_is_none(objects: Objects) -> None:
    assert objects.read("a/one") is None
    assert objects.written_at("a/one") is None
    assert objects.sizes("a") == {}
    objects.delete("a/one")
    with pytest.raises(NotFoundError, match="a/one"):
        objects.read_part("a/one", 0, 1)


def test_objects_are_listed_by_folder(objects: Objects) -> None:
    for name in ("a/one", "a/b/three", "ab/four"):
        objects.write(name, name.encode())
    assert objects.sizes("a") == {"a/one": 5, "a/b/three": 9}
    objects.delete("a/one")
    assert objects.sizes("a") == {"a/b/three": 9}


def test_a_file_is_sent_and_its_time_known(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10)
    objects.upload(tmp_path / "file", "objects/x")
    assert objects.sizes("objects") == {"objects/x": 10}
    written = objects.written_at("objects/x")
    assert written is not None
    assert abs(datetime.now(UTC) - written.astimezone(UTC)) < timedelta(minutes=1)


def test_of_many_who_create_at_once_one_does(objects: Objects) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: objects.create("lock", str(number).encode()), range(8)))
    assert won.count(True) == 1
    assert objects.read("lock") == str(won.index(True)).encode()
    assert objects.sizes("") == {"lock": 1}, "nothing is left of those who came too late"


@pytest.mark.parametrize("url", ["ftp://host/shop", "shop", "nonsense"])
def test_an_address_of_no_storage_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"releases\.url.*s3://bucket/folder"):
        Objects(ReleaseSettings(url=url))


def test_a_bucket_that_does_not_exist_is_a_wrong_setting(s3_server: Any) -> None:
    objects = Objects(ReleaseSettings(url="s3://no-such-bucket/shop", endpoint_url=s3_server.address))
    for ask in (lambda: objects.read("a"), lambda: objects.sizes("a"), lambda: objects.write("a", b"1")):
        with pytest.raises(SettingsError, match="does not exist"):
            ask()


def test_without_credentials_it_says_where_they_are_looked_for(
    s3_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    objects = Objects(ReleaseSettings(url="s3://shops/secret", endpoint_url=s3_server.address))
    with pytest.raises(SettingsError, match="AWS_ACCESS_KEY_ID"):
        objects.read("a")


def test_a_silent_storage_is_away_after_the_time_out(
    request: pytest.FixtureRequest, s3_url: str, pause_s3: Callable[[], None]
) -> None:
    address = request.getfixturevalue("s3_server").address
    objects = Objects(ReleaseSettings(url=s3_url, endpoint_url=address, timeout_s=2.0))
    objects.write("a", b"1")
    pause_s3()
    started = time.monotonic()
    with pytest.raises(AwayError, match=f"storage of releases at {s3_url} does not answer"):
        objects.read("a")
    assert time.monotonic() - started < 15
    os.kill(request.getfixturevalue("s3_server").process.pid, signal.SIGCONT)
    assert objects.read("a") == b"1"


def test_a_storage_that_is_killed_is_away_and_is_found_again_by_itself(new_s3_server: Callable[..., Any]) -> None:
    server = new_s3_server()
    objects = Objects(ReleaseSettings(url="s3://shops/killed", endpoint_url=server.address, timeout_s=1.0))
    objects.write("a", b"1")
    server.process.kill()
    server.process.wait()
    for _ in range(3):
        with pytest.raises(AwayError):
            objects.read("a")
    started = time.monotonic()
    with pytest.raises(AwayError):
        objects.read("a")
    assert time.monotonic() - started < 0.5, "it is left alone for a while"
    new_s3_server(server.port)
    until = time.monotonic() + 30
    while True:
        try:
            objects.write("a", b"2")
            break
        except AwayError:
            assert time.monotonic() < until
            time.sleep(0.2)
    assert objects.read("a") == b"2"

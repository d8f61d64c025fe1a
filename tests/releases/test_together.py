"""A release becomes the running one on all servers or on none, whoever dies in between."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import aisle
from aisle.errors import AwayError, InputError, NotFoundError, ReleaseError
from aisle.releases import Expected, Objects, ReleaseFolder, ReleaseStorage, Replica, together
from aisle.releases.activations import Activations
from aisle.settings import ReleaseSettings
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder

SERVE = """
import sys, time
from pathlib import Path
from aisle.releases import Objects, ReleaseFolder, ReleaseStorage, Replica
from aisle.settings import ReleaseSettings

url, address, folder, name = sys.argv[1:]
storage = ReleaseStorage(Objects(ReleaseSettings(url=url, endpoint_url=address)))
releases = ReleaseFolder(Path(folder))
replica = Replica(name, storage, releases, lambda release_id: time.sleep(0.5), 5)
while True:
    replica.look()
    time.sleep(0.1)
"""


@pytest.fixture
def near(tmp_path: Path) -> ReleaseStorage:
    """A storage in a folder."""
    return ReleaseStorage(Objects(ReleaseSettings(url=f"file://{tmp_path / 'near'}")))


class Server:
    """A replica in a thread, as in a server, which remembers what it has loaded."""

    def __init__(self, name: str, storage: ReleaseStorage, folder: ReleaseFolder) -> None:
        self.folder, self.loaded = folder, list[str | None]()
        self.replica = Replica(name, storage, folder, self.loaded.append, 5)

    @property
    def runs(self) -> str | None:
        return self.folder.active_id()


@contextmanager
def looking(servers: list[Server]) -> Iterator[None]:
    """Let servers look again and again, meanwhile."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            for server in servers:
                server.replica.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def servers(near: ReleaseStorage, built: ReleaseFolder, tmp_path: Path) -> list[Server]:
    """Three servers that run the first of two releases, both in the storage."""
    first, second = built.ids()
    near.push(built, first)
    near.push(built, second)
    together.activate(near, first)
    made = [Server(name, near, ReleaseFolder(tmp_path / name)) for name in ("web-1", "web-2", "web-3")]
    for server in made:
        server.replica.look()
    assert [server.runs for server in made] == [first] * 3
    return made


def test_all_switch_when_all_have_loaded(near: ReleaseStorage, built: ReleaseFolder, servers: list[Server]) -> None:
    second = built.ids()[1]
    with looking(servers):
        together.activate(near, second, Expected(3), 20)
    for server in servers:
        server.replica.look()
    assert [server.runs for server in servers] == [second] * 3
    assert [server.loaded for server in servers] == [[second]] * 3, "loaded before the decision, and taken up after it"
    assert together.active_id(near) == second


def test_nobody_switches_while_one_is_missing(
    near: ReleaseStorage, built: ReleaseFolder, servers: list[Server]
) -> None:
    first, second = built.ids()
    with looking(servers[:2]), pytest.raises(ReleaseError, match=r"nobody has switched: .* deadline: web-3"):
        together.activate(near, second, Expected(3, ("web-1", "web-2", "web-3")), 0.5)
    for server in servers:
        server.replica.look()
    assert [server.runs for server in servers] == [first] * 3
    assert [server.loaded for server in servers] == [[second, None], [second, None], []], "let go of what was loaded"


def test_one_that_refuses_ends_it_at_once(near: ReleaseStorage, built: ReleaseFolder, servers: list[Server]) -> None:
    first, second = built.ids()
    near.objects.write(f"objects/{built.manifest(second).files['index/words']}", b"damaged")
    started = time.monotonic()
    with looking(servers), pytest.raises(ReleaseError, match=r"refuses it: .* another checksum"):
        together.activate(near, second, Expected(3), 60)
    assert time.monotonic() - started < 30
    assert [server.runs for server in servers] == [first] * 3


def test_one_that_comes_later_follows_what_was_committed(
    near: ReleaseStorage, built: ReleaseFolder, servers: list[Server], tmp_path: Path
) -> None:
    second = built.ids()[1]
    with looking(servers[:2]):
        together.activate(near, second, Expected(2), 20)
    late = Server("web-4", near, ReleaseFolder(tmp_path / "web-4"))
    for server in (*servers, late):
        server.replica.look()
        assert server.runs == second


def test_a_rollback_goes_back_on_every_server(
    near: ReleaseStorage, built: ReleaseFolder, servers: list[Server]
) -> None:
    first, second = built.ids()
    together.activate(near, second)
    assert together.rollback(near) == first
    for server in servers:
        server.replica.look()
        assert server.runs == first
    with pytest.raises(InputError, match="no earlier release in the storage"):
        together.rollback(near)


def test_the_coordinator_that_is_interrupted_takes_its_proposal_back(
    near: ReleaseStorage, built: ReleaseFolder, servers: list[Server]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together.activate(near, built.ids()[1], Expected(3), 60, interrupt)
    assert Activations(near.objects).read().open is None


def test_what_is_not_in_the_storage_cannot_be_activated(near: ReleaseStorage) -> None:
    with pytest.raises(NotFoundError, match="aisle release push"):
        together.activate(near, "20200101-000000-1")


def test_three_processes_one_of_which_is_killed(
    request: pytest.FixtureRequest, built: ReleaseFolder, tmp_path: Path
) -> None:
    """On a real S3 server: nobody switches without the dead one; those that live do when only they are expected."""
    first, second = built.ids()
    url, address = request.getfixturevalue("s3_url"), request.getfixturevalue("s3_server").address
    storage = ReleaseStorage(Objects(ReleaseSettings(url=url, endpoint_url=address)))
    storage.push(built, first)
    storage.push(built, second)
    together.activate(storage, first)

    def start(name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", SERVE, url, address, str(tmp_path / name), name])

    def wait_for(release_id: str) -> None:
        until = time.monotonic() + 60
        while {ReleaseFolder(tmp_path / name).active_id() for name in started} != {release_id}:
            assert time.monotonic() < until, f"{release_id} does not run everywhere"
            time.sleep(0.05)

    names = ("web-1", "web-2", "web-3")
    started = {name: start(name) for name in names}
    try:
        wait_for(first)
        started["web-3"].kill()
        with pytest.raises(ReleaseError, match="nobody has switched: not ready before the deadline: web-3"):
            together.activate(storage, second, Expected(3, names), 4)
        time.sleep(0.3)
        wait_for(first)
        started.pop("web-3").wait()
        together.activate(storage, second, Expected(2, ("web-1", "web-2")), 60)
        wait_for(second)
    finally:
        for process in started.values():
            process.kill()
            process.wait()


@pytest.fixture
def shop_on(two_releases: Path, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens shops of the same toy store that share a storage, by the name of their machine."""
    opened: list[Shop] = []

    def make(name: str, *more: str) -> Shop:
        folder = shutil.copytree(two_releases, tmp_path / name)
        toml = (folder / "aisle.toml").read_text("utf-8")
        where = more or (f'url = "file://{tmp_path / "shared"}"',)
        lines = "\n".join(("[releases]", f'replica = "{name}"', *where, ""))
        (folder / "aisle.toml").write_text(toml.replace("[releases]\n", lines), "utf-8")
        opened.append(aisle.open(folder, encoder=FakeEncoder()))
        return opened[-1]

    yield make
    for shop in opened:
        shop.close()


def test_shops_switch_together_and_answer_all_the_time(shop_on: Callable[..., Shop]) -> None:
    builder, one, two = (shop_on(name) for name in ("builder", "one", "two"))
    second, first = (manifest.release_id for manifest in builder.releases())
    for release_id in (first, second):
        builder.push(release_id)
    builder.activate(first)
    assert builder.shared_release_id() == first
    for shop in (one, two):
        shop.folder.joinpath("releases", "active.json").unlink()
        shop.replica().look()
        assert shop.search("coffee").release_id == first
    replicas = [shop.replica() for shop in (one, two)]
    for replica in replicas:
        replica.look()
    caller = threading.Thread(target=builder.activate_together, args=[second, Expected(2), 30.0])
    caller.start()
    until = time.monotonic() + 30
    while caller.is_alive():
        assert time.monotonic() < until
        for replica in replicas:
            replica.look()
        for shop in (one, two):
            shop.refresh(warm=True)
            assert shop.search("coffee").release_id in (first, second)
    caller.join()
    for shop, replica in zip((one, two), replicas, strict=True):
        replica.look()
        shop.refresh(warm=True)
        assert shop.search("coffee").release_id == second
    assert builder.active_release_id() == second
    assert builder.rollback().release_id == first
    assert builder.active_release_id() == first


def test_a_build_sends_its_release_and_activates_it_everywhere(shop_on: Callable[..., Shop]) -> None:
    builder, one = shop_on("builder"), shop_on("one")
    manifest = builder.build()
    assert builder.shared_release_id() == builder.active_release_id() == manifest.release_id
    one.replica().look()
    assert one.active_release_id() == manifest.release_id
    assert [each.release_id for each in one.shared_releases()] == [manifest.release_id]
    assert one.pull().release_id == manifest.release_id


def test_a_build_that_cannot_be_sent_is_kept_and_says_what_to_do(
    shop_on: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    nobody = ('url = "s3://shops/1"', 'endpoint_url = "http://127.0.0.1:1"')
    shop = shop_on("builder", *nobody)
    running, n_releases = shop.active_release_id(), len(shop.releases())
    with pytest.raises(AwayError, match=r"is built, and could not be shared: .* aisle release push 2"):
        shop.build()
    assert shop.active_release_id() == running
    assert len(shop.releases()) == n_releases + 1
    assert shop.search("coffee").release_id == running

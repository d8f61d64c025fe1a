"""A PostgreSQL server of the tests' own, and the address of an empty store in each kind of database."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("aisle.testing.store")

_numbers = count()


def _server_folder() -> Path | None:
    """The folder of PostgreSQL's newest server programs; distributions leave them off the path."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    return Path(found).parent if found and shutil.which("postgres", path=Path(found).parent) else None


def _not_root(folder: Path) -> dict[str, Any]:
    """Arguments of subprocess that run a program as the owner of `folder`: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


@pytest.fixture(scope="session")
def postgresql_folder() -> Iterator[Path]:
    """The folder with the socket of a running server."""
    programs = _server_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (apt install postgresql)")
    # Not in pytest's folder: that one is closed to other users, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix="aisle-pg-"))
    other_user = _not_root(folder)
    try:
        data = str(folder / "data")
        initdb = [str(programs / "initdb"), "-D", data, "-U", "aisle", "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = subprocess.run([*initdb, "--locale=C"], capture_output=True, text=True, **other_user)
        assert made.returncode == 0, made.stderr
        with (folder / "log").open("w") as log:
            options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", data, "-k", str(folder), *options], stderr=log, **other_user
            )
        try:
            _wait_until_ready(programs, folder, server)
            yield folder
        finally:
            server.send_signal(2)  # the fast shutdown: it does not wait for clients
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while subprocess.run([str(programs / "pg_isready"), "-q", "-h", str(folder)]).returncode:
        assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)


@pytest.fixture
def new_postgresql_url(postgresql_folder: Path) -> Callable[[], str]:
    """Makes an empty database and returns its address."""
    import psycopg  # noqa: PLC0415

    def make() -> str:
        name = f"shop{next(_numbers)}"
        with psycopg.connect(host=str(postgresql_folder), user="aisle", dbname="postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://aisle@/{name}?host={postgresql_folder}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that does not exist yet, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgresql_url")
    return make()

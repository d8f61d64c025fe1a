"""Servers of the tests' own, and the address of an empty store in each kind of database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aisle.errors import NotFoundError
from aisle.testing.servers import PostgresqlServer, RedisServer, postgresql, redis_server

_FAST = ("fsync=off", "max_connections=60")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A running server that all tests share: they leave it running."""
    try:
        with postgresql(*_FAST) as server:
            yield server
    except NotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def lone_postgresql() -> Iterator[PostgresqlServer]:
    """A running server of the tests of one file, which may kill it, and leave it running."""
    try:
        with postgresql(*_FAST) as server:
            yield server
    except NotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A running Redis of one test."""
    pytest.importorskip("redis", reason='no client of Redis is installed (pip install "aisle[redis]")')
    try:
        with redis_server() as server:
            yield server
    except NotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def postgresql_folder(postgresql_server: PostgresqlServer) -> Path:
    """The folder with the socket of a running server."""
    return postgresql_server.folder


@pytest.fixture
def new_postgresql_url(postgresql_server: PostgresqlServer) -> Callable[[], str]:
    """Makes an empty database and returns its address."""
    return postgresql_server.new_url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that does not exist yet, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgresql_url")
    return make()

"""Reads the rows of an SQL query. A location is a database address, "#" and the query.

    sqlite:///shop.db#SELECT id, title, price FROM product
    postgresql+psycopg://reader:secret@db.example/shop#SELECT * FROM product WHERE visible

Addresses are SQLAlchemy's; "#" inside a password is written %23. A relative SQLite path starts at the working folder.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from aisle.errors import InputError, MissingExtraError
from aisle.sources.feed import Feed, Record, Table

ROWS_A_BATCH = 1_000
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://")
_READING = re.compile(r"\s*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_EXAMPLE = "sqlite:///shop.db#SELECT id, title FROM product"


def is_address(location: str) -> bool:
    """True for an address such as sqlite:///shop.db, false for a path."""
    return bool(_ADDRESS.match(location))


def shown(location: str) -> str:
    """The location without its password."""
    url, query = _split(location)
    return f"{url.render_as_string(hide_password=True)}#{query}"


def read(feed: Feed, location: str) -> Table:
    """The table of an SQL query, streamed through a cursor on the server where the database has one.

    `location` holds the password, `feed.location` (which messages quote) does not. The line of a record is its
    number, from 1. Raises InputError when the address is wrong, the database is away or the query fails, and
    MissingExtraError when its driver is not installed.
    """
    url, query = _split(location)
    with _connected(url, feed.location) as connection:
        # Wrapped, so that the columns are known without running the whole query.
        nothing = f"SELECT * FROM ({query}) AS feed WHERE 1 = 0"
        columns = tuple(connection.exec_driver_sql(nothing, execution_options={"no_parameters": True}).keys())
    return Table(columns, _records(feed, url, query))


def _records(feed: Feed, url: URL, query: str) -> Iterator[Record]:
    options = {"stream_results": True, "yield_per": ROWS_A_BATCH, "no_parameters": True}
    with _connected(url, feed.location) as connection:
        for number, row in enumerate(connection.exec_driver_sql(query, execution_options=options).mappings(), 1):
            yield Record(number, dict(row))
            if number % ROWS_A_BATCH == 0:
                feed.progress(number)


@contextmanager
def _connected(url: URL, location: str) -> Iterator[Connection]:
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise InputError(f"{url.database} does not exist, but {location} reads from it; check the path")
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"Reading from {url.drivername}", "postgresql") from error
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise InputError(f"{location} cannot be read: {reason}; check the address and the query") from error
    finally:
        engine.dispose()


def _split(location: str) -> tuple[URL, str]:
    address, _, query = location.partition("#")
    try:
        url = make_url(address)
        url.get_dialect()
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"Reading from {address.partition(':')[0]}", "postgresql") from error
    except (ArgumentError, NoSuchModuleError) as error:
        scheme = address.partition(":")[0]
        advice = f"expected a file or a database, as in {_EXAMPLE!r}; copy other sources to a file first"
        raise InputError(f"an address that starts with {scheme}:// cannot be read; {advice}") from error
    query = query.strip().rstrip(";")
    if not _READING.match(query):
        asked = f"the query {query[:80]!r}" if query else "no query"
        raise InputError(
            f"{url.render_as_string(hide_password=True)} comes with {asked}; add a SELECT after #, as in {_EXAMPLE!r}"
        )
    return url, query

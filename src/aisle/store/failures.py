"""What a refusal of the database means, in words that say what to do."""

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from aisle.errors import StoreError

_SQLITE = {
    "SQLITE_FULL": "the disk is full; free some space and try again: everything acknowledged before is safe",
    "SQLITE_READONLY": "the file or its folder is read-only; make both writable for this user",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and is writable for this user",
    "SQLITE_BUSY": "another process has kept it locked for too long; end that process or wait for it, and try again",
    "SQLITE_LOCKED": "another process has kept it locked for too long; end that process or wait for it, and try again",
    "SQLITE_NOTADB": "the file is not an SQLite database; name another file, or move this one away",
    "SQLITE_CORRUPT": "the file is damaged; restore it from a backup",
    "SQLITE_IOERR": "the disk reports an error on reading or writing; check its free space and its health",
}
_POSTGRESQL = {
    "53100": "the server's disk is full; free some space and try again: everything acknowledged before is safe",
    "25006": "the server is read-only (a standby?); use the address of the primary",
    "55P03": "another connection has kept a lock for too long; end it or wait for it, and try again",
    "53300": "the server has too many connections; raise its max_connections or run fewer processes",
    "57014": "the server took too long; it has too much to do, or another connection keeps a lock",
    "42501": "this user may not do that; grant it the right to create and change tables",
}
RETRY = {"40001", "40P01"}
"""PostgreSQL's states "serialization failure" and "deadlock detected": the same transaction works when tried again."""

AWAY = {"57P01", "57P02", "57P03", "57014", "08000", "08003", "08006"}
"""States of a server that shuts down, starts up, was killed, takes too long, or whose connection broke."""


def explain(error: SQLAlchemyError, where: str) -> StoreError:
    """The StoreError for what the database said; `where` is its address without the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    return StoreError(f"the store {where} refused: {_advice(error, cause)} ({said})")


def may_retry(error: SQLAlchemyError) -> bool:
    """True when the transaction lost a race that it may win when tried again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in RETRY


def is_away(error: SQLAlchemyError) -> bool:
    """True when PostgreSQL does not answer, and not when it answered no."""
    if not isinstance(error, OperationalError) or not hasattr(error.orig, "pgconn"):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state in AWAY


def _advice(error: SQLAlchemyError, cause: BaseException) -> str:
    if isinstance(error, PoolTimeoutError):
        return "all connections are in use; try again, or send fewer requests at once"
    if name := getattr(cause, "sqlite_errorname", None):
        # Extended names add a word to the plain one: SQLITE_READONLY_DBMOVED.
        return next((advice for key, advice in _SQLITE.items() if name.startswith(key)), "see its message")
    if state := getattr(cause, "sqlstate", None):
        return _POSTGRESQL.get(state, "see its message")
    if isinstance(error, DBAPIError) and hasattr(cause, "pgconn"):
        return "no connection; check the address, and that the server runs, has this database and lets this user in"
    return "see its message"

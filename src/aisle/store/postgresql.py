"""Connections to PostgreSQL that give up: no wait for the server is longer than the caller has patience."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from aisle.errors import MissingExtraError

PATIENCE_S = 600.0
"""Longest wait for one answer in batch work: a frame of millions of events, a migration."""

SLACK = 1.25
"""A server that runs breaks a statement off by itself, in clear words, and the connection lives on: wait for it."""


def postgresql_engine(url: URL, timeout_s: float, answer_s: float) -> Engine:
    """Connections to `url`: a lock is waited for `timeout_s`, the server `answer_s`, unless `be_patient` is called.

    A server that is overloaded breaks a statement off by itself. One that is paused, or a network that swallows
    everything, cannot: there the client closes the connection.
    """
    connect = _timely(answer_s)
    # Compiling a statement takes longer than any of ours runs for a page of rows.
    settings = {"lock_timeout": _ms(timeout_s), "statement_timeout": _ms(answer_s), "jit": "off"}
    options = [str(url.query.get("options", "")), *(f"-c {name}={value}" for name, value in settings.items())]
    arguments: dict[str, Any] = {
        "options": " ".join(options).strip(),
        "connect_timeout": url.query.get("connect_timeout", str(max(2, round(answer_s)))),
        # A connection that nobody used for a while may have died unnoticed.
        "keepalives_idle": url.query.get("keepalives_idle", "30"),
        "tcp_user_timeout": url.query.get("tcp_user_timeout", str(_ms(answer_s))),
    }
    engine = create_engine(url, connect_args=arguments, pool_size=8, max_overflow=32, pool_timeout=answer_s)
    event.listen(engine, "do_connect", lambda _dialect, _record, args, named: connect(*args, **named))
    return engine


def be_patient(connection: Connection) -> None:
    """Let the statements of this transaction take their time."""
    connection.connection.driver_connection.patience_s = PATIENCE_S  # type: ignore[union-attr]
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def be_quick(connection: Connection, answer_s: float) -> None:
    """Undo `be_patient`, before another caller gets the connection."""
    if not (connection.closed or connection.invalidated):
        connection.connection.driver_connection.patience_s = answer_s * SLACK  # type: ignore[union-attr]


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1_000))


def _timely(answer_s: float) -> Any:
    try:
        import psycopg  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("a store in PostgreSQL", "postgresql") from error

    class Timely(psycopg.Connection[Any]):
        """A connection of which no single wait is longer than `patience_s`."""

        patience_s = answer_s * SLACK

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            if timeout is not None:
                return super().wait(gen, interval, timeout)
            try:
                return super().wait(gen, interval, self.patience_s)
            except psycopg.errors._WaitTimeout as error:
                self.pgconn.finish()  # what the server says later would be taken for the answer to another question
                raise psycopg.OperationalError(f"no answer within {self.patience_s:g} s") from error

    return Timely.connect

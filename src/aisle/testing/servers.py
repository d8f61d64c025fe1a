"""Real servers of a test's or a benchmark's own: PostgreSQL and Redis, in a folder that goes when they do.

They listen on a socket in that folder alone, and can be killed, paused and started again, as an accident would do it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from aisle.errors import AisleError, NotFoundError

S = TypeVar("S", bound="Server")
_numbers = count()
_READY_S = 30.0


class Server:
    """A program that runs in `folder`, and what may happen to it."""

    END = signal.SIGTERM

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.folder = folder
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run, and return when it answers. Raises AisleError with its log when it does not."""
        log = self.folder / "log"
        with log.open("ab") as stream:
            self._process = subprocess.Popen(self._command, stdout=stream, stderr=stream, **owner(self.folder))
        deadline = time.monotonic() + _READY_S
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AisleError(f"{self._command[0]} did not start; its log: {log.read_text()}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether clients are let in."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it without waiting for clients, or for files that nobody needs any more."""
        if self._process is not None:
            self.resume()
            self._process.send_signal(self.END)
            self._process.wait(timeout=_READY_S)
            self._process = None

    def kill(self) -> None:
        """End every process of it at once, with SIGKILL."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(timeout=_READY_S)
        self._process = None

    def pause(self) -> None:
        """Stop every process of it with SIGSTOP: connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "it does not run"
        # The main process first: it would take the death of a child for a crash, and begin to recover.
        for pid in (self._process.pid, *_children(self._process.pid)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue  # it ended by itself meanwhile


class PostgresqlServer(Server):
    """A PostgreSQL server, its superuser `aisle` let in without a password; `standby` makes a replica of it."""

    END = signal.SIGQUIT

    def __init__(self, folder: Path, *options: str) -> None:
        """`options` are settings such as "fsync=off". The data of an earlier start in `folder` is taken up."""
        self.programs = postgresql_programs()
        self.options = options
        settings = [part for option in ("listen_addresses=", *options) for part in ("-c", option)]
        self.data = folder / "data"
        super().__init__(folder, [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(folder), *settings])

    def prepare(self) -> None:
        """Make an empty cluster."""
        initdb = ["initdb", "-D", str(self.data), "-U", "aisle", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run(*initdb)

    def answers(self) -> bool:
        ready = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(ready).returncode == 0

    def new_url(self) -> str:
        """The address of a new, empty database."""
        name = f"shop{next(_numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", "aisle", name)
        return self.url(name)

    def url(self, name: str) -> str:
        """The address of the database `name`."""
        return f"postgresql+psycopg://aisle@/{name}?host={self.folder}"

    @contextmanager
    def standby(self) -> Iterator["PostgresqlServer"]:
        """A running replica of this server, which follows it by streaming."""
        with _folder("aisle-pg-") as folder:
            other = PostgresqlServer(folder, *self.options)
            copy = ["pg_basebackup", "-h", str(self.folder), "-U", "aisle", "-D", str(other.data), "-R", "-c", "fast"]
            other._run(*copy, "--no-sync")
            with _running(other):
                yield other

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        made = subprocess.run(command, capture_output=True, text=True, **owner(self.folder))
        if made.returncode:
            raise AisleError(f"{program} failed: {made.stderr}")


class RedisServer(Server):
    """A Redis server that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise NotFoundError("no Redis server is installed (apt install redis-server)")
        self._socket = folder / "redis.sock"
        keep_nothing = ["--save", "", "--appendonly", "no"]
        super().__init__(
            folder, [program, "--port", "0", "--unixsocket", str(self._socket), *keep_nothing, "--dir", str(folder)]
        )

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self._socket}"

    def answers(self) -> bool:
        import redis  # noqa: PLC0415  an extra

        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False


@contextmanager
def postgresql(*options: str) -> Iterator[PostgresqlServer]:
    """A running, empty server. Raises NotFoundError when none is installed."""
    postgresql_programs()
    with _folder("aisle-pg-") as folder:
        server = PostgresqlServer(folder, *options)
        server.prepare()
        with _running(server):
            yield server


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running, empty server. Raises NotFoundError when none is installed."""
    with _folder("aisle-redis-") as folder, _running(RedisServer(folder)) as server:
        yield server


def postgresql_programs() -> Path:
    """The folder of PostgreSQL's newest server programs; distributions leave them off the path."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    found = shutil.which("initdb")
    if not found or not shutil.which("postgres", path=Path(found).parent):
        raise NotFoundError("no PostgreSQL server is installed (apt install postgresql)")
    return Path(found).parent


def owner(folder: Path) -> dict[str, Any]:
    """Arguments of subprocess that run a program as the owner of `folder`: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    # Not in pytest's folder: that one is closed to other users, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(server: S) -> Iterator[S]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

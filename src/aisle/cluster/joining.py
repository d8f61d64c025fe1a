"""How does this process join a Ray cluster? After asking, within seconds, whether anybody answers at the address."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aisle.cluster.place import Place
from aisle.errors import AwayError, InputError, MissingExtraError
from aisle.remote import Remote

LOCAL = "local"
TIMEOUT_S = 3.0
"""For an address to answer."""
_ADDRESS = re.compile(r"(?:ray://)?(?P<host>[\w.-]+|\[[\da-fA-F:]+\]):(?P<port>\d{1,5})")
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""How a client of HTTP/2, and so of gRPC, begins (RFC 9113, 3.4): its preface and empty settings."""
_SETTINGS = 4
"""Kind of the frame that a server begins with."""


@contextmanager
def joined(address: str) -> Iterator[Place]:
    """The cluster at `address` for the length of the block.

    "local" starts Ray on this machine. HOST:PORT is the cluster that this machine belongs to (`ray start
    --address`), ray://HOST:PORT one that it does not belong to. Where the process has joined a cluster already, that
    one is used and kept. Raises InputError for another form, AwayError when nobody answers within seconds, and
    MissingExtraError without the extra "ray".
    """
    if address != LOCAL:
        _check_answers(address)
    ray = _ray()
    from aisle.cluster.ray_cluster import RayCluster  # noqa: PLC0415  imports Ray

    own = not ray.is_initialized()
    if own:
        _join(ray, address)
    place = RayCluster()
    try:
        yield place
    finally:
        place.leave()
        if own:
            ray.shutdown()


def _check_answers(address: str) -> None:
    """Ray itself would ask for two minutes, and then end the process."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        raise InputError(
            f"cluster={address!r} is no address; expected HOST:PORT of the Ray cluster that this machine belongs to, "
            f"ray://HOST:PORT of another, or {LOCAL}"
        )
    host, port = parts["host"].strip("[]"), int(parts["port"])
    remote = Remote(f"the Ray cluster at {address}", (OSError,), attempts=2, deadline_s=2 * TIMEOUT_S)
    remote.call(lambda: _greet(host, port))


def _greet(host: str, port: int) -> None:
    """Raise OSError unless a server of gRPC answers: one that hangs takes connections and says nothing."""
    with socket.create_connection((host, port), timeout=TIMEOUT_S) as line:
        line.settimeout(TIMEOUT_S)
        line.sendall(_GREETING)
        heard = line.recv(9)
    if len(heard) < 4 or heard[3] != _SETTINGS:
        raise ConnectionError(f"what answers at {host}:{port} is no Ray cluster")


def _ray() -> Any:
    # Set before it is imported: nobody is told of its use, and what it finds of graphics cards stands.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray  # noqa: PLC0415  seconds to import, for those alone who name a cluster
    except ImportError as error:
        raise MissingExtraError("batch work on a cluster", "ray") from error
    return ray


def _join(ray: Any, address: str) -> None:
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address == LOCAL:
            ray.init(address="local", include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
        raise AwayError(
            f"the Ray cluster at {address} cannot be joined ({str(error).strip().splitlines()[0]}); run this on a "
            "machine of the cluster (ray start --address), or name its client port: ray://HOST:10001"
        ) from error
    if ray.cluster_resources().get("CPU", 0) < 1:
        ray.shutdown()
        raise AwayError(
            f"the Ray cluster at {address} has no core to work on; add machines to it (ray start --address)"
        )

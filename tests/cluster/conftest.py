"""A Ray cluster of two nodes on this machine, started once, and joined once: each is seconds of work."""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_enable_worker_prestart": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_worker_niceness": "0",
}
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
SOON = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 1_000,
    "health_check_timeout_ms": 1_000,
    "health_check_failure_threshold": 8,
}
"""A node that hangs is given up after a quarter of a minute; by default after more than one."""


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[Any]:
    """The cluster; its head has a core, and so has each node that joins."""
    pytest.importorskip("ray", reason="Ray is not installed (the extra ray)")
    os.environ.update(QUIET)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster  # noqa: PLC0415  seconds to import

        nodes = Cluster(initialize_head=True, head_node_args={**NODE, "_system_config": SOON})
        yield nodes
        nodes.shutdown()


@pytest.fixture(scope="session")
def joined(ray_nodes: Any) -> Iterator[str]:
    """The address of the cluster, which this process has joined for all tests, so that its processes stay warm."""
    import ray  # noqa: PLC0415  seconds to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(address=ray_nodes.address, log_to_driver=False, logging_level="ERROR")
    yield str(ray_nodes.address)
    ray.shutdown()


@pytest.fixture
def address(joined: str, ray_nodes: Any) -> str:
    """The address of the cluster, which has two nodes, also where an earlier test has lost one."""
    if len(ray_nodes.list_all_nodes()) < 2:
        ray_nodes.add_node(**NODE)
    return joined

"""Cores, gigabytes and nodes for large shops: from the costs that were measured on one core, every assumption named.

python benchmarks/capacity.py [--publish]

The costs are those of docs/benchmarks.md (`scale.py`, `scale_events.py`, `compress.py`): change them below when
these are measured anew. `--publish` writes the tables into docs/scaling.md.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from report import publish, table

DOCS = Path(__file__).parents[1] / "docs" / "scaling.md"
ITEMS = (10**6, 10**7, 10**8)
RATES = (10**3, 10**4, 10**5)


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured, on one core of the machine that docs/benchmarks.md names."""

    words_ms: float
    """Of a search of 10^6 items: the part that finds words; it grows with the items that have them."""
    rest_ms: float
    """Everything else of it: it grows with the logarithm of the number of items, if at all."""
    shared_bytes: float
    """Of an item, in files that all processes of a machine map."""
    private_bytes: float
    """Of an item, in each process."""
    release_bytes: float
    """Of an item, on disk and in the storage of releases."""
    encoded_per_s: float
    """Item texts of 42 tokens by MiniLM in int8."""
    indexed_per_s: float
    """Items of everything else in a build."""
    events_per_s: float
    """Into PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Not measured by us."""

    node_cores: int = 16
    node_gb: int = 64
    busy: float = 0.5
    """Share of the cores that requests may use, so that bursts do not queue."""
    filled: float = 0.7
    """Share of a node's memory that is planned for."""
    workers: int = 16
    """Processes of a node that answers."""
    events_per_request: float = 0.3
    milvus_bytes: float = 384 * 4 + 16 * 2 * 4 * 1.1 + 400
    """Of an item in a query node: the vector, its links in the graph (M 16), words and codes of filters."""
    milvus_filled: float = 0.9
    """Milvus asks that loaded data stay under this share of its query nodes' memory."""
    redis_per_s: float = 80_000.0
    """Reads that one Redis answers without pipelining, as its own documentation reports."""
    build_hours: float = 4.0
    """In which a catalogue is to be encoded anew."""


COSTS = Costs(
    words_ms=2.81,
    rest_ms=11.27,
    shared_bytes=1_777,
    private_bytes=342,
    release_bytes=2_296,
    encoded_per_s=300,
    indexed_per_s=546,
    events_per_s=44_000,
)
"""10^6 items in int8: a search of 14.08 ms; two processes that share 1,777 MB and have 342 MB each to themselves."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publish", action="store_true", help="write the tables into docs/scaling.md")
    asked = parser.parse_args()
    text = "\n\n".join([by_items(COSTS, Assumptions()), by_rate(COSTS, Assumptions()), behind(COSTS, Assumptions())])
    print(text)
    if asked.publish:
        publish("capacity", text, DOCS)


def search_ms(costs: Costs, n_items: int) -> float:
    """Core milliseconds of a search: words linear in the number of items, the rest by its logarithm."""
    millions = n_items / 10**6
    return costs.words_ms * millions + costs.rest_ms * math.log10(max(10, n_items)) / 6


def server_gb(costs: Costs, given: Assumptions, n_items: int) -> float:
    """Memory of a node that holds a whole release."""
    return n_items * (costs.shared_bytes + given.workers * costs.private_bytes) / 1e9


def milvus_nodes(given: Assumptions, n_items: int) -> int:
    """Query nodes that hold one copy."""
    return math.ceil(n_items * given.milvus_bytes / (given.node_gb * 1e9 * given.milvus_filled))


def by_items(costs: Costs, given: Assumptions) -> str:
    """What the number of items asks for."""

    def rows() -> Iterator[list[str]]:
        for n in ITEMS:
            memory = server_gb(costs, given, n)
            fits = memory <= given.node_gb * given.filled
            hours = n / costs.encoded_per_s / 3600
            yield [
                f"{n:,}",
                f"{n * costs.release_bytes / 1e9:,.1f}",
                f"{memory:,.0f}",
                "yes" if fits else "no",
                f"{milvus_nodes(given, n)}",
                f"{hours:,.0f} ({math.ceil(hours / given.build_hours)} cores for {given.build_hours:g} h)",
                f"{n / costs.indexed_per_s / 3600:,.1f}",
            ]

    columns = (
        "items",
        "release GB",
        f"GB of a server with {given.workers} workers",
        f"fits {given.node_gb} GB",
        f"Milvus query nodes of {given.node_gb} GB, a copy",
        "core hours to encode all",
        "hours for the rest of a build, one core",
    )
    return table(columns, rows())


def by_rate(costs: Costs, given: Assumptions) -> str:
    """What the number of searches a second asks for, when every search is worked out anew."""

    def rows() -> Iterator[list[str]]:
        for n in ITEMS:
            ms = search_ms(costs, n)
            for rate in RATES:
                cores = math.ceil(rate * ms / 1000 / given.busy)
                yield [
                    f"{n:,}",
                    f"{rate:,}",
                    f"{ms:,.1f}",
                    f"{cores:,}",
                    f"{math.ceil(cores / given.node_cores):,}",
                ]

    return table(("items", "searches/s", "core ms a search", "cores", f"nodes of {given.node_cores} cores"), rows())


def behind(costs: Costs, given: Assumptions) -> str:
    """What the shoppers' acts ask of the engines behind."""

    def rows() -> Iterator[list[str]]:
        for rate in RATES:
            events = rate * given.events_per_request
            yield [
                f"{rate:,}",
                f"{events:,.0f}",
                f"{events / costs.events_per_s:.2f}",
                f"{events * 86_400 * 30 / 1e9:,.1f}",
                f"{math.ceil(rate / given.redis_per_s)}",
            ]

    columns = (
        "requests/s",
        "events/s",
        "cores of PostgreSQL that take them",
        "10^9 events a month",
        "Redis for profiles",
    )
    return table(columns, rows())


if __name__ == "__main__":
    main()

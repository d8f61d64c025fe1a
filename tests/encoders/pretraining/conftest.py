"""A little shop's texts, and networks so small that they learn in a second."""

from collections.abc import Iterator

import pytest

from aisle.encoders.pretraining.architecture import SHAPES, Shape
from aisle.encoders.pretraining.corpus import Corpus, Passage, split

THINGS = ("lamp", "mug", "jacket", "cable", "hose")
COLOURS = ("red", "blue", "green", "black")


@pytest.fixture(autouse=True, scope="package")
def small_networks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(SHAPES, "tiny", Shape(64, 1))
        yield


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Titles with descriptions that go with them, and queries."""
    pairs = [
        Passage(f"{colour} {thing} {number}", f"This {thing} is {colour} and has the number {number}.")
        for thing in THINGS
        for colour in COLOURS
        for number in range(8)
    ]
    queries = [Passage(f"{colour} {thing}") for thing in THINGS for colour in COLOURS]
    return split([*pairs, *queries, Passage("无线耳机"), Passage("蓝牙耳机")], held_out=0.2)

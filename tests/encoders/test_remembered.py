"""Queries are encoded once, and forgotten in the order in which they were last asked."""

from collections.abc import Sequence

import numpy as np

from aisle.encoders import RememberedQueries
from aisle.testing.encoder import FakeEncoder
from aisle.types import Vectors


class Counting(FakeEncoder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().encode_queries(texts)


def test_answers_are_those_of_the_encoder_in_the_order_given() -> None:
    remembered, plain = RememberedQueries(Counting()), FakeEncoder()
    for texts in (["ab", "c", "ab"], ["c", "d"], []):
        np.testing.assert_array_equal(remembered.encode_queries(texts), plain.encode_queries(texts))


def test_query_is_encoded_once() -> None:
    encoder = Counting()
    remembered = RememberedQueries(encoder)
    for texts in (["ab", "ab"], ["ab"], ["c", "ab"]):
        remembered.encode_queries(texts)
    assert encoder.asked == ["ab", "c"]


def test_query_that_was_asked_longest_ago_is_forgotten_first() -> None:
    encoder = Counting()
    remembered = RememberedQueries(encoder, max_queries=2)
    for text in ("a", "b", "a", "c", "a", "b"):  # c takes the place of b
        remembered.encode_queries([text])
    assert encoder.asked == ["a", "b", "c", "b"]

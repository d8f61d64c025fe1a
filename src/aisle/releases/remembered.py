"""The latest answers of a release: second pages, chosen facets and popular queries ask for the same again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

MAX_ANSWERS = 500
"""At some 300 candidates each about 15 MB."""
T = TypeVar("T")


class Remembered:
    """Keeps the latest answers as long as `version` stays the same object. Thread-safe."""

    def __init__(self, max_answers: int = MAX_ANSWERS) -> None:
        self._max_answers = max_answers
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._version: object = None
        self._lock = Lock()

    def get(self, key: Hashable, version: object, answer: Callable[[], T]) -> T:
        """What `answer` gave for `key` before, or gives now."""
        with self._lock:
            if self._version is not version:
                self._answers.clear()
                self._version = version
            if key in self._answers:
                self._answers.move_to_end(key)
                kept: T = self._answers[key]
                return kept
        fresh = answer()
        with self._lock:
            if self._version is version:
                self._answers[key] = fresh
                while len(self._answers) > self._max_answers:
                    self._answers.popitem(last=False)
        return fresh

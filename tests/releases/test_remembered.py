"""Answers are kept while the index stays as it is, the latest ones only."""

from aisle.releases.remembered import Remembered


def ask(remembered: Remembered, version: object, *keys: str) -> list[str]:
    """The keys that had to be answered anew."""
    asked: list[str] = []

    def answer(key: str) -> str:
        asked.append(key)
        return key.upper()

    for key in keys:
        assert remembered.get(key, version, lambda key=key: answer(key)) == key.upper()  # type: ignore[misc]
    return asked


def test_an_answer_is_worked_out_once() -> None:
    assert ask(Remembered(), "v1", "a", "a", "b", "a") == ["a", "b"]


def test_a_change_of_the_index_forgets_everything() -> None:
    remembered = Remembered()
    assert ask(remembered, "v1", "a") == ["a"]
    assert ask(remembered, "v2", "a") == ["a"]


def test_the_answer_asked_longest_ago_is_forgotten_first() -> None:
    assert ask(Remembered(max_answers=2), "v1", "a", "b", "a", "c", "a", "b") == ["a", "b", "c", "b"]

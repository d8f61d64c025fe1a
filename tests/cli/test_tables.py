import shlex

from aisle.cli.tables import search_notes
from aisle.types import Constraint, SearchResponse, Unfilter

CO = Constraint("brand", 'brand = "Clay\'s"', "clays", 0.824, sure=False)


def notes(**fields: object) -> list[str]:
    return list(search_notes(SearchResponse("q1", "mugg", (), 0, **fields)))  # type: ignore[arg-type]


def test_a_plain_search_needs_no_note() -> None:
    assert notes() == []


def test_words_that_were_left_out_are_named() -> None:
    assert notes(relaxed=("blue", "velvet")) == ["Nothing matches all words; without: blue, velvet"]
    assert notes(relaxed=("*",)) == ["Nothing matches these words; these come nearest in meaning."]


def test_a_filter_in_the_way_is_named() -> None:
    assert notes(unfilters=(Unfilter("price < 1", 'brand = "Roma"', 1200),)) == ["1,200 items without price < 1"]


def test_an_answer_without_an_engine_says_so() -> None:
    [note] = notes(degraded=("lexical only",))
    assert note == "An engine on another machine is away; answered without it: lexical only"


def test_what_was_understood_can_be_copied_into_the_next_call() -> None:
    [note] = notes(constraints=(CO,))
    assert note.startswith('Understood "clays" as brand = "Clay\'s" (preferred, 82% sure)')
    assert shlex.split(note.rpartition(": ")[2]) == ["--without", CO.filter]

"""Spelling: mistakes that people made, and mistakes made in the words of two real shops.

python benchmarks/spelling.py ../shared/datasets [--publish]

People's mistakes: spelling_errors (Birkbeck, Aspell, Holbrook), each word alone, known words: general English and the
correct words of the file. Mistakes in queries: 500, seeded, one each in queries and title words of chorus_icecat and
homedepot_search. Constants were tuned on the first half of both; the second half is reported.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from report import environment, publish, table

from aisle.sources import read_items
from aisle.text import Language, learn_language
from aisle.text.spelling import Speller
from aisle.text.vocabulary import general_english, learn_vocabulary, plain, plain_words
from aisle.types import Item

N_TYPOS = 250
"""For each shop."""
N_CORRECT = 2_000
MIN_TIMES = 3
"""Words that a shop uses less often are not mistyped here: the shop itself may be wrong."""
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
HEARD = (("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ei", "ie"), ("ea", "ee"), ("oo", "u"), ("er", "or"), ("ou", "u"))
HEARD += (("kn", "n"), ("ff", "f"), ("ss", "s"), ("tt", "t"), ("ll", "l"), ("ight", "ite"), ("ar", "er"), ("ai", "ay"))
HEARD += (("tion", "shun"), ("c", "k"), ("s", "z"), ("y", "ie"), ("le", "el"), ("x", "cks"), ("qu", "kw"), ("ge", "j"))


@dataclass(frozen=True, slots=True)
class Typo:
    kind: str
    typed: str
    meant: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A shop with mistyped and correct queries."""

    name: str
    language: Language
    typos: list[Typo]
    correct: list[str]
    queries: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with spelling_errors, chorus_icecat and homedepot_search")
    parser.add_argument("--half", type=int, default=1, help="0: the half that constants are tuned on; 1: the other")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    shops = [icecat(asked.data / "chorus_icecat"), homedepot(asked.data / "homedepot_search")]
    parts = [environment(), people(asked.data / "spelling_errors", asked.half, asked.show)]
    parts += [typed(shops, asked.half, asked.show), unchanged(shops, asked.show), speed(shops)]
    text = "\n\n".join(parts)
    print(text)
    if asked.publish:
        publish("spelling", text)


def icecat(folder: Path) -> Typed:
    items = list(read_items(str(folder / "items.parquet"), {"price_cents": "price"}, reject=print))
    queries = pl.read_parquet(folder / "queries.parquet")["query"].to_list()
    return shop("Icecat", items, queries)


def homedepot(folder: Path) -> Typed:
    items = list(read_items(str(folder / "items.parquet"), {}, reject=print))
    queries = pl.read_parquet(folder / "queries.parquet")["query"].to_list()
    return shop("Home Depot", items, queries)


def shop(name: str, items: Sequence[Item], queries: Sequence[str]) -> Typed:
    """The speller learns from the items alone: the queries are what it is tried on."""
    counts = Counter(word for item in items for word in plain_words(f"{item.title} {item.brand}"))
    english = general_english()

    def known(query: str) -> bool:
        return all(counts[word] >= MIN_TIMES or word in english or not word.isalpha() for word in plain_words(query))

    rng = np.random.default_rng(7)
    correct = [" ".join(query.split()) for query in queries if known(query)]
    phrases = [*correct, *title_phrases(items, counts, rng)]
    typos = list(make_typos(phrases, counts, rng))
    picked = [correct[at] for at in rng.permutation(len(correct))[:N_CORRECT]]
    return Typed(name, learn_language(items), typos, picked, list(queries))


def title_phrases(items: Sequence[Item], counts: Counter[str], rng: np.random.Generator) -> Iterator[str]:
    """One to three neighbouring words of some titles."""
    for at in rng.permutation(len(items))[: 4 * N_TYPOS]:
        words = plain_words(items[at].title)
        start, size = int(rng.integers(len(words))), int(rng.integers(1, 4))
        phrase = words[start : start + size]
        if phrase and all(counts[word] >= MIN_TIMES for word in phrase):
            yield " ".join(phrase)


def make_typos(phrases: Sequence[str], counts: Counter[str], rng: np.random.Generator) -> Iterator[Typo]:
    """Kinds in turn, each in a phrase of its own; a slip that makes another known word is made again elsewhere."""
    english = general_english()
    order = iter(rng.permutation(len(phrases)).tolist())
    made: set[str] = set()
    for number in range(N_TYPOS):
        kind = list(SLIPS)[number % len(SLIPS)]
        for at in order:
            meant = plain(phrases[at])
            slipped = SLIPS[kind](meant, counts, rng)
            words = plain_words(slipped)
            new = [word for word in words if not counts[word] and word not in english]
            if slipped != meant and new and meant not in made:
                made.add(meant)
                yield Typo(kind, slipped, meant)
                break


def in_a_word(slip: Callable[[str, np.random.Generator], str]) -> Callable[..., str]:
    """The slip in one of the longer words of a phrase."""

    def slipped(phrase: str, counts: Counter[str], rng: np.random.Generator) -> str:
        words = phrase.split(" ")
        usable = [
            at for at, word in enumerate(words) if len(word) >= 4 and word.isalpha() and counts[word] >= MIN_TIMES
        ]
        if usable:
            at = int(rng.choice(usable))
            words[at] = slip(words[at], rng)
        return " ".join(words)

    return slipped


def keyboard(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(word)))
    row = next((row for row in KEY_ROWS if word[at] in row), "")
    place = row.find(word[at])
    near = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
    return word[:at] + str(rng.choice(list(near))) + word[at + 1 :] if near else word


def phonetic(word: str, rng: np.random.Generator) -> str:
    heard = [pair for pair in HEARD if pair[0] in word]
    if not heard:
        return word
    sound, written = heard[int(rng.integers(len(heard)))]
    return word.replace(sound, written, 1)


def swap(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(word) - 1))
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def drop(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(word)))
    return word[:at] + word[at + 1 :]


def double(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(word)))
    return word[: at + 1] + word[at:]


def split(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(2, len(word) - 1))
    return f"{word[:at]} {word[at:]}"


def join(phrase: str, counts: Counter[str], rng: np.random.Generator) -> str:
    """A space forgotten between two words of letters."""
    words = phrase.split(" ")
    usable = [
        at
        for at in range(len(words) - 1)
        if all(len(word) > 1 and word.isalpha() and counts[word] >= MIN_TIMES for word in words[at : at + 2])
    ]
    if not usable:
        return phrase
    at = int(rng.choice(usable))
    return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


SLIPS: dict[str, Callable[..., str]] = {
    "keyboard": in_a_word(keyboard),
    "phonetic": in_a_word(phonetic),
    "swap": in_a_word(swap),
    "drop": in_a_word(drop),
    "double": in_a_word(double),
    "split": in_a_word(split),
    "join": join,
}


def people(folder: Path, half: int, show: bool) -> str:
    """Single words, by source."""
    frame = pl.read_parquet(folder / "misspellings.parquet").filter(pl.col("correct") != "?")
    meant = [plain(word) for word in frame["correct"]]
    typed = [plain(word) for word in frame["misspelling"]]
    words = sorted(set(meant))
    speller = Speller.of(learn_vocabulary([Item(str(at), word) for at, word in enumerate(words)]))
    mine = np.random.default_rng(7).permutation(len(meant)) % 2 == half
    rows = []
    for source in ("aspell", "holbrook", "birkbeck"):
        counted: Counter[str] = Counter()
        for at in np.flatnonzero(mine & (frame["source"] == source).to_numpy()).tolist():
            counted[outcome(speller, typed[at], meant[at])] += 1
            if show and counted.total() < 300 and outcome(speller, typed[at], meant[at]) == "other":
                print(source, typed[at], meant[at], speller.correct(typed[at]))
        n = counted.total()
        unknown = n - counted["a word itself"]
        shares = [f"{counted[name] / n:.1%}" for name in ("corrected", "a word itself", "far", "unchanged", "other")]
        rows.append([source, f"{n:,}", *shares, f"{counted['corrected'] / unknown:.1%}"])
    header = ["source", "pairs", "corrected", "a word itself", "too far", "left alone", "another word"]
    head = "Mistakes that people made (bar: 85 % corrected); `too far`: more than two slips, and another sound."
    return f"{head}\n\n{table([*header, 'corrected, of those that are no words'], rows)}"


def outcome(speller: Speller, typed: str, meant: str) -> str:
    corrected = speller.correct(typed)
    if corrected == meant:
        return "corrected"
    if all(speller.knows(word) for word in plain_words(typed)):
        return "a word itself"
    near = {word for word, _ in speller.candidates(typed)} if typed.isalpha() else {meant}
    if meant not in near:
        return "far"
    return "unchanged" if corrected == typed else "other"


def typed(shops: Sequence[Typed], half: int, show: bool) -> str:
    """Queries with one mistake, by kind and shop."""
    kinds = [*SLIPS, "all", "or as another way"]
    rows = []
    for one in shops:
        good: dict[str, list[bool]] = defaultdict(list)
        for typo in one.typos[half::2]:
            read = one.language.read(typo.typed)
            corrected = read.corrected or read.query
            ways = {other for word in read.words for other, _ in word.alternatives}
            for kind in (typo.kind, "all"):
                good[kind].append(corrected == typo.meant)
            missed = set(plain_words(typo.meant)) - set(plain_words(corrected))
            good["or as another way"].append(corrected == typo.meant or (bool(missed) and missed <= ways))
            if show and corrected != typo.meant:
                print(one.name, typo, corrected)
        rows.append([one.name, str(len(good["all"])), *(f"{np.mean(good[kind]):.0%}" for kind in kinds)])
    return f"Queries with one mistake each (bar: 85 % corrected).\n\n{table(['shop', 'queries', *kinds], rows)}"


def unchanged(shops: Sequence[Typed], show: bool) -> str:
    rows = []
    for one in shops:
        changed = [query for query in one.correct if one.language.speller.correct(query) != " ".join(query.split())]
        of_all = [query for query in one.queries if one.language.speller.correct(query) != " ".join(query.split())]
        rows.append(
            [
                one.name,
                f"{len(one.correct):,}",
                f"{len(changed) / len(one.correct):.2%}",
                f"{len(one.queries):,}",
                f"{len(of_all) / len(one.queries):.1%}",
            ]
        )
        if show:
            for query in changed[:40]:
                print("CHANGED", query, "->", one.language.speller.correct(query))
            for query in of_all[:60]:
                print("of all", query, "->", one.language.speller.correct(query))
    header = ["shop", "correct queries", "changed (bar: 1 %)", "all queries, real mistakes among them", "changed"]
    return f"Queries that hold only words of the shop or of English, and all real queries.\n\n{table(header, rows)}"


def speed(shops: Sequence[Typed]) -> str:
    rows = []
    for one in shops:
        language = replace(one.language)  # a copy that remembers nothing
        right = [reading_ms(language, query) for query in one.correct]
        mistaken = [reading_ms(language, typo.typed) for typo in one.typos]
        again = [reading_ms(language, typo.typed) for typo in one.typos]
        rows.append([one.name, *(percentiles(times) for times in (right, mistaken, again))])
    header = ["shop", "correct (bar: 0.3 ms)", "with a mistake", "with a mistake, asked before"]
    return f"Milliseconds to read a query, p50 / p99.\n\n{table(header, rows)}"


def reading_ms(language: Language, query: str) -> float:
    started = time.perf_counter()
    language.read(query)
    return 1e3 * (time.perf_counter() - started)


def percentiles(times: Sequence[float]) -> str:
    return f"{np.percentile(times, 50):.3f} / {np.percentile(times, 99):.3f}"


if __name__ == "__main__":
    main()

"""What was meant, where a word of the query is none."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from aisle.text.near_words import MAX_SLIPS, NearWords
from aisle.text.normalise import has_chinese, normalise
from aisle.text.slips import slip_cost
from aisle.text.vocabulary import WORD, Vocabulary, plain

MIN_LENGTH = 3
"""Shorter words are abbreviations, sizes, model names: they stay."""
ALONE_LENGTH = 4
"""Shorter words are replaced only by one that is known to stand beside a neighbour."""
TWO_SLIPS_LENGTH = 5
"""In shorter words one slip at most is looked for, or too many words would be near."""
MAX_NEAR = 300
"""Words that are looked at when more are near, the most frequent ones: only short words have so many."""
MAX_COMPARED = 10
"""Candidates that are compared letter by letter: the best at first sight."""
MAX_WORDS = 30
"""A pasted page of text is no query: longer ones are left alone."""
FIRST_SIGHT = 0.7
"""What an edit costs on average, in units of one letter replaced by any other."""
CHEAPEST, EACH_MORE = 0.4, 0.3
"""What an edit costs at least, and each further one, in the same units."""
COST = 6.0
"""Nats that replacing one letter by any other costs."""
SLIP = 2.5
"""Nats by which any slip is less likely than none."""
SAME_SOUND = 1.2
"""Nats in favour of words that sound the same."""
BESIDE = 0.8
"""Nats in favour of a word for each e-fold of times that it stood beside its neighbours."""
MAX_BESIDE = 6.0
"""Candidates that are further behind the best are not saved by their neighbours."""
STRANGE = -18.5
STRANGE_LETTER = -0.7
"""Log probability of a word that nobody knows (a name, a model, a language), and of each letter of it."""
ENGLISH_STAYS = 8.0
RARE_STAYS = 6.0
"""Nats in favour of leaving words as they are: English ones, and those that the shop seldom uses."""
SPACE = 4.0
"""Nats that a forgotten space or one too many costs."""
UNSEEN_PAIR = 2.0
"""Nats more for a forgotten space between words that never stood side by side."""
_PIECE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a stretch of the query may mean, and the log probability of it."""

    text: str
    score: float


@dataclass(frozen=True)
class Speller:
    """Correction by a noisy channel, P(word) P(typed | word), with the words of the shop.

    Source: Kernighan, Church and Gale 1990, "A Spelling Correction Program Based on a Noisy Channel Model".
    """

    vocabulary: Vocabulary
    near: NearWords

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "Speller":
        """A speller that knows the words of `vocabulary`."""
        usable = [place for place, word in enumerate(vocabulary.words) if len(word) >= MIN_LENGTH and word.isalpha()]
        return cls(vocabulary, NearWords.of([vocabulary.words[place] for place in usable], usable))

    def correct(self, query: str) -> str:
        """The query with its mistyped words replaced, in normal form; the same when there are none.

        Words with digits, very short words and words that are known stay as they are.

        >>> from aisle.text.vocabulary import learn_vocabulary
        >>> from aisle.types import Item
        >>> speller = Speller.of(learn_vocabulary([Item("a", "Wireless headphones")], english={}))
        >>> speller.correct("wireles headfones TN-2110")
        'wireless headphones TN-2110'
        """
        query = normalise(query)
        pieces = query.split(" ")
        if len(pieces) > MAX_WORDS or all(map(self._stays, pieces)):
            return query
        done: list[str] = []
        at = 0
        while at < len(pieces):
            before = _last_word(done)
            following = pieces[at + 1] if at + 1 < len(pieces) else ""
            joined = self._joined(pieces[at], following, before) if following else ""
            done.append(joined or self._mended(pieces[at], before, plain(following)))
            at += 2 if joined else 1
        return " ".join(done)

    def knows(self, word: str) -> bool:
        """Whether `word`, in plain form, is the shop's or English."""
        return word in self.vocabulary.places

    def _stays(self, piece: str) -> bool:
        """True for what is certainly as it should be."""
        return all(self._firm(word) for word in WORD.findall(plain(piece))) and not self._lone(piece)

    def _lone(self, piece: str) -> bool:
        return len(piece) <= 2 and piece.isalpha() and not has_chinese(piece)

    def _firm(self, word: str) -> bool:
        place = self.vocabulary.places.get(word)
        return not word.isalpha() or (place is not None and bool(self.vocabulary.firm[place]))

    def _mended(self, piece: str, before: str, after: str) -> str:
        """One piece between spaces, its words replaced where something else is likelier."""
        if any(letter.isdigit() for letter in piece):
            return piece
        words = list(WORD.finditer(piece))
        for found in reversed(words):
            word = plain(found.group())
            if len(word) < MIN_LENGTH or self._firm(word):
                continue
            alone = len(words) == 1
            meant = self._best(word, before if alone else "", after if alone else "").text
            if meant != word:
                piece = piece[: found.start()] + meant + piece[found.end() :]
        return piece

    def _best(self, word: str, before: str, after: str) -> _Reading:
        """The likeliest reading of one word beside its neighbours."""
        stay = self._staying(word)
        readings = [_Reading(word, stay + self._beside(before, word, after)), *self._split(word)]
        for near, score in self.candidates(word, MAX_BESIDE if before or after else 0.0):
            beside = self._beside(before, near, after)
            if beside > 0 or len(word) >= ALONE_LENGTH:
                readings.append(_Reading(near, score + beside))
        return max(readings, key=lambda reading: reading.score)

    def _staying(self, word: str) -> float:
        """Log probability that the word was meant as it stands."""
        place = self.vocabulary.places.get(word)
        strange = STRANGE + STRANGE_LETTER * len(word)
        if place is None:
            return strange
        likes = ENGLISH_STAYS if self.vocabulary.english[place] > 0 else RARE_STAYS
        return max(strange, float(self.vocabulary.log_shares[place]) + likes)

    def _beside(self, before: str, word: str, after: str) -> float:
        pair = self.vocabulary.pair
        times = (pair(before, word) if before else 0) + (pair(word, after) if after else 0)
        return BESIDE * log1p(times)

    def candidates(self, word: str, reach: float = MAX_BESIDE) -> Sequence[tuple[str, float]]:
        """Known words near to `word`, in plain form, each with its log probability, in no order.

        Those that are certainly more than `reach` nats behind the best are left out.
        """
        return _candidates(self, word, reach)

    def _split(self, word: str) -> list[_Reading]:
        """The two words that `word` may be made of, where a space was forgotten."""
        if self.knows(word):
            return []
        vocabulary = self.vocabulary
        readings = []
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if vocabulary.sold(left) and vocabulary.sold(right):
                score = self._log_share(left) + self._log_share(right) - SPACE
                times = vocabulary.pair(left, right)
                readings.append(_Reading(f"{left} {right}", score + (BESIDE * log1p(times) if times else -UNSEEN_PAIR)))
        return readings

    def _joined(self, piece: str, following: str, before: str) -> str:
        """The word that two pieces make where a space was too many; empty when they do not."""
        left, right = plain(piece), plain(following)
        whole = left + right
        if not whole.isalpha() or len(whole) < MIN_LENGTH or not self.vocabulary.sold(whole):
            return ""
        if self._right(left) and self._right(right):
            return ""
        apart = self._best(left, before, right).score + self._best(right, left, "").score
        return whole if self._log_share(whole) - SPACE > apart else ""

    def _right(self, word: str) -> bool:
        return len(word) > 2 and self.knows(word)

    def _log_share(self, word: str) -> float:
        return float(self.vocabulary.log_shares[self.vocabulary.places[word]])


def _candidates(speller: Speller, word: str, reach: float) -> list[tuple[str, float]]:
    vocabulary = speller.vocabulary
    slips = MAX_SLIPS if len(word) >= TWO_SLIPS_LENGTH else 1
    places, same_sound = speller.near.find(word, slips)
    if not len(places):
        return []
    if len(places) > MAX_NEAR:
        heard = np.float32(COST) * same_sound
        chosen = np.argpartition(-(vocabulary.log_shares[places] + heard), MAX_NEAR)[:MAX_NEAR]
        places, same_sound = places[chosen], same_sound[chosen]
    words = [vocabulary.words[place] for place in places.tolist()]
    edits = cdist([word], words, scorer=OSA.distance, dtype=np.uint8)[0].astype(np.float32)
    known = vocabulary.log_shares[places] + np.float32(SAME_SOUND) * same_sound - np.float32(SLIP)
    if slips == 1:
        known[(edits > 1) & ~same_sound] = -np.inf
    likely = known - np.float32(COST * FIRST_SIGHT) * edits
    hopeful = known - np.float32(COST) * (np.float32(CHEAPEST - EACH_MORE) + np.float32(EACH_MORE) * edits)
    found: list[tuple[str, float]] = []
    best = -math.inf
    for at in np.argsort(-likely)[:MAX_COMPARED].tolist():
        if hopeful[at] >= best - reach and hopeful[at] > -np.inf:
            score = float(known[at]) - COST * slip_cost(word, words[at])
            found.append((words[at], score))
            best = max(best, score)
    return found


def _last_word(pieces: Sequence[str]) -> str:
    return plain(pieces[-1]) if pieces else ""

"""What models learn from, and what they are asked: one log cut in four ways, as papers and shops do it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.recommenders.protocol import NOTHING, History, Holdout, Interactions
from aisle.types import Rows

Seen = Literal["mask", "keep"]
"""Whether items of a history may be proposed again: "mask" leaves them out, "keep" leaves them in."""
SHARE = 0.1
"""Of the events, users or time: the part kept for validation, and for the test where the log itself is cut."""


@dataclass(frozen=True, slots=True)
class Split:
    """A log, cut into what is learned from, what choices are made on, and what is reported."""

    train: Interactions
    """What models learn from while hyper-parameters are chosen."""
    validation: Holdout
    """What hyper-parameters and weights are chosen on."""
    test: Holdout
    """What is reported. Nothing is chosen on it."""
    test_users: NDArray[np.int64]
    """(len(test),) int64: who each question of the test is about. A session asks several."""
    full: Interactions
    """`train` and what validation was made of, without anything of the test."""
    refits: bool = False
    """Whether tested models learn from `full`: where a test is given, whose training part validation is cut from."""
    protocol: Mapping[str, object] = field(default_factory=dict)
    """What was done, for the report."""


def leave_one_out(log: Interactions, *, seen: Seen = "mask") -> Split:
    """Each user's last item is the test, the last but one validation, the rest is learned from.

    The history of the test includes the item of validation. Only likes are asked for, and where seen items are
    masked in a log of several kinds of events only the first of each item; users with fewer than three are only
    learned from. Equal times keep the order of the log.

    As in Kang and McAuley, SASRec, ICDM 2018. Raises InputError when no user has three likes.
    """
    by_user = _ByUser.of(log)
    asked, last, before = by_user.last_two(3, seen)
    if not len(asked):
        raise _too_few("a user with three events or more", log)
    cut = by_user.ends.copy()
    cut[asked] = before
    kept = by_user.head(cut)
    test_kept = by_user.ends.copy()
    test_kept[asked] = last
    return Split(
        train=_part(log, kept),
        validation=by_user.holdout(asked, before, before, before + 1, seen),
        test=by_user.holdout(asked, last, last, last + 1, seen),
        test_users=asked,
        full=_part(log, by_user.head(test_kept)),
        protocol={"name": "leave-one-out", "seen": seen},
    )


def time_split(log: Interactions, *, share: float = SHARE, seen: Seen = "mask") -> Split:
    """The last `share` of the events by time is the test, as much before it validation, the rest is learned from.

    Asked are the users who liked something in the window and did something before it; relevant is all
    that they liked in it, and the history is all that came before it. Events of one moment are never parted.

    Raises InputError when all events are of one moment, or when nobody is in a window who was there before.
    """
    borders = np.quantile(log.times, [1 - 2 * share, 1 - share]) if len(log) else np.zeros(2)
    learned = log.times <= borders[0]
    before_test = log.times <= borders[1]
    validation, _ = _window(log, learned, before_test & ~learned, seen)
    test, users = _window(log, before_test, ~before_test, seen)
    if not (len(validation) and len(test)):
        raise _too_few("users with events both before and within the last tenths of the time", log)
    return Split(
        train=_part(log, learned),
        validation=validation,
        test=test,
        test_users=users,
        full=_part(log, before_test),
        protocol={"name": "time-split", "seen": seen, "share": share},
    )


def given_test(log: Interactions, test: Interactions, *, seen: Seen | None = None, seed: int = 0) -> Split:
    """A test that somebody else has cut: `log` is its training part, `test` has the same users and rows.

    Users known from the log are asked once, with all they did as history and all that they like in
    the test as relevant (seen items masked). Users that the log never saw are sessions: each of
    their events from the second on is predicted from those before it (seen items kept, for
    sessions return to items), as in Wu et al., SR-GNN, AAAI 2019.

    Validation is cut out of the log in the same manner: a random tenth of each known user's likes,
    or the last tenth of the log's users by their first event where most of the test are sessions.
    Tested models learn from the whole log. Raises InputError for an empty log or test.
    """
    if not len(log):
        raise _too_few("events to learn from", log)
    known = np.bincount(log.users, minlength=log.n_users) > 0
    are_known = known[test.users]
    asked, users = _known_test(log, _part(test, are_known), seen or "mask")
    sessions, session_users = _sessions(_part(test, ~are_known), seen or "keep")
    if not len(asked) + len(sessions):
        raise InputError(
            "the test asks nothing: none of its users is known from the events, and none has two events of their own; "
            "give a test whose user ids are those of the shop, or sessions of two events or more"
        )
    as_sessions = len(sessions) > len(asked)
    kept = _first_users(log, SHARE) if as_sessions else _random_rest(log, SHARE, seed)
    rest, train = _part(log, ~kept), _part(log, kept)
    validation, _ = _sessions(rest, seen or "keep") if as_sessions else _known_test(train, rest, seen or "mask")
    if not len(validation):
        raise _too_few("enough events to keep a tenth of them for validation", log)
    return Split(
        train=train,
        validation=validation,
        test=_joined(asked, sessions),
        test_users=np.concatenate([users, session_users]),
        full=log,
        refits=True,
        protocol={
            "name": "given-test",
            "seen": seen or ("keep" if as_sessions else "mask"),
            "n_known_users": len(users),
            "n_sessions": len(np.unique(session_users)),
            "validation": "last sessions" if as_sessions else "random items",
        },
    )


def cross_validation(log: Interactions, *, folds: int = 5, seen: Seen = "mask", seed: int = 0) -> list[Split]:
    """`folds` splits: a fold's users are asked for their last like, by models that never saw any of theirs.

    Validation is another tenth of the users, asked in the same way. Users with fewer than two likes
    are only learned from. Raises InputError for fewer than two folds, and for fewer users than folds.
    """
    by_user = _ByUser.of(log)
    asked, last, _ = by_user.last_two(2, seen)
    if folds < 2:
        raise InputError(f"folds={folds}; cross-validation needs two or more")
    if len(asked) < 2 * folds:
        raise _too_few(f"{2 * folds} users with two events or more for {folds} folds", log)
    fold_of = np.random.default_rng(seed).permutation(len(asked)) % folds
    return [_fold(by_user, log, asked, last, fold_of, fold, seen) for fold in range(folds)]


def thin(holdout: Holdout, most: int, seed: int = 0) -> Holdout:
    """At most `most` questions of `holdout`, a random sample in their order."""
    if len(holdout) <= most:
        return holdout
    chosen = np.sort(np.random.default_rng(seed).choice(len(holdout), most, replace=False))
    return Holdout(
        [holdout.histories[at] for at in chosen],
        [holdout.relevant[at] for at in chosen],
        [holdout.excluded[at] for at in chosen],
    )


@dataclass(frozen=True, slots=True)
class _ByUser:
    """The events of a log, user after user, each in the order of time."""

    order: NDArray[np.int64]
    """Where each event lies in the log."""
    rows: Rows
    weights: NDArray[np.float32]
    users: NDArray[np.int64]
    kinds: NDArray[np.int8] | None
    starts: NDArray[np.int64]
    """(n_users,) int64: the place of each user's first event."""
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, log: Interactions) -> "_ByUser":
        order = np.argsort(log.users, kind="stable")
        ends = np.cumsum(np.bincount(log.users, minlength=log.n_users)).astype(np.int64)
        starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
        kinds = None if log.kinds is None else log.kinds[order]
        return cls(order, log.rows[order], log.weights[order], log.users[order], kinds, starts, ends)

    def last_two(self, least: int, seen: Seen) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The users with `least` likes or more, and the places of the last and the last but one of each.

        Where seen items are masked and there are several kinds of events, only the first like of an item counts: to
        view, take and buy it is one choice, and nobody could foresee what must not be proposed. With one kind
        all count, as papers have it: to come back to a masked item is a miss.
        """
        likes = np.flatnonzero(self.weights > 0)
        if seen == "mask" and self.kinds is not None and len(np.unique(self.kinds[likes])) > 1:
            pairs = self.users[likes] * (self.rows.max() + 1) + self.rows[likes]
            likes = likes[np.sort(np.unique(pairs, return_index=True)[1])]
        n_likes = np.bincount(self.users[likes], minlength=len(self.ends))
        asked = np.flatnonzero(n_likes >= least)
        ends = np.cumsum(n_likes)[asked]
        return asked, likes[ends - 1], likes[ends - 2]

    def head(self, cut: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(len(log),) bool: the events of the log that stand before their user's place in `cut`."""
        kept = np.empty(len(self.order), np.bool_)
        kept[self.order] = np.arange(len(self.order)) < cut[self.users]
        return kept

    def history(self, start: int, end: int) -> History:
        """What stands from the place `start` to before `end`."""
        kinds = None if self.kinds is None else self.kinds[start:end]
        return History(self.rows[start:end], self.weights[start:end], kinds)

    def holdout(
        self,
        users: NDArray[np.int64],
        until: NDArray[np.int64],
        first: NDArray[np.int64],
        end: NDArray[np.int64],
        seen: Seen,
    ) -> Holdout:
        """Each user's history before the place `until`, and the likes from `first` to before `end`."""
        histories, relevant = [], []
        for start, stop, begin, finish in zip(self.starts[users], until, first, end, strict=True):
            histories.append(self.history(start, stop))
            rows, weights = self.rows[begin:finish], self.weights[begin:finish]
            relevant.append(rows if len(rows) == 1 else np.unique(rows[weights > 0]))
        return Holdout(histories, relevant, _excluded(histories, seen))


def _window(
    log: Interactions, before: NDArray[np.bool_], within: NDArray[np.bool_], seen: Seen
) -> tuple[Holdout, NDArray[np.int64]]:
    """What users like `within` a window, asked with what they did `before`; and who they are."""
    return _known_test(_part(log, before), _part(log, within), seen)


def _known_test(log: Interactions, test: Interactions, seen: Seen) -> tuple[Holdout, NDArray[np.int64]]:
    """All that users of `log` like in `test`, asked at once; and who they are."""
    liked = _part(test, test.weights > 0)
    history, asked = _ByUser.of(log), _ByUser.of(liked)
    users = np.flatnonzero((history.ends > history.starts) & (asked.ends > asked.starts))
    histories = [
        history.history(start, end) for start, end in zip(history.starts[users], history.ends[users], strict=True)
    ]
    relevant = [
        np.unique(asked.rows[start:end]) for start, end in zip(asked.starts[users], asked.ends[users], strict=True)
    ]
    return Holdout(histories, relevant, _excluded(histories, seen)), users


def _sessions(test: Interactions, seen: Seen) -> tuple[Holdout, NDArray[np.int64]]:
    """Each like from a session's second event on, asked with the events before it; and whose it is."""
    by_user = _ByUser.of(test)
    places = np.arange(len(by_user.rows))
    asked = places[(places > by_user.starts[by_user.users]) & (by_user.weights > 0)]
    users = by_user.users[asked]
    return by_user.holdout(users, asked, asked, asked + 1, seen), users


def _first_users(log: Interactions, share: float) -> NDArray[np.bool_]:
    """(len(log),) bool: the events of all users but the last `share` by the time of their first event."""
    users, first = np.unique(log.users, return_index=True)
    late = users[np.argsort(first, kind="stable")[len(users) - math.ceil(share * len(users)) :]]
    return np.isin(log.users, late, invert=True)


def _random_rest(log: Interactions, share: float, seed: int) -> NDArray[np.bool_]:
    """(len(log),) bool: all but a random `share` of each user's likes; at least one of two likes stays."""
    by_user = _ByUser.of(log)
    rng = np.random.default_rng(seed)
    liked = by_user.weights > 0
    # the lowest keys of each user's likes go; the fraction of an item is drawn by chance
    keys = np.where(liked, rng.random(len(log)), np.inf)
    shuffled = np.lexsort((keys, by_user.users))
    n_likes = np.bincount(by_user.users[liked], minlength=log.n_users)
    n_out = np.floor(share * n_likes + rng.random(log.n_users)).astype(np.int64)
    n_out = np.minimum(n_out, np.maximum(n_likes - 1, 0))
    place = np.arange(len(log)) - by_user.starts[by_user.users]
    kept = np.empty(len(log), np.bool_)
    kept[by_user.order[shuffled]] = place >= n_out[by_user.users]
    return kept


def _fold(
    by_user: _ByUser,
    log: Interactions,
    asked: NDArray[np.int64],
    last: NDArray[np.int64],
    fold_of: NDArray[np.int64],
    fold: int,
    seen: Seen,
) -> Split:
    tested = np.flatnonzero(fold_of == fold)
    others = np.flatnonzero(fold_of != fold)
    validated = others[:: math.ceil(1 / SHARE)]
    full = np.isin(log.users, asked[tested], invert=True)
    return Split(
        train=_part(log, full & np.isin(log.users, asked[validated], invert=True)),
        validation=by_user.holdout(asked[validated], last[validated], last[validated], last[validated] + 1, seen),
        test=by_user.holdout(asked[tested], last[tested], last[tested], last[tested] + 1, seen),
        test_users=asked[tested],
        full=_part(log, full),
        protocol={"name": "cross-validation", "seen": seen, "folds": int(fold_of.max()) + 1, "fold": fold + 1},
    )


def _part(log: Interactions, kept: NDArray[np.bool_]) -> Interactions:
    kinds = None if log.kinds is None else log.kinds[kept]
    return Interactions(
        log.users[kept], log.rows[kept], log.weights[kept], log.times[kept], log.n_users, log.n_items, kinds
    )


def _joined(one: Holdout, other: Holdout) -> Holdout:
    return Holdout(
        [*one.histories, *other.histories], [*one.relevant, *other.relevant], [*one.excluded, *other.excluded]
    )


def _excluded(histories: Sequence[History], seen: Seen) -> list[Rows]:
    return [history.rows for history in histories] if seen == "mask" else [NOTHING] * len(histories)


def _too_few(needed: str, log: Interactions) -> InputError:
    n_users = len(np.unique(log.users))
    return InputError(f"{len(log):,} events of {n_users:,} users; this protocol needs {needed}; ingest more events")

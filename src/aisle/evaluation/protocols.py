"""The ways to evaluate, by name, and what each is usually evaluated with."""

from collections.abc import Sequence
from typing import Literal, get_args

from aisle.errors import InputError, nearest
from aisle.evaluation.logs import Log
from aisle.evaluation.splits import Seen, Split, cross_validation, given_test, leave_one_out, time_split
from aisle.recommenders.models import Task, usual_models

Protocol = Literal["leave-one-out", "time-split", "given-test", "cross-validation"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
SEEN: tuple[Seen, ...] = get_args(Seen)


def check_protocol(protocol: str, test: str | None, seen: str | None) -> None:
    """Raise InputError for an unknown protocol or treatment of seen items, and for a test too few or too many."""
    if protocol not in PROTOCOLS:
        raise InputError(f"there is no protocol {protocol!r}; {nearest(protocol, PROTOCOLS)}")
    if seen is not None and seen not in SEEN:
        raise InputError(f"seen={seen!r}; expected mask (never propose what a history holds) or keep")
    if protocol == "given-test" and not test:
        raise InputError("the protocol given-test needs a test: name its file, as in --test FILE")
    if protocol != "given-test" and test:
        raise InputError(f"a test file was given, but {protocol} cuts its own; use the protocol given-test")


def make_splits(
    protocol: Protocol, log: Log, *, seen: Seen | None = None, seed: int = 0, folds: int = 5
) -> list[Split]:
    """The splits of a log by that protocol: one, or one a fold. Raises InputError as the protocols do.

    `seen` None is the protocol's own: seen items are masked, but for the sessions of a given test.
    """
    events = log.events
    match protocol:
        case "leave-one-out":
            return [leave_one_out(events, seen=seen or "mask")]
        case "time-split":
            return [time_split(events, seen=seen or "mask")]
        case "cross-validation":
            return cross_validation(events, folds=folds, seen=seen or "mask", seed=seed)
        case "given-test":
            if log.test is None:
                raise InputError("the protocol given-test needs a log with a test")
            return [given_test(events, log.test, seen=seen, seed=seed)]


def usual_names(split: Split, log: Log) -> tuple[str, ...]:
    """The models to look at where nobody names any.

    A test that asks for many items at once, of a log whose times do not compare, asks what else
    belongs to a history; every other asks what comes next.
    """
    tasks: Sequence[Task] = ("next",)
    if split.protocol.get("validation") == "random items":
        tasks = ("rest", "next") if log.has_clock else ("rest",)
    names = [name for task in tasks for name in usual_models(task, split.train.n_items)]
    return tuple(dict.fromkeys(names))


def usual_measure(split: Split) -> str:
    """What is chosen by: NDCG@10, or NDCG@20 where a test is given, as their papers report."""
    return "NDCG@20" if split.protocol.get("name") == "given-test" else "NDCG@10"

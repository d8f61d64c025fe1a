"""From what a user did to the kind of their next act."""

from collections.abc import Mapping, Sequence

from aisle.recommenders import history_of
from aisle.releases import Release
from aisle.types import EVENT_KINDS, Event, EventKind


def next_act(release: Release, events: Sequence[Event]) -> Mapping[EventKind, float]:
    """How likely each kind of act comes next after `events`, which come newest first: the likeliest first, sums 1.

    Without events these are the shares of the kinds in the whole log. Kinds that never came are left out, and so
    are those that say nothing of taste (weight 0 in `recommend.kinds`). Empty where the release knows of no acts.
    """
    model = release.shelves.next_kind
    if model is None:
        return {}
    history = history_of(events, release.catalogue.rows, release.settings.recommend)
    shares = zip(EVENT_KINDS, model.shares([history])[0].tolist(), strict=True)
    return {kind: round(share, 6) for kind, share in sorted(shares, key=lambda one: -one[1]) if share > 0}

"""From one item to what goes into the basket with it."""

from time import perf_counter

import numpy as np

from aisle.pipelines.similar import without_variants
from aisle.pipelines.slate import DEPTH, for_sale, make_shelf
from aisle.releases import Release
from aisle.types import Reason, Shelf, no_candidates


def bought_together(release: Release, item_id: str, k: int) -> Shelf:
    """The shelf "bought_together" of an item, by the rules of past baskets, the surest first.

    A hit's score is the rule's confidence: the share of the baskets with `item_id` that held the hit too. Variants
    of the item, deleted and sold-out items are left out. Empty where no rule is sure enough: nothing fills it up.
    Raises NotFoundError for an unknown item.
    """
    started = perf_counter()
    row, rules = release.row(item_id), release.shelves.associations
    proposed = rules.similar(np.array([row]), k * DEPTH)[0] if rules else no_candidates("associations")
    found = for_sale(release, without_variants(release, proposed, row), k)
    return make_shelf(release, "bought_together", found, lambda _: (Reason("bought_together", item_id),), started)

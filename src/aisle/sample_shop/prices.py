"""Believable prices: dearer brands ask more, and every price ends the way prices end."""

import math


def price_of(level: float, factor: float, prices: tuple[float, float]) -> float:
    """The price in euro of a thing at `level` (0 cheapest, 1 dearest) of its leaf, times `factor`.

    Levels are even steps of the logarithm; the result stays within `prices` and has a charm ending.

    >>> price_of(0.5, 1.0, (10.0, 40.0)), price_of(0.5, 1.0, (100.0, 625.0))
    (19.95, 249.0)
    """
    low, high = prices
    amount = min(max(low * (high / low) ** level * factor, low), high)
    endings = [ending for ending in _endings(amount) if low <= ending <= high]
    return min(endings, key=lambda ending: abs(ending - amount))


def _endings(amount: float) -> list[float]:
    """Charm prices around `amount`, in ascending order."""
    if amount < 100:
        cents = (0.49, 0.99) if amount < 20 else (0.90, 0.95)
        return [round(whole + part, 2) for whole in range(math.floor(amount) - 1, 101) for part in cents][:6]
    step = 10 if amount < 1000 else 50
    below = math.floor(amount / step) * step
    return [float(below - 1), float(below + step - 1), float(below + 2 * step - 1)]

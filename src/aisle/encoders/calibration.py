"""How sure is a classifier, and when is it not sure enough to answer: numpy alone, for serving too."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.types import Vectors

Classes = NDArray[np.int64]
TEMPERATURES = np.geomspace(0.25, 8.0, 101)


@dataclass(frozen=True, slots=True)
class Trust:
    """How logits become an answer."""

    temperature: float = 1.0
    """Logits are divided by it."""
    least_energy: float | None = None
    """Texts of a lower energy are out of scope; None: none is."""

    def inside(self, logits: Vectors) -> NDArray[np.bool_]:
        """(n,) whether each text of `logits`, (n, n_classes), is in scope."""
        return np.full(len(logits), True) if self.least_energy is None else energies(logits) >= self.least_energy


def probabilities(logits: Vectors, temperature: float = 1.0) -> Vectors:
    """(n, n_classes) softmax of the logits divided by `temperature`.

    >>> probabilities(np.array([[0.0, 0.0]], np.float32)).tolist()
    [[0.5, 0.5]]
    """
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def energies(logits: Vectors) -> NDArray[np.float32]:
    """(n,) log of the sum of the exponentials of (n, n_classes) logits: high where any class is likely.

    Unlike a probability it does not forget how high the logits are: Liu et al. 2020, "Energy-based Out-of-distribution
    Detection", with the sign turned.

    >>> energies(np.array([[0.0, 0.0], [5.0, 5.0]], np.float32)).round(3).tolist()
    [0.6930000185966492, 5.692999839782715]
    """
    highest = logits.max(axis=1)
    return np.asarray(highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1)), np.float32)


def fit_temperature(logits: Vectors, classes: Classes) -> float:
    """The temperature of the least negative log-likelihood on validation (Guo et al. 2017), of 101 from 1/4 to 8."""
    chosen = np.arange(len(classes))
    losses = [
        -np.log(np.maximum(probabilities(logits, temperature)[chosen, classes], 1e-12)).mean()
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def fit_threshold(sure: Vectors, right: NDArray[np.bool_], strange: Vectors, share: float) -> float:
    """The least `sure` to answer by: the one that is right most often when `share` of the texts is out of scope.

    `sure` (n,) says how much texts in scope look like it and `right` whether their likeliest class is the true one;
    `strange` (m,) says the same of texts out of scope. Of equal thresholds the lowest.
    """
    candidates = np.unique(np.concatenate([sure, strange])).astype(np.float64)
    best, best_value = float(candidates[0]), -1.0
    for threshold in candidates.tolist():
        value = (1 - share) * float((right & (sure >= threshold)).mean()) + share * float((strange < threshold).mean())
        if value > best_value + 1e-12:
            best, best_value = threshold, value
    return best


def macro_f1(predicted: Classes, classes: Classes) -> float:
    """Mean F1 of every class that is true or predicted anywhere (van Rijsbergen 1979); 0 for a class never right.

    >>> macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1]))
    0.6666666666666666
    """
    values = []
    for one in np.union1d(predicted, classes).tolist():
        right = float(((predicted == one) & (classes == one)).sum())
        values.append(2 * right / float((predicted == one).sum() + (classes == one).sum()))
    return float(np.mean(values)) if values else 0.0

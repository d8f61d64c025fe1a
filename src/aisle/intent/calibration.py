"""How far a confidence can be trusted: measured, mended, and turned into a threshold."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
NEVER = 2.0
"""A threshold that no confidence reaches."""
MIN_READINGS = 20
"""Fewer held-out readings above a threshold prove nothing."""


def calibration_error(confidence: ArrayLike, right: ArrayLike, n_bins: int = 10) -> float:
    """Expected calibration error: mean over bins of |confidence - share that is right|, weighted by size.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning". 0 without values.

    >>> calibration_error([0.9, 0.9], [1, 0])
    0.4
    """
    values, truth = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(values):
        return 0.0
    bins = np.minimum((values * n_bins).astype(int), n_bins - 1)
    gaps = [abs(float((values[bins == one] - truth[bins == one]).sum())) for one in np.unique(bins)]
    return round(sum(gaps) / len(values), 6)


def fit_logistic(features: Floats, right: Floats, prior: Sequence[float], strength: float = 1.0) -> Floats:
    """(n_features,) weights of a logistic regression, drawn towards `prior` as by a Gaussian of precision `strength`.

    `features` is (n, n_features), `right` (n,) between 0 and 1. Without rows the answer is `prior`.
    """
    start = np.asarray(prior, np.float64)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = features @ weights
        away = weights - start
        value = np.logaddexp(0, logits).sum() - (right * logits).sum() + 0.5 * strength * away @ away
        return float(value), features.T @ (sigmoid(logits) - right) + strength * away

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x, np.float64)


def fit_softmax(
    features: NDArray[np.float32], shares: NDArray[np.float32], ridge: float, start: Floats, n_steps: int
) -> Floats:
    """(n_features, n_classes) weights of a multinomial logistic regression with soft labels.

    `features` is (n, n_features); `shares` is (n, n_classes), a row's sum is its weight. `start` is
    where the search begins; few steps of L-BFGS are enough, since only the order of classes and a
    temperature that is fitted later depend on it.
    """
    shape = (features.shape[1], shares.shape[1])
    totals = shares.sum(axis=1, keepdims=True)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        logits = features @ weights.astype(np.float32)
        logits -= logits.max(axis=1, keepdims=True)
        exponents = np.exp(logits)
        sums = exponents.sum(axis=1, keepdims=True)
        value = float((totals * np.log(sums)).sum(dtype=np.float64) - (shares * logits).sum(dtype=np.float64))
        slope = features.T @ (totals * exponents / sums - shares)
        return value + 0.5 * ridge * float(flat @ flat), slope.astype(np.float64).ravel() + ridge * flat

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": n_steps})
    return np.asarray(found.x, np.float64).reshape(shape)


def lowest_sure(confidence: Floats, kept: Floats, precision: float) -> float:
    """The lowest confidence from which on filtering keeps `precision` of what is relevant.

    `kept` is (n,) the share of relevant items that each reading's filter keeps. The mean over all
    readings at or above the threshold has to reach `precision`, for at least 20 of them, and so it
    must for half of them that have the lowest confidence, so that no doubtful ones hide behind
    good ones. NEVER when there is no such confidence.
    """
    order = np.argsort(-confidence, kind="stable")
    values, shares = confidence[order], kept[order]
    means = np.cumsum(shares) / np.arange(1, len(shares) + 1)
    last = np.append(values[:-1] > values[1:], True) if len(values) else np.zeros(0, bool)
    for place in np.flatnonzero(last & (means >= precision))[::-1]:
        n = int(place) + 1
        if n >= MIN_READINGS and shares[n // 2 : n].mean() >= precision:
            return float(values[place])
    return NEVER


def sigmoid(logits: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), np.float64)

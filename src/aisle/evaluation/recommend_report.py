"""What came of an evaluation of recommendations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aisle.evaluation.significance import Comparison


@dataclass(frozen=True, slots=True)
class RecommendReport:
    """How good models are at foreseeing what users chose."""

    n_users: int
    n_questions: int
    """As many as users, but for sessions, which ask one an event."""
    models: Mapping[str, Mapping[str, float]]
    """By model and measure, means over the questions; coverage, Gini, novelty and diversity are of all lists."""
    intervals: Mapping[str, Mapping[str, tuple[float, float]]]
    """95 % bootstrap interval of each mean, over users."""
    fit_s: Mapping[str, float]
    """Seconds to learn once with the settings chosen; of the blend, to fit its weights."""
    latency_ms: Mapping[str, Mapping[str, float]]
    """"p50" and "p99" of one recommendation of ten items."""
    chosen: Mapping[str, Any]
    """By model the hyper-parameters, the measure on validation and the trials; of the blend its weights."""
    comparisons: Mapping[str, Comparison]
    """By model: the blend (without one: the model best on validation) against it, in the measure of the choice."""
    protocol: Mapping[str, object]
    """What was done, and how many users, items and events it was done with."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """By model, why it is not there."""
    refitted: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """As `models`, learned anew from training and validation together; where that was asked for."""

    def to_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        report: dict[str, Any] = {
            "n_users": self.n_users,
            "n_questions": self.n_questions,
            "models": {name: _rounded(values) for name, values in self.models.items()},
            "fit_s": {name: round(seconds, 3) for name, seconds in self.fit_s.items()},
            "latency_ms": {name: dict(times) for name, times in self.latency_ms.items()},
            "intervals": {
                name: {key: [round(low, 5), round(high, 5)] for key, (low, high) in of.items()}
                for name, of in self.intervals.items()
            },
            "chosen": dict(self.chosen),
            "comparisons": {name: _compared(one) for name, one in self.comparisons.items()},
            "protocol": dict(self.protocol),
            "skipped": dict(self.skipped),
        }
        return report | (
            {"refitted": {name: _rounded(of) for name, of in self.refitted.items()}} if self.refitted else {}
        )


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in values.items()}


def _compared(one: Comparison) -> dict[str, Any]:
    return {
        "difference": round(one.difference, 5),
        "interval": [round(bound, 5) for bound in one.interval],
        "p_randomised": one.p_randomised,
        "p_t_test": one.p_t_test,
    }

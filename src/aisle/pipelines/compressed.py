"""What was asked of a compression, and what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aisle.errors import InputError, MissingExtraError, nearest
from aisle.pipelines.own_models import check_name, command_line

WHOLE = "float32"
"""The model as it is, which everything is compared with."""
METHODS = (
    "int8",
    "static-int8",
    "int4",
    "prune-heads",
    "drop-layers",
    "cut-vocabulary",
    "distil",
    "static",
    "truncate",
    "binary",
)
"""In the order in which they run."""
ENOUGH = 0.99
"""Share of the quality that a variant must keep to be recommended."""


@dataclass(frozen=True, slots=True)
class CompressPlan:
    """How to compress. Raises InputError for a method that does not exist and a value out of range."""

    methods: Sequence[str] = METHODS
    model: str = ""
    """A Hugging Face id or a folder; empty: the shop's own."""
    minutes: float = 10.0
    """Of learning, for the distilled Transformer and the static table together."""
    keep: str = ""
    """The method whose model is kept in models/ of the shop's folder."""
    name: str = ""
    """Of that model; empty: the method's."""
    n_layers: int = 0
    """Layers that drop-layers and distil leave; 0: half."""
    n_heads: int = 0
    """Heads that prune-heads takes away; 0: a quarter."""
    dim: int = 0
    """Dimensions that truncate leaves; 0: half."""
    max_queries: int = 300
    """Most queries that quality is measured on."""
    max_items: int = 0
    """Most items that are searched, judged ones first; 0: the whole catalogue."""
    seed: int = 0

    def __post_init__(self) -> None:
        for method in [*self.methods, *([self.keep] if self.keep else [])]:
            if method not in METHODS:
                raise InputError(f"method {method!r} does not exist; {nearest(method, METHODS)}")
        if not self.methods or self.minutes < 0 or self.max_queries < 1 or self.max_items < 0:
            raise InputError(
                f"methods={list(self.methods)}, minutes={self.minutes:g}, max_queries={self.max_queries}, "
                f"max_items={self.max_items}; expected at least one method, 0 minutes, 1 query and 0 items"
            )
        check_name(self.name)
        if self.keep == "binary":
            raise InputError("binary is a way to keep vectors, not a model; keep another method, such as int8")
        if self.keep and self.keep not in self.methods:
            raise InputError(f"keep={self.keep!r} is none of the methods {', '.join(self.methods)}; name it there too")

    @property
    def command(self) -> str:
        """How the shell would ask for it; values that are as usual are left out."""
        options = {
            "methods": ",".join(self.methods) if tuple(self.methods) != METHODS else "",
            "from": self.model,
            "keep": self.keep,
            "name": self.name,
            "minutes": f"{self.minutes:g}",
            "layers": self.n_layers,
            "heads": self.n_heads,
            "dim": self.dim,
            "queries": self.max_queries,
            "items": self.max_items,
            "seed": self.seed,
        }
        return command_line("aisle compress", options)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to compress a model, measured."""

    method: str
    quality: float
    interval: tuple[float, float]
    """Where the quality lies in 95 % of the samples of queries drawn anew."""
    share: float
    """Of the whole model's quality."""
    recall: float
    """Share of the judged relevant items (grade 1 and more) among the nearest 100; without judgments the overlap."""
    overlap: float
    """Share of the whole model's 100 nearest items that are among this one's 100."""
    model_mb: float
    """Of the files that serving reads."""
    vectors_mb: float
    """Of the catalogue's vectors in memory."""
    p50_ms: float
    """Median time of encoding one query on one core."""
    texts_per_s: float
    """Item texts encoded in one second, on the cores of encoder.threads."""
    per_query: Sequence[float] = ()
    """Quality of each query, for paired tests."""


@dataclass(frozen=True, slots=True)
class CompressReport:
    """All variants of a model beside the model itself."""

    model: str
    measure: str
    """"nDCG@10" on the shop's judgments; "agreement@10" with the whole model where there are none."""
    n_queries: int
    n_items: int
    variants: Sequence[Variant]
    """The whole model first."""
    recommended: str
    why: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why a method does not fit the model, by method."""
    kept: str = ""
    """Where the model of `CompressPlan.keep` is."""

    def variant(self, method: str) -> Variant:
        """The variant made by `method`. Raises InputError when it was not made."""
        for one in self.variants:
            if one.method == method:
                return one
        raise InputError(f"{method!r} was not made: {self.left_out.get(method, 'it is none of the methods asked for')}")

    def write(self, folder: Path) -> None:
        """Write report.json and report.png, a plot of quality against latency, into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), "utf-8")
        _plot(self, folder / "report.png")


def recommend_variant(variants: Sequence[Variant]) -> tuple[str, str]:
    """The variant to use, and why: the fastest for a query of those that keep 99 % of the whole model's quality."""
    good = [one for one in variants if one.share >= ENOUGH and one.method != "binary"]
    best = min(good, key=lambda one: (one.p50_ms, one.model_mb))
    whole = variants[0]
    if best is whole:
        return whole.method, f"nothing faster keeps {ENOUGH:.0%} of its quality"
    return best.method, (
        f"the fastest that keeps at least {ENOUGH:.0%} of the quality: {best.share:.1%} of it, "
        f"{whole.p50_ms / best.p50_ms:.1f} times as fast, {whole.model_mb / best.model_mb:.1f} times as small"
    )


def pyplot() -> Any:
    """matplotlib's way to plot without a screen. Raises MissingExtraError where it is not installed."""
    try:
        import matplotlib  # noqa: PLC0415  belongs to the extra learn
    except ImportError as error:
        raise MissingExtraError("The plot of aisle compress", "learn") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot as plot  # noqa: PLC0415

    return plot


def _plot(report: CompressReport, path: Path) -> None:
    plot = pyplot()
    figure, axes = plot.subplots(figsize=(8, 5), dpi=120)
    for one in report.variants:
        low, high = one.interval
        spread = [[max(0.0, one.quality - low)], [max(0.0, high - one.quality)]]
        colour = "tab:red" if one.method == report.recommended else "tab:blue"
        axes.errorbar([one.p50_ms], [one.quality], yerr=spread, fmt="o", color=colour, alpha=0.7, capsize=3)
        axes.annotate(one.method, (one.p50_ms, one.quality), xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set_xscale("log")
    axes.set_xlabel("median time of encoding a query on one core, ms")
    axes.set_ylabel(f"{report.measure}, {report.n_queries} queries")
    axes.set_title(f"{report.model}: what each way to compress it costs")
    axes.grid(visible=True, alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)
    plot.close(figure)

"""How a model is fine-tuned: what adapts, by which loss, how fast, on how much."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from aisle.encoders.learning.course import Precision
from aisle.errors import InputError, nearest

Method = Literal["lora", "full", "adapters", "prompt", "bitfit"]
Loss = Literal["contrastive", "soft-contrastive", "bce", "cosent", "margin-mse"]
METHODS: tuple[str, ...] = get_args(Method)
LOSSES: tuple[str, ...] = get_args(Loss)
LEARNING_RATES = {"lora": 1e-3, "full": 5e-5, "adapters": 1e-2, "prompt": 1e-2, "bitfit": 1e-3}
"""The fewer weights learn, the faster they must."""
TEMPERATURES = {"contrastive": 0.05, "soft-contrastive": 0.03}
NO_PREFIX = (
    "method 'prefix': prefix tuning gives every layer keys and values of its own, which no plain Hugging Face folder "
    "can hold, so the model could not be served; use prompt, whose tokens become part of the vocabulary, or lora"
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fine-tune. Raises InputError when a value is out of range."""

    method: Method = "lora"
    loss: Loss = "contrastive"
    learning_rate: float = 0.0
    """0 takes that of the method, LEARNING_RATES."""
    epochs: float = 3.0
    """Passes over the pairs, unless the budget ends before."""
    batch: int = 64
    budget_s: float = math.inf
    """The number of steps is cut to what this allows, so that the learning rate still falls to 0."""
    temperature: float = 0.0
    """Of the contrastive losses: cosines are divided by it; 0 takes that of the loss, TEMPERATURES."""
    negatives: int = 1
    """Hard negatives mined for each pair; others of the batch come for nothing."""
    rank: int = 16
    """Of LoRA's matrices; alpha is twice as much."""
    n_prompts: int = 8
    """Learned tokens put before a text by the method prompt."""
    frozen_layers: int = 0
    """With "full": so many of the lowest layers, and the embeddings, do not learn."""
    dims: tuple[int, ...] = ()
    """Matryoshka: the contrastive loss is also taken of so many leading dimensions."""
    augment: float = 0.0
    """Share of the texts of an epoch that is changed: typos and synonyms in queries, parts left out of items."""
    query_tokens: int = 32
    item_tokens: int = 48
    checks: int = 4
    """Times that quality on the validation part is measured."""
    patience: int = 3
    dropout: float = 0.0
    """Of a classifier: share of its hidden values, and of the tokens, that are left out in each step; 0 leaves the
    model its own share of values, and no token."""
    label_smoothing: float = 0.0
    balanced: bool = False
    """Weigh classes by the inverse of their number."""
    precision: Precision = "auto"
    """As in `Course`."""
    shard: bool = False
    """In several processes, let each hold a part of the weights only; see `Course`."""
    seed: int = 0

    def __post_init__(self) -> None:
        check_method(self.method)
        if self.loss not in LOSSES:
            raise InputError(f"loss={self.loss!r} is no loss; {nearest(self.loss, LOSSES)}")
        at_least = {"batch": 2, "rank": 1, "n_prompts": 1, "checks": 1, "query_tokens": 4, "item_tokens": 4}
        at_least |= dict.fromkeys(("negatives", "frozen_layers", "learning_rate", "temperature"), 0)
        for name, least in at_least.items():
            if not getattr(self, name) >= least:
                raise InputError(f"{name}={getattr(self, name)}; expected at least {least}")
        for name in ("epochs", "budget_s"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name}={getattr(self, name)}; expected more than 0")
        for name in ("augment", "dropout", "label_smoothing"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}; expected at least 0 and less than 1")
        if self.precision not in get_args(Precision):
            raise InputError(f"precision={self.precision!r} is none; {nearest(self.precision, get_args(Precision))}")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"seed={self.seed}; expected at least 0 and less than 4294967296")
        if min(self.dims, default=1) < 1:
            raise InputError(f"dims={self.dims}; expected numbers of leading dimensions, each at least 1")
        if self.dims and self.loss != "contrastive":
            raise InputError(f"dims={self.dims}, loss={self.loss!r}; leading dimensions learn by 'contrastive' alone")

    @property
    def rate(self) -> float:
        """The learning rate: the given one, or that of the method."""
        return self.learning_rate or LEARNING_RATES[self.method]

    @property
    def tau(self) -> float:
        """The temperature: the given one, or that of the loss."""
        return self.temperature or TEMPERATURES[self.loss]


def check_method(method: Any) -> None:
    """Raise InputError unless `method` is one of METHODS."""
    if method == "prefix":
        raise InputError(NO_PREFIX)
    if method not in METHODS:
        raise InputError(f"method={method!r} is no method; {nearest(str(method), METHODS)}")

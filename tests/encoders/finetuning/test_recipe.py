from typing import Any

import pytest

from aisle.encoders.finetuning.recipe import Recipe
from aisle.errors import InputError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "lorra"}, 'did you mean "lora"'),
        ({"method": "prefix"}, "no plain Hugging Face folder can hold"),
        ({"loss": "cosen"}, 'did you mean "cosent"'),
        ({"batch": 1}, "batch=1; expected at least 2"),
        ({"epochs": 0}, "epochs=0; expected more than 0"),
        ({"budget_s": float("nan")}, "budget_s=nan"),
        ({"augment": 1.0}, "augment=1.0; expected at least 0 and less than 1"),
        ({"frozen_layers": -1}, "frozen_layers=-1"),
        ({"dropout": 1.0}, "dropout=1.0; expected at least 0 and less than 1"),
        ({"temperature": -0.1}, "temperature=-0.1; expected at least 0"),
        ({"dims": (-64,)}, r"dims=\(-64,\); expected numbers of leading dimensions"),
        ({"seed": -1}, "seed=-1; expected at least 0"),
        ({"seed": 2**32}, "seed=4294967296"),
        ({"precision": "float8"}, "precision='float8' is none"),
        ({"dims": (64,), "loss": "soft-contrastive"}, "leading dimensions learn by 'contrastive' alone"),
    ],
)
def test_values_out_of_range_are_input_errors(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Recipe(**changes)


def test_the_rate_is_the_usual_one_of_the_method_unless_given() -> None:
    assert Recipe(method="full").rate < Recipe(method="lora").rate < Recipe(method="adapters").rate
    assert Recipe(learning_rate=0.5).rate == 0.5


def test_the_temperature_is_the_usual_one_of_the_loss_unless_given() -> None:
    assert Recipe(loss="soft-contrastive").tau < Recipe(loss="contrastive").tau
    assert Recipe(temperature=0.2).tau == 0.2

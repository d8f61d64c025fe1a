"""A language model that learns how a shop speaks: pre-trained from scratch, built into a release, and searched with.

    python examples/02_pretrain.py

makes the toy shop, and does in Python what these commands do:

    aisle pretrain --shop SHOP --name own --steps 60
    aisle build --shop SHOP                  # with encoder.model = "models/own" in SHOP/aisle.toml

Twelve items teach a model little; for a real shop leave --steps out, name its reviews with --texts reviews.csv:text,
and fine-tune the model on what shoppers clicked before it serves.
"""

import tempfile
from contextlib import closing
from pathlib import Path

import aisle
from aisle.encoders.pretraining.plan import Pretraining

FEEDS = Path(__file__).parent / "toy_shop"
REVIEWS = [f"{verdict} {thing}, {reason}" for verdict in ("good", "bad", "my new", "another")
           for thing in ("desk lamp", "usb c cable", "coffee mug", "winter jacket", "garden hose")
           for reason in ("fast delivery", "the colour is nice", "too small", "it broke")]  # fmt: skip


def pretrain(folder: Path, steps: int = 60) -> float:
    """Make a shop in `folder`, pre-train a model on it, search with it, and return how far it is below the baseline."""
    with closing(aisle.init(folder, name="Toys")) as shop:
        shop.ingest_items([str(FEEDS / "items.csv")], {"title": "product_name"})
        shop.ingest_events([str(FEEDS / "events.csv")])
        reviews = folder / "reviews.txt"
        reviews.write_text("\n".join(REVIEWS), "utf-8")
        plan = Pretraining(steps=steps, max_tokens=32, batch_tokens=512, vocabulary=400, held_out=0.2)
        result = shop.pretrain(plan, name="own", texts=[str(reviews)])
    print(f"held-out loss {result.loss_before:.3f} -> {result.loss_after:.3f}; by frequency {result.unigram_loss:.3f}")
    settings = folder / "aisle.toml"
    settings.write_text(settings.read_text("utf-8").replace("[encoder]", '[encoder]\nmodel = "models/own"', 1), "utf-8")
    with closing(aisle.open(folder)) as shop:
        print(f"release {shop.build().release_id} encodes with {result.folder}")
        print([hit.item.title for hit in shop.search("desk lamp", k=3).hits])
    return result.gain


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as shops:
        pretrain(Path(shops) / "toys")

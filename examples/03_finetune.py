"""Teach the encoder a shop's own words, and see by how much that helps.

A small shop whose shoppers say "sipper" where the catalogue says "mug". The same in the shell:

    aisle finetune --shop shop --method full --minutes 5 --folds 2 --use
    aisle build --shop shop

    python examples/03_finetune.py [MODEL]

MODEL is a Hugging Face id or a folder; without one it is all-MiniLM-L6-v2, which comes with Aisle.
"""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

import aisle
from aisle.encoders.finetuning.recipe import Recipe
from aisle.pipelines.finetune import use
from aisle.pipelines.finetuned import FinetunePlan, Quality
from aisle.types import Item, Judgment

SAID = {"mug": "sipper", "lamp": "glower", "sofa": "flopper", "jacket": "shellie", "cable": "snakey"}
"""What shoppers of this town call things."""
COLOURS = ("blue", "red", "green", "black", "white", "silver")


def make_shop(folder: Path) -> None:
    """Thirty items, and judgments of thirty queries in the shoppers' words."""
    with closing(aisle.init(folder, name="Small town")) as shop:
        items = [Item(f"{colour}-{thing}", f"{colour} {thing}".capitalize()) for thing in SAID for colour in COLOURS]
        shop.store.upsert_items(items)
        shop.store.upsert_judgments(
            Judgment(f"{colour} {said}", item.item_id, 2 if item.item_id.startswith(colour) else 1)
            for thing, said in SAID.items()
            for colour in COLOURS
            for item in items
            if item.item_id.endswith(thing)
        )


def teach(folder: Path, model: str, recipe: Recipe) -> Quality:
    """Fine-tune the encoder of the shop in `folder`, put it to use if it is better, and print what came out."""
    with closing(aisle.open(folder)) as shop:
        done = shop.finetune(FinetunePlan(model=model, recipe=recipe, folds=2))
        print(f"nDCG@10 {done.quality.before:.3f} before, {done.quality.after:.3f} after, on {done.quality.n} queries")
        if not use(folder, done):
            print("no better, so it is not used")
    with closing(aisle.open(folder)) as shop:
        shop.build()
        print("red sipper:", ", ".join(hit.item.title for hit in shop.search("red sipper", 3).hits))
    return done.quality


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as shops:
        make_shop(Path(shops) / "shop")
        teach(Path(shops) / "shop", sys.argv[1] if len(sys.argv) > 1 else "", Recipe(method="full", epochs=20))

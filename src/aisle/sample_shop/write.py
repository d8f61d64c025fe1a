"""The sample shop as the files that a real shop would hand over."""

import csv
import json
from pathlib import Path

from aisle.records import item_to_dict
from aisle.sample_shop.pictures import draw_picture
from aisle.sample_shop.shop import SampleShop
from aisle.sample_shop.truth import truth_to_dict


def write(shop: SampleShop, folder: str | Path) -> None:
    """Write the feeds of `shop` into `folder`, which is made where it is missing; files of these names are replaced.

    items.jsonl (one item a line, as over HTTP), events.parquet (the fields of Event for columns),
    judgments.csv (query, item_id, grade), truth.json, and pictures/ITEM_ID.svg. Raises OSError
    where the folder cannot be written to.
    """
    folder = Path(folder)
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    with (folder / "items.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for item in shop.items:
            file.write(json.dumps(item_to_dict(item), ensure_ascii=False) + "\n")
    shop.events.write_parquet(folder / "events.parquet", compression="zstd")
    with (folder / "judgments.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("query", "item_id", "grade"))
        rows.writerows((judgment.query, judgment.item_id, judgment.grade) for judgment in shop.judgments)
    (folder / "truth.json").write_text(json.dumps(truth_to_dict(shop.truth), ensure_ascii=False), encoding="utf-8")
    for item in shop.items:
        (folder / "pictures" / f"{item.item_id}.svg").write_text(draw_picture(item), encoding="utf-8")

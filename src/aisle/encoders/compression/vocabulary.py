"""A vocabulary of the tokens that the shop uses: the table of token vectors is often half of a model."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from aisle.encoders.compression.material import Material
from aisle.encoders.compression.saving import save_network
from aisle.encoders.export import load_encoder_model
from aisle.errors import InputError


def cut_vocabulary(material: Material, folder: Path) -> None:
    """Keep the tokens that stand in the shop's texts, single characters, bytes where it falls back to them, and marks.

    A word of a dropped token is read as smaller pieces, down to characters, so no text becomes unreadable
    (Abdaoui, Pradel and Sigel 2020, "Load What You Need: Smaller Versions of Multilingual BERT"). Token ids are handed
    out anew. Raises InputError for a tokenizer that is neither WordPiece, Unigram nor BPE.
    """
    model, tokenizer = load_encoder_model(material.source)
    used = {one for text in material.texts for one in tokenizer(text)["input_ids"]} | set(tokenizer.all_special_ids)
    told = json.loads(tokenizer.backend_tokenizer.to_str())
    rewritten, kept = without_tokens(told, used)
    model.set_input_embeddings(_rows(model.get_input_embeddings(), kept))
    model.config.vocab_size = len(kept)
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(rewritten))
    new = {old: place for place, old in enumerate(kept)}
    for name in ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"):
        if getattr(model.config, name, None) in new:
            setattr(model.config, name, new[getattr(model.config, name)])
    save_network(material, folder, model, tokenizer)


def without_tokens(told: Mapping[str, Any], used: set[int]) -> tuple[dict[str, Any], list[int]]:
    """The tokenizer.json `told` with the tokens `used`, added tokens and characters, and their old ids in order."""
    kind = told["model"].get("type")
    if kind not in KINDS:
        raise InputError(f"the vocabulary of a {kind} tokenizer cannot be cut; expected one of {', '.join(KINDS)}")
    pieces = _pieces(told["model"])
    added = {int(one["id"]) for one in told.get("added_tokens", [])}
    merged = _needed(told["model"], pieces, used) if kind == "BPE" else set()
    kept = sorted(
        {number for number, piece in enumerate(pieces) if number in used or _stays(piece, told["model"])}
        | added
        | merged
    )
    new = {old: place for place, old in enumerate(kept)}
    model = dict(told["model"])
    if kind == "Unigram":
        model["vocab"] = [told["model"]["vocab"][old] for old in kept if old < len(pieces)]
        model["unk_id"] = new.get(model["unk_id"]) if model.get("unk_id") is not None else None
    else:
        model["vocab"] = {pieces[old]: new[old] for old in kept if old < len(pieces)}
    if kind == "BPE":
        model["merges"] = [
            pair
            for pair in model["merges"]
            if "".join(_pair(pair)) in model["vocab"] and all(part in model["vocab"] for part in _pair(pair))
        ]
    tokens = [{**one, "id": new[int(one["id"])]} for one in told.get("added_tokens", [])]
    post = _renumbered(told.get("post_processor"), new)
    padding = told.get("padding") and {**told["padding"], "pad_id": new.get(told["padding"]["pad_id"], 0)}
    return {**told, "model": model, "added_tokens": tokens, "post_processor": post, "padding": padding}, kept


KINDS = ("WordPiece", "Unigram", "BPE")


def _pieces(model: Mapping[str, Any]) -> list[str]:
    """Texts of the tokens, by id."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):
        return [str(piece) for piece, _ in vocabulary]
    pieces = [""] * (max(vocabulary.values()) + 1)
    for piece, number in vocabulary.items():
        pieces[number] = piece
    return pieces


def _stays(piece: str, model: Mapping[str, Any]) -> bool:
    """Whether other texts are read by `piece`: a character, a byte, or what stands for all that is unknown."""
    a_byte = bool(model.get("byte_fallback")) and re.fullmatch(r"<0x[0-9A-F]{2}>", piece) is not None
    return len(piece.removeprefix("##")) <= 1 or a_byte or piece == model.get("unk_token")


def _needed(model: Mapping[str, Any], pieces: Sequence[str], used: set[int]) -> set[int]:
    """The tokens that tokens in `used` are merged from, and so on down."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    parts = {"".join(_pair(pair)): _pair(pair) for pair in reversed(model["merges"])}
    found: set[int] = set()
    waiting = [pieces[number] for number in used if number < len(pieces)]
    while waiting:
        for part in parts.get(waiting.pop(), ()):
            if numbers[part] not in found:
                found.add(numbers[part])
                waiting.append(part)
    return found


def _pair(merge: Any) -> tuple[str, str]:
    first, second = merge.split(" ") if isinstance(merge, str) else merge
    return first, second


def _renumbered(part: Any, new: Mapping[int, int]) -> Any:
    """`part` of a tokenizer.json with the ids of its marks handed out anew."""
    if isinstance(part, list):
        pair = len(part) == 2 and isinstance(part[0], str) and isinstance(part[1], int)  # ["[SEP]", 102]
        return [part[0], new[part[1]]] if pair else [_renumbered(one, new) for one in part]
    if isinstance(part, dict):
        return {
            name: [new[one] for one in value] if name == "ids" else _renumbered(value, new)
            for name, value in part.items()
        }
    return part


def _rows(embedding: Any, kept: Sequence[int]) -> torch.nn.Embedding:
    weight = embedding.weight
    kept = [old for old in kept if old < len(weight)]
    padding = getattr(embedding, "padding_idx", None)
    new = torch.nn.Embedding(
        len(kept), int(weight.shape[1]), padding_idx=kept.index(padding) if padding in kept else None
    )
    with torch.no_grad():
        new.weight.copy_(weight[torch.tensor(kept)])
    return new

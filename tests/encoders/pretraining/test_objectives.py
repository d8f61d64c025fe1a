"""Masked and causal objectives: what the network reads, and what its loss is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.pretraining.architecture import make_model, new_config
from aisle.encoders.pretraining.causal import CausalObjective
from aisle.encoders.pretraining.corpus import Corpus, Passage
from aisle.encoders.pretraining.layout import BELONGS, FOREIGN, NO_PAIR
from aisle.encoders.pretraining.masked import MaskedNetwork, MaskedObjective
from aisle.encoders.pretraining.plan import Pretraining
from aisle.encoders.pretraining.tokenizer import train_tokenizer
from aisle.errors import InputError

PLAN = Pretraining(max_tokens=32, batch_tokens=256, vocabulary=400)


def objective(corpus: Corpus, plan: Pretraining) -> Any:
    tokenizer = train_tokenizer((one.text for one in corpus.learned), plan.objective, plan.vocabulary, plan.max_tokens)
    seed_everything(0)
    model, _ = make_model(new_config(plan.objective, "tiny", tokenizer, plan.max_tokens), plan.objective, None)
    kind: Any = MaskedObjective if plan.objective == "masked" else CausalObjective
    made = kind(model.eval(), tokenizer, corpus, plan)
    made.tokenizer = tokenizer
    return made


@pytest.fixture
def masked(corpus: Corpus) -> Any:
    return objective(corpus, PLAN)


@pytest.fixture
def causal(corpus: Corpus) -> Any:
    return objective(corpus, replace(PLAN, objective="causal"))


def test_half_of_the_pairs_do_not_belong_together(masked: Any) -> None:
    relation = torch.cat([batch.relation for batch in masked.batches(0)])
    n_belong, n_foreign = int((relation == BELONGS).sum()), int((relation == FOREIGN).sum())
    assert n_belong + n_foreign == len(masked.learned.pairs)
    assert abs(n_belong / (n_belong + n_foreign) - 0.5) < 0.15
    assert int((relation == NO_PAIR).sum()) == len(relation) - n_belong - n_foreign > 0


def test_what_belongs_together_stands_together(masked: Any) -> None:
    made = masked.tokenizer
    for batch in masked.batches(0):
        ids = batch.tokens["input_ids"].clone()
        ids[batch.chosen] = batch.targets
        for row, relation in zip(ids.tolist(), batch.relation.tolist(), strict=True):
            words = made.convert_ids_to_tokens(row)
            if relation == BELONGS:
                colour, thing, *_ = words[1 : words.index("[SEP]")]
                assert words.count(colour) == words.count(thing) == 2
            if relation == NO_PAIR:
                assert words.count("[SEP]") == 1


def test_padding_and_types_are_as_the_tokenizer_has_them(masked: Any) -> None:
    made = masked.tokenizer
    batch = next(batch for batch in masked.batches(0) if (batch.relation != NO_PAIR).all())
    ids = batch.tokens["input_ids"].clone()
    ids[batch.chosen] = batch.targets
    for row, mask, types in zip(ids, batch.tokens["attention_mask"], batch.tokens["token_type_ids"], strict=True):
        n = int(mask.sum())
        first, second = made.decode(row[1 : n - 1]).split(" [SEP] ")
        expected = made(first, second)
        assert row[:n].tolist() == expected["input_ids"]
        assert types[:n].tolist() == expected["token_type_ids"]
        assert (row[n:] == made.pad_token_id).all()


def test_an_epoch_is_the_same_again_and_another_is_not(masked: Any) -> None:
    def of(epoch: int) -> list[list[int]]:
        return [batch.tokens["input_ids"].flatten().tolist() for batch in masked.batches(epoch)]

    assert of(3) == of(3) != of(4)


def test_the_loss_is_that_of_the_whole_model(masked: Any) -> None:
    """Computing the vocabulary at the hidden places only changes nothing but the time."""
    batch = next(batch for batch in masked.batches(0) if (batch.relation != NO_PAIR).any())
    labels = torch.full(batch.chosen.shape, -100)
    labels[batch.chosen] = batch.targets
    model = masked.network.model
    with torch.no_grad():
        mine = float(masked.loss_of(batch))
        told = model(**batch.tokens)
        loss = torch.nn.functional.cross_entropy(told.prediction_logits.flatten(0, 1), labels.flatten())
        loss += torch.nn.functional.cross_entropy(told.seq_relationship_logits, batch.relation, ignore_index=NO_PAIR)
    assert mine == pytest.approx(float(loss), rel=1e-5)


ROBERTA = transformers.RobertaConfig(
    vocab_size=400, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, pad_token_id=0
)
DISTILBERT = transformers.DistilBertConfig(vocab_size=400, dim=32, n_layers=1, n_heads=2, hidden_dim=64)
MPNET = transformers.MPNetConfig(
    vocab_size=400, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
)


@pytest.mark.parametrize("config", [ROBERTA, DISTILBERT, MPNET], ids=["roberta", "distilbert", "mpnet"])
def test_every_architecture_foretells_at_the_hidden_places_only(config: Any) -> None:
    model = transformers.AutoModelForMaskedLM.from_config(config).eval()
    tokens = {"input_ids": torch.arange(5, 17).view(2, 6), "attention_mask": torch.ones(2, 6, dtype=torch.long)}
    chosen = torch.zeros(2, 6, dtype=torch.bool)
    chosen[0, 2] = chosen[1, 4] = True
    with torch.no_grad():
        whole = model(**tokens).logits[chosen]
        some, related = MaskedNetwork(model)(tokens, chosen)
        assert torch.allclose(some, whole, atol=1e-5)
        assert related is None
        assert model(**tokens).logits.shape == (2, 6, 400)


def test_the_unigram_loss_is_that_of_the_counts(masked: Any, causal: Any) -> None:
    counts = np.bincount(masked.texts.flat, minlength=len(masked.tokenizer))
    shares = (counts + 1) / (counts.sum() + len(counts))
    targets = np.concatenate([batch.targets.numpy() for batch in masked.held_out_batches])
    assert masked.unigram_loss() == pytest.approx(-np.log(shares[targets]).mean())
    assert np.exp(causal.log_shares).sum() == pytest.approx(1)


def test_the_held_out_loss_is_the_same_again(masked: Any, causal: Any) -> None:
    for one in (masked, causal):
        assert one.held_out_loss() == one.held_out_loss()
        assert one.held_out_loss(1) > 0
    assert 0 <= masked.pairs_right() <= 1
    assert causal.pairs_right() is None


def test_causal_blocks_hold_all_texts_with_marks_between_them(causal: Any, corpus: Corpus) -> None:
    blocks = [block for batch in causal.batches(0) for block in batch]
    assert {len(block) for block in blocks} == {32}
    told = causal.tokenizer.decode(torch.cat(blocks))
    texts = set(told.split("<|endoftext|>"))
    assert len({one.text for one in corpus.learned} & texts) >= len(corpus.learned) - 2
    again = torch.cat([torch.cat(list(batch)) for batch in causal.batches(0)])
    assert torch.equal(again, torch.cat(blocks))


def test_the_causal_loss_is_that_of_transformers(causal: Any) -> None:
    batch = next(iter(causal.batches(0)))
    with torch.no_grad():
        expected = causal.network(input_ids=batch, labels=batch).loss
        assert float(causal.loss_of(batch)) == pytest.approx(float(expected), rel=1e-5)


def test_whole_words_need_word_pieces() -> None:
    corpus = Corpus([Passage("aaaa bbbb cccc")] * 3, [Passage("aaaa bbbb")])
    tokenizer = train_tokenizer(["aa aa bb bb cc"], "causal", 300, 32)
    tokenizer.add_special_tokens({"mask_token": "<mask>"})
    model, _ = make_model(new_config("causal", "tiny", tokenizer, 32), "causal", None)
    with pytest.raises(InputError, match="whole words need a WordPiece tokenizer"):
        MaskedObjective(model, tokenizer, corpus, replace(PLAN, whole_words=True))

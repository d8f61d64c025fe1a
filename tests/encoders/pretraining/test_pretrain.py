"""Pre-training from beginning to end, on a few texts and tiny networks."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from aisle.encoders import prepare_encoder
from aisle.encoders.learning.checkpoints import load_checkpoint
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining import pretrain as module
from aisle.encoders.pretraining.corpus import Corpus
from aisle.encoders.pretraining.plan import Pretraining
from aisle.encoders.pretraining.pretrain import pretrain
from aisle.encoders.pretraining.tokenizer import train_tokenizer
from aisle.errors import InputError
from aisle.settings import EncoderSettings

PLAN = Pretraining(max_tokens=32, batch_tokens=512, vocabulary=400, steps=40, learning_rate=3e-3)
CAUSAL = replace(PLAN, objective="causal")
SIZES = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


@pytest.fixture(scope="module")
def trained(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return pretrain(corpus, PLAN, tmp_path_factory.mktemp("models") / "masked")


def test_it_beats_how_often_tokens_occur(trained: Any) -> None:
    assert trained.loss_after < 0.9 * trained.unigram_loss
    assert trained.gain == pytest.approx(1 - trained.loss_after / trained.unigram_loss)
    assert trained.loss_before == pytest.approx(trained.unigram_loss, rel=0.1)  # it begins at the frequencies
    assert 0 <= trained.pairs_right <= 1


def test_the_folder_says_how_it_was_made(trained: Any) -> None:
    names = {path.name for path in trained.folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "aisle.json", "history.json", "loss.png"} <= names
    assert [path.name for path in trained.folder.parent.iterdir()] == ["masked"]
    info = json.loads((trained.folder / "aisle.json").read_text("utf-8"))
    assert (info["pooling"], info["query_prefix"], info["item_prefix"], info["max_tokens"]) == ("mean", "", "", 32)
    assert info["plan"]["vocabulary"] == 400
    assert info["result"]["loss_after"] == trained.loss_after
    assert len(json.loads((trained.folder / "history.json").read_text("utf-8"))["steps"]) == trained.n_steps


def test_the_model_makes_vectors(trained: Any) -> None:
    encoder = prepare_encoder(EncoderSettings(model=str(trained.folder), precision="float32"))
    vectors = encoder.encode_queries(["red lamp", "blue mug"])
    assert vectors.shape == (2, 64)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_causal_model_learns_and_makes_vectors(corpus: Corpus, tmp_path: Path) -> None:
    result = pretrain(corpus, CAUSAL, tmp_path / "causal")
    assert result.loss_after < 0.8 * result.unigram_loss
    assert result.pairs_right is None
    encoder = prepare_encoder(EncoderSettings(model=str(result.folder), precision="float32"))
    assert encoder.encode_queries(["red lamp"]).shape == (1, 64)


def test_it_goes_on_from_a_model_with_that_models_tokenizer(trained: Any, corpus: Corpus, tmp_path: Path) -> None:
    plan = replace(PLAN, source=str(trained.folder), steps=5)
    result = pretrain(corpus, plan, tmp_path / "further", source=trained.folder)
    assert result.loss_before == pytest.approx(trained.loss_after, rel=0.05)
    same = [(folder / "tokenizer.json").read_text("utf-8") for folder in (trained.folder, result.folder)]
    assert same[0] == same[1]


def test_a_model_without_a_masked_head_gets_one(bert_folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    source = with_mask(bert_folder, tmp_path / "source")
    result = pretrain(corpus, replace(PLAN, source="source", steps=3), tmp_path / "further", source=source)
    assert result.loss_after < result.loss_before
    assert json.loads((result.folder / "config.json").read_text("utf-8"))["model_type"] == "bert"


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import conftest, test_pretrain
from aisle.encoders.pretraining.architecture import SHAPES, Shape
from aisle.encoders.pretraining.pretrain import pretrain
from aisle.encoders.pretraining.tokenizer import train_tokenizer
SHAPES["tiny"] = Shape(64, 1)
def kill(stage, done, total):
    if stage == "learn" and done == 15:
        os.kill(os.getpid(), signal.SIGKILL)
pretrain(conftest.corpus.__wrapped__(), test_pretrain.PLAN, Path(sys.argv[2]), progress=kill)
"""


def test_after_sigkill_it_goes_on_bit_for_bit(corpus: Corpus, tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", KILLED, here, str(tmp_path / "killed")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    resumed = pretrain(corpus, PLAN, tmp_path / "killed")
    whole = pretrain(corpus, PLAN, tmp_path / "whole")
    assert resumed.resumed_from == 14
    curves = [json.loads((one.folder / "history.json").read_text("utf-8"))["steps"] for one in (resumed, whole)]
    assert [step["loss"] for step in curves[0]] == [step["loss"] for step in curves[1]]
    assert [step["quality"] for step in curves[0]] == [step["quality"] for step in curves[1]]
    weights = [transformers.AutoModel.from_pretrained(one.folder).state_dict() for one in (resumed, whole)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not (tmp_path / "killed.unfinished").exists()


def interrupted(corpus: Corpus, target: Path) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage == "learn" and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(corpus, PLAN, target, progress=stop)


def test_another_plan_or_corpus_does_not_go_on(corpus: Corpus, tmp_path: Path) -> None:
    target = tmp_path / "model"
    interrupted(corpus, target)
    with pytest.raises(InputError, match=r"begun otherwise \(vocabulary differ\); .* --fresh to start over"):
        pretrain(corpus, replace(PLAN, vocabulary=500), target)
    with pytest.raises(InputError, match="the texts differ"):
        pretrain(Corpus(corpus.learned[:-1], corpus.held_out), PLAN, target)
    result = pretrain(corpus, replace(PLAN, vocabulary=500, steps=3), target, fresh=True)
    assert (result.resumed_from, result.n_steps) == (0, 3)


def test_a_run_that_ended_before_its_plan_leaves_no_tokenizer_behind(corpus: Corpus, tmp_path: Path) -> None:
    stale = tmp_path / "model.unfinished" / "tokenizer"
    train_tokenizer(["quite another text"], "causal", 300, 16).save_pretrained(stale)
    made = pretrain(corpus, replace(PLAN, steps=1), tmp_path / "model").folder
    assert transformers.AutoTokenizer.from_pretrained(made).mask_token == "[MASK]"


def test_minutes_end_it(corpus: Corpus, tmp_path: Path) -> None:
    result = pretrain(corpus, replace(PLAN, steps=0, minutes=0.05), tmp_path / "model")
    assert 0 < result.elapsed_s < 6


def test_progress_tells_loss_and_speed_and_trackers_are_told(corpus: Corpus, tmp_path: Path) -> None:
    heard: list[str] = []
    notes: list[str] = []
    pretrain(
        corpus,
        replace(PLAN, steps=4),
        tmp_path / "model",
        tracking=Tracking(tensorboard=True, note=notes.append),
        progress=lambda stage, done, total: heard.append(stage),
    )
    assert list(dict.fromkeys(heard)) == ["prepare", "learn", "measure", "write"]
    assert len(notes) == 4
    assert "held-out" in notes[-1]
    assert notes[-1].endswith("tokens/s")
    assert list((tmp_path / "model.tracking" / "tensorboard").glob("events*"))


def with_mask(folder: Path, target: Path) -> Path:
    """The tiny BERT of the tests, with a tokenizer that has the marks of BERT."""
    transformers.AutoModel.from_pretrained(folder).save_pretrained(target)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.mask_token, tokenizer.cls_token, tokenizer.sep_token = "lamp", "[CLS]", "[SEP]"
    tokenizer.save_pretrained(target)
    return target


def test_a_model_of_the_wrong_architecture_is_refused(bert_folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    source = with_mask(bert_folder, tmp_path / "source")
    with pytest.raises(
        InputError, match="architecture bert, which has no causal language model; try --objective masked"
    ):
        pretrain(corpus, replace(CAUSAL, source="x"), tmp_path / "model", source=source)
    config = transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=1, n_head=2)
    transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path / "gpt")
    with pytest.raises(
        InputError, match="architecture gpt2, which has no masked language model; try --objective causal"
    ):
        pretrain(corpus, replace(PLAN, source="x"), tmp_path / "model", source=tmp_path / "gpt")


def test_weights_of_another_architecture_are_refused(bert_folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    source = with_mask(bert_folder, tmp_path / "source")
    other = transformers.DistilBertModel(transformers.DistilBertConfig(dim=32, n_layers=1, n_heads=2, hidden_dim=64))
    other.save_pretrained(tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").replace(source / "model.safetensors")
    with pytest.raises(InputError, match=r"are not those of the architecture bert .* give a whole model"):
        pretrain(corpus, replace(PLAN, source="x"), tmp_path / "model", source=source)


def test_a_missing_tokenizer_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    transformers.BertModel(transformers.BertConfig(vocab_size=50, **SIZES)).save_pretrained(tmp_path / "bare")
    with pytest.raises(InputError, match="has no tokenizer; save it there"):
        pretrain(corpus, replace(PLAN, source="x"), tmp_path / "model", source=tmp_path / "bare")


def test_a_tokenizer_without_a_mask_is_an_error(bert_folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no mask_token, which masked pre-training needs"):
        pretrain(corpus, replace(PLAN, source="x"), tmp_path / "model", source=bert_folder)


def test_no_model_at_all_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no model of a known architecture"):
        pretrain(corpus, replace(PLAN, source="x"), tmp_path / "model", source=tmp_path)


def test_a_model_larger_than_memory_is_refused_before_it_is_made(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "free_memory", lambda: 50_000_000)
    with pytest.raises(InputError, match=r"needs about .* GB to learn, and 0.1 GB of memory are free"):
        pretrain(corpus, replace(PLAN, size="base"), tmp_path / "model")


def test_a_loss_that_is_not_finite_keeps_the_last_good_weights(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"became (nan|inf) at step .* lower the learning rate"):
        pretrain(corpus, replace(PLAN, learning_rate=1e30), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_full_disk_while_the_model_is_written_loses_nothing(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    plan = replace(PLAN, steps=4)
    with monkeypatch.context() as patched:
        patched.setattr(module, "write_history", full)
        with pytest.raises(InputError, match=r"cannot write .*model: .*No space left on device"):
            pretrain(corpus, plan, tmp_path / "model")
    assert load_checkpoint(tmp_path / "model.unfinished") is not None
    result = pretrain(corpus, plan, tmp_path / "model")
    assert (result.resumed_from, result.n_steps) == (4, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": "poetry"},
        {"size": "huge"},
        {"minutes": 0.0},
        {"held_out": 1.0},
        {"batch_tokens": 16},
        {"objective": "causal", "whole_words": True},
    ],
)
def test_a_plan_checks_its_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        replace(PLAN, **wrong)

"""Fixtures that every test may use."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

import aisle
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items, toy_judgments

pytest.register_assert_rewrite("aisle.testing.store")  # before any test imports it

# Before gRPC is imported: it would have its threads go on in the processes that tests fork, which then hang or fail.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"

BESIDE = Path(__file__).parents[2] / "shared" / "datasets"

# A machine with other work to do is slow at times, and the first Chinese word reads a dictionary.
settings.register_profile("aisle", deadline=None)
settings.load_profile("aisle")


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real public data sets, which never enter the repository."""
    folder = Path(os.environ.get("AISLE_DATASETS", BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set AISLE_DATASETS to its folder to run this test")
    return folder


def make_toy_shop(folder: Path) -> Shop:
    """A shop with the toy data in its store and the letter-counting encoder, not built yet."""
    aisle.init(folder).close()
    shop = aisle.open(folder, encoder=FakeEncoder())
    shop.store.upsert_items(toy_items())
    shop.store.append_events(toy_events())
    shop.store.upsert_judgments(toy_judgments())
    return shop


@pytest.fixture(scope="session")
def built_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built toy shop on disk, to be read only."""
    folder = tmp_path_factory.mktemp("toy") / "shop"
    shop = make_toy_shop(folder)
    shop.build()
    shop.close()
    return folder


@pytest.fixture
def toy_shop(built_folder: Path) -> Iterator[Shop]:
    """The built toy shop, to be read only."""
    shop = aisle.open(built_folder, encoder=FakeEncoder())
    yield shop
    shop.close()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 2 layers with 32 dimensions and random weights that reads letters, as a Hugging Face folder."""
    import torch  # noqa: PLC0415  seconds to import, which few tests need
    import transformers  # noqa: PLC0415
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.1,
        hidden_dropout_prob=0.0,  # so small a model would learn nothing
        attention_probs_dropout_prob=0.0,
    )
    folder = tmp_path_factory.mktemp("tiny") / "tiny-bert"
    transformers.BertModel(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def new_shop(tmp_path: Path) -> Iterator[Callable[[], Shop]]:
    """Makes fresh toy shops, not built yet, that a test may change."""
    shops: list[Shop] = []

    def make() -> Shop:
        shops.append(make_toy_shop(tmp_path / f"shop-{len(shops)}"))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


@dataclass
class S3Server:
    """A server of the S3 protocol in a process of its own, with a bucket. It keeps its objects in memory."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """What `releases.endpoint_url` names."""
        return f"http://127.0.0.1:{self.port}"


_numbers = count()


def start_s3(port: int = 0) -> S3Server:
    """Start a server on a port, or on a free one, and make the bucket "shops"."""
    if find_spec("moto") is None or find_spec("s3fs") is None:
        pytest.skip("no S3 server is installed (pip install 'moto[server]' s3fs)")
    import s3fs  # noqa: PLC0415

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server, until = S3Server(port, process), time.monotonic() + 60
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None and time.monotonic() < until, "the S3 server did not start"
        time.sleep(0.05)
    files = s3fs.S3FileSystem(endpoint_url=server.address, skip_instance_cache=True, use_listings_cache=False)
    files.mkdir("shops")
    return server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A running S3 server; a test that pauses it lets it run again."""
    before = dict(os.environ)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
    server = start_s3()
    yield server
    server.process.kill()
    server.process.wait()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def new_s3_server(s3_server: S3Server) -> Iterator[Callable[[int], S3Server]]:
    """Starts a server of the test's own, which it may kill, on a port (0: a free one)."""
    started: list[S3Server] = []

    def make(port: int = 0) -> S3Server:
        started.append(start_s3(port))
        return started[-1]

    yield make
    for server in started:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def s3_url(s3_server: S3Server) -> str:
    """An address in the bucket that nobody else uses."""
    return f"s3://shops/{next(_numbers)}"

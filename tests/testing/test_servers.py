"""Programs that tests start as another user, which takes a fork, beside threads that ask Milvus."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from aisle.testing.servers import owner


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root starts programs as another user")
def test_programs_run_beside_calls_of_grpc() -> None:
    grpc = pytest.importorskip("grpc", reason='no client of Milvus is installed (pip install "aisle[milvus]")')
    over = Event()

    def call(port: int) -> None:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            while not over.is_set():
                with pytest.raises(grpc.RpcError):
                    channel.unary_unary("/milvus/search")(b"", timeout=1)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)  # knows no method, which is an answer too
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with ThreadPoolExecutor(2) as callers:
            calls = [callers.submit(call, port) for _ in range(2)]
            try:
                for _ in range(100):
                    ran = subprocess.run(
                        ["echo", "1"], capture_output=True, text=True, timeout=10, **owner(Path(folder))
                    )
                    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")
            finally:
                over.set()
        for made in calls:
            made.result()
        server.stop(None).wait()

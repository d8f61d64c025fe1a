"""Several processes of a cluster that learn one network together: started, joined and replaced by Ray Train."""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import ray
from ray import cloudpickle

from aisle.cluster.lines import TICK_S, Line, Teller
from aisle.cluster.place import Hear, ignore
from aisle.errors import AisleError, AwayError

RETRIES = 5
"""How often all begin anew after a process or machine was lost."""


def together(
    work: Callable[..., Any],
    n_processes: int,
    *given: Any,
    hear: Hear,
    line: Line,
) -> Any:
    """What `work(*given, tell=...)` returns in the first of `n_processes` processes of the cluster that was joined.

    All call it alike, and have joined as torch.distributed needs it: by gloo, or by NCCL with a graphics card each
    where the cluster has so many. What the first tells by `line` is given to `hear`. Where one is
    lost, all begin anew. Raises the error of Aisle that the first raised, and AwayError when it was begun `RETRIES`
    times in vain.
    """
    from ray.train import FailureConfig, RunConfig, ScalingConfig  # noqa: PLC0415  seconds to import
    from ray.train.torch import TorchConfig, TorchTrainer  # noqa: PLC0415

    name = uuid4().hex
    parcel = [ray.put(cloudpickle.dumps((work, given)))]
    cards = ray.cluster_resources().get("GPU", 0) >= n_processes
    with TemporaryDirectory() as notes, ThreadPoolExecutor(1) as waiting:
        trainer = TorchTrainer(
            _process,
            train_loop_config={"parcel": parcel, "teller": line.other_end(name, heard=hear is not ignore)},
            # What the first decides is told to the others in ordinary memory, which NCCL does not reach.
            torch_config=TorchConfig(backend="cpu:gloo,cuda:nccl" if cards else "cpu:gloo"),
            scaling_config=ScalingConfig(num_workers=n_processes, use_gpu=cards),
            # Nothing is kept there but notes of Ray Train: what was learned is returned.
            run_config=RunConfig(storage_path=notes, failure_config=FailureConfig(max_failures=RETRIES)),
        )
        result = waiting.submit(trainer.fit)
        while not result.done():
            line.listen(name, hear)
            _wait(result)
    line.listen(name, hear)
    line.close(name)
    if error := result.exception():
        raise AwayError(
            f"learning in {n_processes} processes of the Ray cluster did not end well, begun {RETRIES + 1} times: "
            f"{str(error).strip().splitlines()[0]}"
        ) from error
    answer, refusal = pickle.loads(result.result().return_value)
    if refusal:
        raise refusal
    return answer


def _wait(result: Any) -> None:
    try:
        result.exception(timeout=TICK_S)
    except TimeoutError:
        return


def _process(config: dict[str, Any]) -> bytes:
    """Runs in each process of the cluster. An error of Aisle is an answer: to begin anew would not help."""
    from ray.train import get_context  # noqa: PLC0415  in the cluster alone

    work, given = pickle.loads(ray.get(config["parcel"][0]))
    teller: Teller = config["teller"]
    try:
        with teller:
            tell = ignore if get_context().get_world_rank() else teller.tell
            return bytes(cloudpickle.dumps((work(*given, tell=tell), None)))
    except AisleError as error:
        return bytes(cloudpickle.dumps((None, error)))

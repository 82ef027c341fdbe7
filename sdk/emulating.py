"""A bundle on an emulated microcontroller: C made for it, run, counted, and put into a result."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.emulator import (
    EmulatedBoard,
    EmulationOptions,
    EmulationResult,
    estimate,
)
from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.inputs import random_inputs
from edgekit.benchmarks.statistics import median
from edgekit.benchmarks.target import Inputs
from edgekit.bundle import Bundle, TensorSpec
from edgekit.device_profiles import DeviceProfile, load_profile
from edgekit.files import sha256_bytes
from edgekit.progress import EmulationStage, Progress, SilentProgress

if TYPE_CHECKING:
    from edgekit.converters.c import CTensor

__all__ = ["BundleEmulation", "emulate_bundle"]


@dataclass(frozen=True, slots=True)
class BundleEmulation:
    """What a bundle did on an emulated device.

    Attributes:
        result: What was counted and estimated.
        outputs: By name: raw values of all samples, stacked.
    """

    result: EmulationResult
    outputs: Mapping[str, NDArray[Any]]


def emulate_bundle(
    bundle: Bundle | str | Path,
    device: DeviceProfile | str | Path,
    options: EmulationOptions | None = None,
    *,
    inputs: Sequence[Inputs] = (),
    labels: Sequence[int] | NDArray[np.integer] | None = None,
    progress: Progress | None = None,
) -> BundleEmulation:
    """Run a bundle as C on an emulated microcontroller.

    Args:
        bundle: An open bundle, or the path of one.
        device: A device profile of kind ``mcu``, its name or its path.
        options: How the firmware is built and run.
        inputs: Raw arrays by the names of the inputs, one mapping for each sample. Random ones
            by default.
        labels: The right class of each of ``inputs``.
        progress: Is told how far it is.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        ContractError: Operators that have no C kernel.
        InvalidOptionError: Labels without inputs, or as many as there are not.
        EmulatorError: A tool is missing, the firmware does not fit, or it failed.
        EdgekitError: The device is no microcontroller, or its core cannot be emulated.
    """
    from edgekit.packaging.mcu import make_library

    opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
    profile = device if isinstance(device, DeviceProfile) else load_profile(device)
    chosen = options or EmulationOptions()
    told = progress or SilentProgress()
    board = EmulatedBoard(profile, chosen)
    fed, described = _samples(opened, inputs, labels, chosen.seed)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    told.stage(EmulationStage.GENERATE)
    library = make_library(opened, profile)
    hooked = make_library(opened, profile, layer_hook=True)
    samples = [tuple(_in_order(library.inputs, sample)) for sample in fed]
    run = board.run(library, samples, hooked=hooked, progress=told)
    outputs = _outputs(opened.manifest.outputs, library.outputs, run.emulation.outputs)
    estimates = estimate(profile, median(run.emulation.instructions))
    result = EmulationResult(
        model=opened.manifest.name,
        model_sha256=sha256_bytes(opened.model),
        device=profile.name,
        core=board.core.name,
        machine=board.core.machine.name,
        isa=str(library.isa),
        inputs=described,
        started_at=started_at,
        options=chosen,
        tools=run.tools,
        instructions=run.emulation.instructions,
        layers=run.layers,
        sizes=run.sizes,
        stack_bytes=run.emulation.stack_bytes,
        outputs_sha256=hashlib.sha256(b"".join(map(b"".join, run.emulation.outputs))).hexdigest(),
        correct=None if labels is None else _correct(opened.manifest.outputs[0], outputs, labels),
        latency=estimates.latency,
        energy=estimates.energy,
        gaps=estimates.gaps,
    )
    return BundleEmulation(result, outputs)


def _samples(
    bundle: Bundle,
    inputs: Sequence[Inputs],
    labels: Sequence[int] | NDArray[np.integer] | None,
    seed: int,
) -> tuple[Sequence[Inputs], str]:
    if labels is not None and len(labels) != len(inputs):
        raise InvalidOptionError(
            "labels", len(labels), f"as many as there are samples, {len(inputs)}"
        )
    if not inputs:
        return random_inputs(bundle.manifest.inputs, seed=seed), f"random, seed {seed}"
    names = sorted(spec.name for spec in bundle.manifest.inputs)
    for sample in inputs:
        if sorted(sample) != names:
            raise InvalidOptionError("inputs", sorted(sample), f"arrays by the names {names}")
    return inputs, f"given, {len(inputs)} sample{'s' * (len(inputs) > 1)}"


def _in_order(tensors: "Sequence[CTensor]", sample: Inputs) -> Iterator[bytes]:
    """Yield the bytes of each input of the C library, as its core stores them."""
    for tensor in tensors:
        array = np.asarray(sample[tensor.name])
        yield array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _outputs(
    specs: Sequence[TensorSpec],
    tensors: "Sequence[CTensor]",
    outputs: Sequence[Sequence[bytes]],
) -> dict[str, NDArray[Any]]:
    places = {tensor.name: index for index, tensor in enumerate(tensors)}
    return {
        spec.name: np.stack(
            [
                np.frombuffer(sample[places[spec.name]], spec.dtype).reshape(spec.shape)
                for sample in outputs
            ]
        )
        for spec in specs
    }


def _correct(
    spec: TensorSpec,
    outputs: Mapping[str, NDArray[Any]],
    labels: Sequence[int] | NDArray[np.integer],
) -> int:
    scores = outputs[spec.name].reshape(len(labels), -1)
    return int(np.count_nonzero(scores.argmax(axis=1) == np.asarray(labels)))

"""The arena that TensorFlow Lite Micro needs, measured by itself and corrected for 32 bits."""

import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from edgekit.converters.graph import peak_activation_bytes, read_graph
from edgekit.device_profiles import DeviceProfile
from edgekit.errors import MissingDependencyError
from edgekit.packaging.tflm.errors import ArenaMeasurementError
from edgekit.packaging.tflm.scratch import cmsis_nn_bytes

__all__ = ["ARENA_ALIGNMENT", "ArenaEstimate", "estimate_arena"]

ARENA_ALIGNMENT: Final = 16
_SECONDS: Final = 120
_SPARE_BYTES: Final = 1 << 20

# A process of its own: the allocations are printed by C++, and a model that the interpreter does
# not take may end it.
_CHILD: Final = """
import sys
from tflite_micro import runtime
model = sys.stdin.buffer.read()
interpreter = runtime.Interpreter.from_bytes(model, arena_size=int(sys.argv[1]))
interpreter.print_allocations()
"""
_TOTAL: Final = re.compile(r"Arena allocation (total|head|tail) (\d+) bytes")
_PART: Final = re.compile(r"'([^']+)' used (\d+) bytes")
# Parts that hold numbers, and none or few pointers.
_WITHOUT_POINTERS: Final = "Persistent buffer data"


@dataclass(frozen=True, slots=True)
class ArenaEstimate:
    """How large the interpreter's arena has to be.

    Attributes:
        recommended_bytes: Estimated: enough on a 32-bit core with the device's kernels.
        tensors_bytes: Measured: activations and scratch of the reference kernels. No arena can
            be smaller.
        host_bytes: Measured: all that the interpreter took on this 64-bit machine.
        kernels_bytes: Estimated: what the device's kernels need beyond the reference kernels.
    """

    recommended_bytes: int
    tensors_bytes: int
    host_bytes: int
    kernels_bytes: int

    @property
    def method(self) -> str:
        """How the recommendation was made, in words."""
        return (
            f"estimated, {self.tensors_bytes:,} to {self.recommended_bytes:,} bytes: TensorFlow "
            f"Lite Micro with reference kernels took {self.host_bytes:,} bytes on this 64-bit "
            "machine (measured); structures that are full of pointers counted half, and "
            f"{self.kernels_bytes:,} bytes added for the device's kernels"
        )


def estimate_arena(model: bytes, device: DeviceProfile) -> ArenaEstimate:
    """Return how large an arena a device needs for a model.

    Structures that consist of pointers are half as large with 32 bits; that they hold other
    things too makes this an estimate. CMSIS-NN's scratch is bounded by its own formulas. Against
    six measured builds (three models, Cortex-M4 and M55) the estimate was 0 to 9 % too large.

    Args:
        model: A ``.tflite``.
        device: Its kernel library and core decide on scratch.

    Raises:
        MissingDependencyError: The interpreter is not installed.
        ArenaMeasurementError: The interpreter does not take the model.
    """
    if find_spec("tflite_micro") is None:
        raise MissingDependencyError("tflite-micro", extra="mcu", purpose="measuring the arena")
    graph = read_graph(model)
    report = _allocations(model, 10 * len(model) + 4 * peak_activation_bytes(graph.main))
    totals = {name: int(size) for name, size in _TOTAL.findall(report)}
    parts = {name: int(size) for name, size in _PART.findall(report)}
    if set(totals) != {"total", "head", "tail"}:
        raise ArenaMeasurementError(report)
    pointers = totals["tail"] - parts.get(_WITHOUT_POINTERS, 0)
    kernels = 0
    if device.kernel_library == "cmsis-nn" and device.isa_features is not None:
        kernels = cmsis_nn_bytes(graph, device.isa_features.value)
    needed = totals["total"] - pointers // 2 + kernels
    return ArenaEstimate(
        recommended_bytes=-(-needed // ARENA_ALIGNMENT) * ARENA_ALIGNMENT,
        tensors_bytes=totals["head"],
        host_bytes=totals["total"],
        kernels_bytes=kernels,
    )


def _allocations(model: bytes, arena_bytes: int) -> str:
    command = [sys.executable, "-c", _CHILD, str(arena_bytes + _SPARE_BYTES)]
    try:
        done = subprocess.run(command, input=model, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ArenaMeasurementError(f"it took longer than {_SECONDS} s") from error
    report = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        raise ArenaMeasurementError(report or f"it ended with status {done.returncode}")
    return report

"""Golden inputs and outputs inside a bundle: proof that a model does here what it did there."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import Bundle, TensorSpec, write_bundle
from edgekit.runtime.inputs import encode
from edgekit.runtime.model import Model
from edgekit.runtime.quantization import dequantize
from edgekit.runtime.tensors import RawTensor, by_name
from edgekit.runtime.updating.errors import SelfTestError

__all__ = ["GOLDEN_MEMBER", "add_golden", "self_test"]

GOLDEN_MEMBER = "golden.npz"
_TOLERANCE = "tolerance"


def add_golden(
    bundle: Bundle, path: str | Path, samples: Sequence[Mapping[str, Any]], *, tolerance: float
) -> Bundle:
    """Write a bundle again with golden inputs, and the outputs that it gives here.

    Args:
        bundle: The bundle.
        path: Where the new one appears.
        samples: Values by input, as a call of the model takes them; some typical ones.
        tolerance: How far a real output may be from its golden value on another machine, in
            the output's own unit: kernels differ in the last steps. Integers must be equal.

    Raises:
        SelfTestError: There are no samples, or the tolerance is negative or no number.
        ValueMismatchError: A value does not fit its input.
    """
    if not samples or not 0 <= tolerance < np.inf:
        raise SelfTestError(
            bundle.path,
            f"{len(samples)} golden samples with tolerance {tolerance}",
            hint="give one sample at least, and a finite tolerance of 0 or more",
        )
    with Model(bundle) as model:
        given = [_encoded(model, sample) for sample in samples]
        results = [_outputs(model, feeds) for feeds in given]
    arrays: dict[str, NDArray[Any]] = {_TOLERANCE: np.array(tolerance, np.float64)}
    for spec in bundle.manifest.inputs:
        arrays[f"input/{spec.name}"] = np.stack([each[spec.name] for each in given])
    for spec in bundle.manifest.outputs:
        arrays[f"output/{spec.name}"] = np.stack([each[spec.name] for each in results])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    members = {member.path: bundle.read(member.path) for member in bundle.manifest.members}
    target = Path(path)
    write_bundle(target, bundle.manifest, {**members, GOLDEN_MEMBER: buffer.getvalue()})
    return Bundle.open(target)


def self_test(bundle: Bundle, model: Model) -> None:
    """Run the golden inputs and compare.

    Raises:
        SelfTestError: The bundle has no golden inputs, or an output is not within tolerance.
        ValueMismatchError: A golden value does not fit its input.
        InterpreterError: The interpreter refused to run.
    """
    golden = _read(bundle)
    inputs = {spec.name: golden[f"input/{spec.name}"] for spec in model.inputs}
    for number in range(len(next(iter(inputs.values())))):
        outputs = _outputs(model, {name: values[number] for name, values in inputs.items()})
        for spec in model.outputs:
            _compare(bundle, spec, outputs[spec.name], golden, number)


def _read(bundle: Bundle) -> dict[str, NDArray[Any]]:
    if all(member.path != GOLDEN_MEMBER for member in bundle.manifest.members):
        raise SelfTestError(
            bundle.path, "it has no golden inputs to test itself with", hint="use add_golden"
        )
    try:
        with np.load(io.BytesIO(bundle.read(GOLDEN_MEMBER)), allow_pickle=False) as archive:
            golden = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise SelfTestError(
            bundle.path, f"its golden inputs cannot be read: {error}", hint="use add_golden"
        ) from error
    manifest = bundle.manifest
    names = {_TOLERANCE, *(f"input/{spec.name}" for spec in manifest.inputs)}
    names |= {f"output/{spec.name}" for spec in manifest.outputs}
    tolerance = golden.get(_TOLERANCE, np.float64(np.nan))
    lengths = {array.shape[:1] for name, array in golden.items() if name != _TOLERANCE}
    if (
        set(golden) != names
        or len(lengths) != 1
        or lengths & {(), (0,)}
        or tolerance.shape != ()
        or tolerance.dtype != np.float64
        or not 0 <= tolerance < np.inf
    ):
        raise SelfTestError(
            bundle.path, "its golden inputs are not complete", hint="use add_golden"
        )
    return golden


def _compare(
    bundle: Bundle,
    spec: TensorSpec,
    found: NDArray[Any],
    golden: dict[str, NDArray[Any]],
    number: int,
) -> None:
    expected = golden[f"output/{spec.name}"][number]
    if expected.shape != found.shape or expected.dtype != found.dtype:
        why = f"is {found.dtype} {found.shape}, not {expected.dtype} {expected.shape}"
    elif spec.scale is None and not np.issubdtype(found.dtype, np.floating):
        if np.array_equal(expected, found):
            return
        why = "differs"
    else:
        tolerance = float(golden[_TOLERANCE])
        difference = np.abs(_real(spec, found) - _real(spec, expected))
        # Not "greater than", which is false for what is not a number.
        if np.all(difference <= tolerance):
            return
        why = f"differs by {np.max(difference):g}, {tolerance:g} is allowed"
    raise SelfTestError(
        bundle.path,
        f"output '{spec.name}' of golden sample {number} {why}",
        hint="the model does not compute here what it computed where it was made",
    )


def _encoded(model: Model, sample: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return a sample as the integers or floats that the inputs hold."""
    values = by_name("input", [RawTensor("input", spec) for spec in model.inputs], sample)
    pairs = zip(model.inputs, values, strict=True)
    return {spec.name: encode(spec, value) for spec, value in pairs}


def _outputs(model: Model, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    results = {spec.name: np.empty(spec.shape, spec.dtype) for spec in model.outputs}
    model.run_into(feeds, results)
    return results


def _real(spec: TensorSpec, values: NDArray[Any]) -> NDArray[Any]:
    return values if spec.scale is None else dequantize(values, spec.scale, spec.zero_point or 0)

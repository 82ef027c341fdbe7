"""The int8 bundles that figures of the benchmark are measured on."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle, write_bundle
from edgekit.converters.graph import Operator, read_graph, write_graph
from edgekit.converters.parity import Thresholds

# Random weights say nothing of accuracy, so that none is demanded.
_ANY_QUALITY = Thresholds(min_sqnr_db=-100.0)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def kws_bundle(scratch: Path) -> Bundle:
    """Build MLPerf Tiny's keyword network, calibrated on its first 100 samples."""
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    samples = f"{data}/kws_eval.npz"
    options = BuildOptions(calibration_data=f"{samples}[:100]", evaluation_data=f"{samples}[100:]")
    path = scratch / "kws.edgekit"
    build(data / "kws_dscnn.onnx", path, options)
    return Bundle.open(path)


def mobilenet_bundle(source: Path, scratch: Path) -> Bundle:
    """Build the MobileNetV2 that `mobilenet_v2.py` wrote, on seeded smooth pictures."""
    generator = np.random.default_rng(0)
    coarse = generator.uniform(-1, 1, (16, 3, 28, 28))
    np.savez(scratch / "pictures.npz", x=np.kron(coarse, np.ones((8, 8))).astype(np.float32))
    options = BuildOptions(
        calibration_data=f"{scratch}/pictures.npz[:12]",
        evaluation_data=f"{scratch}/pictures.npz[12:]",
        thresholds=_ANY_QUALITY,
    )
    path = scratch / "mobilenet_v2.edgekit"
    build(source, path, options)
    return Bundle.open(path)


def with_redundant_operators(bundle: Bundle, count: int, path: Path) -> Bundle:
    """Write a bundle whose model does the same and a little more work.

    After the global average pooling come ``count`` RELUs, one after the other. They change
    nothing, because what is pooled is not negative.

    Args:
        bundle: Of a network with an average pooling.
        count: How many.
        path: Where the bundle is written.
    """
    graph = read_graph(bundle.model)
    main = graph.main
    operators, tensors = list(main.operators), list(main.tensors)
    place = next(op.index for op in operators if op.kind == "AVERAGE_POOL_2D")
    pooled = last = operators[place].outputs[0]
    added = []
    for number in range(count):
        tensor = replace(tensors[pooled], index=len(tensors), name=f"redundant_{number}")
        tensors.append(tensor)
        added.append(Operator(0, "RELU", 2, (last,), (tensor.index,)))
        last = tensor.index
    later = [
        replace(op, inputs=tuple(last if index == pooled else index for index in op.inputs))
        for op in operators[place + 1 :]
    ]
    order = [*operators[: place + 1], *added, *later]
    changed = replace(
        main,
        tensors=tuple(tensors),
        operators=tuple(replace(op, index=index) for index, op in enumerate(order)),
    )
    content = write_graph(replace(graph, subgraphs=(changed, *graph.subgraphs[1:])))
    manifest = replace(bundle.manifest, name=f"{bundle.manifest.name}-slower", members=())
    write_bundle(path, manifest, {"model.tflite": content})
    return Bundle.open(path)

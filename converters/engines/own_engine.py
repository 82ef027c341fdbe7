"""edgekit's own engine: lowers to the typed graph and makes the integers on it."""

import importlib.metadata
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

from edgekit.bundle.manifest import Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.compression.channel_removal import remove_channels
from edgekit.converters.engines.base import EngineError, LoweredModel
from edgekit.converters.engines.graph_proof import prove_graph
from edgekit.converters.graph import keep_description, read_graph, write_graph
from edgekit.converters.lowering import LoweredGraph, lower_source, take_over
from edgekit.converters.quantize import compress_weights, observe
from edgekit.converters.quantize.choices import Choices
from edgekit.converters.quantize.mixing import SAMPLES, named_nodes, worst_nodes
from edgekit.converters.quantize.recipe import Recipe
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources.base import Sample, SourceFormat, SourceModel
from edgekit.errors import MissingDependencyError
from edgekit.files import atomic_write

__all__ = ["OwnEngine", "plain_recipe"]

_NEEDED = ("onnx", "onnxruntime", "ai_edge_litert")
_DECIDING = ("edgekit", "onnx")


class OwnEngine:
    """Lowers ONNX to the typed graph, quantizes it there, needs no TensorFlow.

    Args:
        cache: Not used; every engine is made alike.
        log: Where the operators of a wrong lowering are listed.
    """

    name = "edgekit"

    def __init__(self, cache: Cache, log: Path) -> None:
        del cache  # lowering again is as quick as reading it back and checking its hash
        self._log = log

    @property
    def version(self) -> str:
        """The version of edgekit, and of what cleans the ONNX model before."""
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _DECIDING)

    def __enter__(self) -> Self:
        """Check that what is needed is installed."""
        for package in _NEEDED:
            if importlib.util.find_spec(package) is None:
                raise MissingDependencyError(package, extra="convert", purpose="a build")
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is held."""

    def lower(self, source: SourceModel) -> LoweredModel:
        """Make the float TFLite model; a TFLite source is one already, and only cleaned.

        Lowering takes well under a second for most networks, so it is not cached.

        Raises:
            RefusedError: A node cannot be expressed exactly.
            EngineError: The result differs from the source.
        """
        whole = take_over(source) if source.format is SourceFormat.TFLITE else lower_source(source)
        graph, removed = remove_channels(source, whole)
        lowered = LoweredModel(
            tflite=write_graph(graph.graph),
            inputs=graph.inputs,
            outputs=graph.outputs,
            origins=graph.origins,
            directory=self._log.parent,
            from_cache=False,
            links=graph.links,
            grids={
                name: source.trained[link.name]
                for name, link in graph.links.items()
                if link.name in source.trained
            },
            removed=removed,
        )
        try:
            prove_graph(source, lowered, self._log)
        except EngineError:
            atomic_write(self._log, _listing(graph))
            raise
        return lowered

    def quantize(
        self, lowered: LoweredModel, request: QuantizationRequest, samples: Iterable[Sample]
    ) -> bytes:
        """Make the model asked for."""
        if request.scheme is Scheme.FLOAT32:
            return lowered.tflite
        if request.scheme in (Scheme.DYNAMIC, Scheme.FLOAT16):
            graph = read_graph(lowered.tflite)
            return write_graph(keep_description(graph, compress_weights(graph, request)))
        return plain_recipe(lowered, request, samples).make()


def plain_recipe(
    lowered: LoweredModel, request: QuantizationRequest, samples: Iterable[Sample]
) -> Recipe:
    """Return what makes the integer model that was asked for.

    Args:
        lowered: The float model.
        request: What is asked for; its scheme is int8, int16x8 or mixed.
        samples: What ranges are chosen from, in the source's layout.
    """
    graph = read_graph(lowered.tflite)
    first: list[Sample] = []
    kept = _keeping(samples, first) if request.scheme is Scheme.MIXED else samples
    interfaces = lowered.inputs, lowered.outputs
    seen = observe(lowered.tflite, graph.main, *interfaces, kept, request)
    choices = Choices(grids=lowered.grids)
    recipe = Recipe(graph, seen, request, lowered.origins, choices=choices)
    if request.scheme is not Scheme.MIXED:
        return recipe
    if request.int16:
        return replace(recipe, wide=named_nodes(request.int16, lowered.origins))
    wide = worst_nodes(
        lowered.tflite,
        graph.main,
        interfaces,
        lowered.origins,
        seen,
        first,
        lambda chosen: replace(recipe, wide=chosen).make(),
    )
    return replace(recipe, wide=wide)


def _keeping(samples: Iterable[Sample], first: list[Sample]) -> Iterator[Sample]:
    """Pass samples on and keep the first of them, which choose what becomes int16."""
    for sample in samples:
        if len(first) < SAMPLES:
            first.append(sample)
        yield sample


def _listing(lowered: LoweredGraph) -> str:
    """Return a line for each operator: what it is, what it writes, which node it came from."""
    main = lowered.graph.main
    return "".join(
        f"{operator.kind} {tensor.name} {tensor.shape} {lowered.origins.get(tensor.name, '')}\n"
        for operator in main.operators
        for tensor in main.outputs_of(operator)
    )

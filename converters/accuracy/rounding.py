"""Rung: rounding that is learned layer by layer, with the float model as the teacher."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.accuracy.adaround import Problem, Settings, learn_rounding
from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.layers import KINDS, Layer
from edgekit.converters.accuracy.rung import Step
from edgekit.converters.cache import Cache
from edgekit.converters.graph import Graph, Quantization, read_graph, write_graph
from edgekit.converters.quantize.choices import ChosenWeights
from edgekit.converters.quantize.recipe import Recipe

__all__ = ["LearnedRounding"]

Array = npt.NDArray[Any]

_CODES = "codes.npy"
_ACTIVATIONS = (0, 1, 3)  # none, RELU, RELU6


@dataclass(frozen=True, slots=True)
class LearnedRounding:
    """AdaRound on every CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, in order of execution.

    Each layer learns on the inputs that the integer model so far gives it, and so makes up for
    the layers before. A layer that rounding to nearest serves better keeps it. Every layer's
    result is kept in the cache under the hash of all that decides it: after Ctrl-C the same call
    goes on with the layer where it was.

    Attributes:
        settings: How long and how fast to learn, and the seed.
        positions: How many places of a layer's output are learned on, over all samples.
    """

    settings: Settings = field(default_factory=Settings)
    positions: int = 2048
    name: str = "learned rounding"

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Learn the layers one after another; Ctrl-C ends with those that are done.

        Raises:
            MissingDependencyError: torch is not installed.
        """
        layers = _layers(recipe)
        changed, learned = recipe, []
        done, interrupted = 0, False
        try:
            for layer in layers:
                chosen = self._learn(layer, changed, bench)
                done += 1
                bench.advance(done, len(layers))
                if chosen is not None:
                    weights = {**changed.choices.weights, layer.weights.name: chosen}
                    choices = replace(changed.choices, weights=weights)
                    changed = replace(changed, choices=choices)
                    learned.append(recipe.origins.get(layer.output.name) or layer.output.name)
        except KeyboardInterrupt:
            interrupted = True
        if not learned:
            return Step(recipe, (), "no layer gains by another rounding", interrupted)
        remark = f"{len(learned)} of {len(layers)} layers"
        if interrupted:
            remark += f", ended by Ctrl-C after {done}"
        return Step(changed, tuple(dict.fromkeys(learned)), remark, interrupted)

    def _learn(self, layer: Layer, recipe: Recipe, bench: Bench) -> ChosenWeights | None:
        tflite = recipe.make()
        place = _place(read_graph(tflite), layer)
        if place is None:
            return None
        received_index, grid = place
        given, received = self._patches(layer, received_index, (recipe, tflite), bench)
        assert layer.weights.data is not None
        weights = np.frombuffer(layer.weights.data, np.float32).reshape(layer.weights.shape)
        shape = [1] * weights.ndim
        shape[grid.axis] = -1
        scales = np.broadcast_to(np.array(grid.scales).reshape(shape), weights.shape)
        problem = Problem(
            weights=layer.matrix(weights),
            scales=layer.matrix(scales),
            bias=_bias(layer, recipe.graph),
            given=given,
            received=received,
            activation=int(layer.operator.options.get("fused_activation_function", 0)),
        )
        codes = _kept(problem, self.settings, bench.cache)
        return None if codes is None else ChosenWeights(layer.from_matrix(codes), grid)

    def _patches(
        self, layer: Layer, received: int, models: tuple[Recipe, bytes], bench: Bench
    ) -> tuple[Array, Array]:
        """Return the same patches in the float and in the integer model."""
        recipe, tflite = models
        runners = (
            (bench.open(write_graph(recipe.graph), keep_inner=True), layer.source.index),
            (bench.open(tflite, keep_inner=True), received),
        )
        generator = np.random.default_rng(self.settings.seed)
        samples = list(bench.samples)
        each = min(layer.positions(), max(1, self.positions // max(1, len(samples))))
        found: tuple[list[Array], list[Array]] = [], []
        for sample in samples:
            places = np.sort(generator.choice(layer.positions(), each, replace=False))
            for (runner, index), taken in zip(runners, found, strict=True):
                runner.run(sample)
                values = runner.inner_tensors({"x": index})["x"].reshape(layer.source.shape)
                taken.append(layer.patches(values.astype(np.float32), places))
        return np.concatenate(found[0], axis=1), np.concatenate(found[1], axis=1)


def _layers(recipe: Recipe) -> list[Layer]:
    """Return the layers of the float graph whose constant weights nobody else reads."""
    main = recipe.graph.main
    reads = [index for operator in main.operators for index in operator.inputs]
    found = []
    for operator in main.operators:
        if operator.kind not in KINDS:
            continue
        source, weights = (main.tensors[index] for index in operator.inputs[:2])
        fused = operator.options.get("fused_activation_function", 0)
        if weights.is_constant and reads.count(weights.index) == 1 and fused in _ACTIVATIONS:
            found.append(Layer(operator, source, weights, main.tensors[operator.outputs[0]]))
    return found


def _place(integer: Graph, layer: Layer) -> tuple[int, Quantization] | None:
    """Return the input of a layer in the integer model and the grid of its int8 weights."""
    main = integer.main
    for operator in main.operators:
        if operator.kind != layer.operator.kind:
            continue
        if main.tensors[operator.outputs[0]].name != layer.output.name:
            continue
        source, weights = (main.tensors[index] for index in operator.inputs[:2])
        grid = weights.quantization
        same = weights.shape == layer.weights.shape and source.shape == layer.source.shape
        if same and grid is not None and not any(grid.zero_points):
            return source.index, grid
    return None


def _bias(layer: Layer, graph: Graph) -> Array:
    inputs = layer.operator.inputs
    outputs = layer.output.shape[-1]
    bias = np.zeros(outputs, np.float32)
    if len(inputs) > 2 and inputs[2] >= 0:
        data = graph.main.tensors[inputs[2]].data
        bias = bias if data is None else np.frombuffer(data, np.float32)
    return bias.reshape(layer.groups, 1, -1)


def _kept(problem: Problem, settings: Settings, cache: Cache) -> Array | None:
    """Learn the rounding, or take what was learned for the very same problem before."""
    key = Cache.key(
        {
            "learned rounding": 1,
            "settings": asdict(settings),
            "activation": problem.activation,
            "arrays": list(_digests(problem)),
        }
    )
    entry = cache.find(key)
    if entry is None:
        codes = learn_rounding(problem, settings)
        with cache.store(key) as folder:
            np.save(Path(folder) / _CODES, np.zeros(0, np.int8) if codes is None else codes)
        return codes
    codes = np.load(entry / _CODES)
    return codes if codes.size else None


def _digests(problem: Problem) -> Iterator[str]:
    for array in (
        problem.weights,
        problem.scales,
        problem.bias,
        problem.given,
        problem.received,
    ):
        yield hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()

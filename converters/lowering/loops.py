"""Which loops have a number of passes that is known, and what they are when written out."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from edgekit.converters.lowering.bodies import constants_of, copied_body

__all__ = ["MOST_NODES", "Loop"]

MOST_NODES = 4096
"""How many nodes the loops of a model may become."""

_AXES_ARE_INPUTS = 13  # of Unsqueeze, from this opset on


class Loop:
    """What is known of a Loop before the model runs.

    Args:
        inputs: Names of its inputs.
        body: Its ``onnx.GraphProto``.
        constants: Values by name, of the graph that it stands in.
    """

    def __init__(self, inputs: tuple[str, ...], body: Any, constants: Mapping[str, Any]) -> None:
        self._constants = constants
        self._inputs = inputs
        self._body = body
        count = constants.get(inputs[0]) if inputs[0] else None
        self.passes = None if count is None else max(int(np.reshape(count, ())), 0)
        start = inputs[1] if len(inputs) > 1 else ""
        if start in constants and not np.reshape(constants[start], ()):
            self.passes = 0
        self._start_is_known = not start or start in constants

    @property
    def nodes(self) -> int:
        """How many nodes it becomes."""
        return max((self.passes or 0) * len(self._body.node), 1)

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be written out, None where it can."""
        if self.passes is None:
            return "how often it runs is computed while the model runs"
        if not self._start_is_known or (self.passes and not self._goes_on()):
            return "whether it goes on is computed while the model runs"
        if self.nodes > MOST_NODES:
            return f"its {self.passes} passes are {self.nodes} nodes, more than {MOST_NODES}"
        if not self.passes and len(self._body.output) > len(self._body.input) - 1:
            return "it never runs, so that what it collects is empty"
        return None

    def _goes_on(self) -> bool:
        """Whether the condition that the body gives is the one it got, or a constant true."""
        made = {name: node for node in self._body.node for name in node.output}
        constants = {**self._constants, **constants_of(self._body)}
        name = self._body.output[0].name
        while name in made and made[name].op_type in ("Identity", "Cast"):
            name = made[name].input[0]
        if name in constants:
            return bool(np.reshape(constants[name], ()))
        return bool(name == self._body.input[1].name)

    def written_out(self, graph: Any, outputs: tuple[str, ...], opset: int) -> Iterator[Any]:
        """Yield the nodes of all passes, then those that give the outputs.

        Requires that there is no obstacle.

        Args:
            graph: The ``onnx.GraphProto`` around it, which gets the body's initializers.
            outputs: Names of its outputs.
            opset: Of the model.
        """
        from onnx import helper

        number, condition, *carried_in = (item.name for item in self._body.input)
        prefix = next(name for name in outputs if name)
        true = _add(graph, f"{prefix}/true", np.ones((), bool))
        first = _add(graph, f"{prefix}/first_axis", np.array([0], np.int64))
        inputs = [first] if opset >= _AXES_ARE_INPUTS else []
        attributes: dict[str, Any] = {} if inputs else {"axes": [0]}
        carried = list(self._inputs[2:])
        rows: list[list[str]] = [[] for _ in self._body.output[1 + len(carried) :]]
        for index in range(self.passes or 0):
            place = _add(graph, f"{prefix}/{index}", np.array(index, np.int64))
            names = {number: place, condition: true, **dict(zip(carried_in, carried, strict=True))}
            nodes, (_, *results) = copied_body(graph, self._body, names, place)
            yield from nodes
            carried, collected = results[: len(carried)], results[len(carried) :]
            for position, name in enumerate(collected):
                row = f"{place}/row_{position}"
                rows[position].append(row)
                yield helper.make_node("Unsqueeze", [name, *inputs], [row], row, **attributes)
        for name, target in zip(carried, outputs, strict=False):
            if target:
                yield helper.make_node("Identity", [name], [target], target)
        for parts, target in zip(rows, outputs[len(carried) :], strict=False):
            if target:
                yield helper.make_node("Concat", parts, [target], target, axis=0)


def _add(graph: Any, name: str, values: Any) -> str:
    from onnx import numpy_helper

    graph.initializer.append(numpy_helper.from_array(values, name))
    return name

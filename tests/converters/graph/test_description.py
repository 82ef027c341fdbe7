"""Signatures, TFLite Metadata and the description outlive a change of the graph."""

from dataclasses import replace

import numpy as np

from edgekit.converters.graph import DataType, Signature, keep_description
from edgekit.converters.graph.builder import GraphBuilder, Value


def graph(order):
    """Return a sum of two inputs whose tensors stand in the given order."""
    builder = GraphBuilder()
    a, b = (Value(name, (2,), DataType.FLOAT32) for name in "ab")
    builder.inputs = [a, b]
    total = builder.emit("ADD", [a, b], (2,), name="sum")
    builder.outputs = [
        builder.emit("MUL", [total, builder.constant(np.ones(2, "f4"), "one")], (2,))
    ]
    builder.outputs[0].name = "out"
    made = builder.finish()
    if order == "as made":
        return made
    main, last = made.main, len(made.main.tensors) - 1
    tensors = tuple(replace(t, index=last - t.index) for t in reversed(main.tensors))

    def turned(indices):
        return tuple(last - index for index in indices)

    operators = tuple(
        replace(item, inputs=turned(item.inputs), outputs=turned(item.outputs))
        for item in main.operators
    )
    main = replace(
        main,
        tensors=tensors,
        operators=operators,
        inputs=turned(main.inputs),
        outputs=turned(main.outputs),
    )
    return replace(made, subgraphs=(main,), signatures=())


def test_signatures_follow_the_tensors():
    after = graph("turned")
    before = replace(
        graph("as made"),
        signatures=(Signature("classify", 0, {"left": 0, "right": 1}, {"result": 2}),),
        metadata={"TFLITE_METADATA": b"about", "min_runtime_version": b"1.5.0"},
        description="made elsewhere",
    )
    assert before.main.tensors[2].name == "out"

    kept = keep_description(before, after)
    (signature,) = kept.signatures
    names = {name: kept.main.tensors[i].name for name, i in signature.inputs.items()}
    assert (signature.key, names) == ("classify", {"left": "a", "right": "b"})
    assert kept.main.tensors[signature.outputs["result"]].name == "out"
    assert kept.metadata == {"TFLITE_METADATA": b"about"}
    assert kept.description == "made elsewhere"


def test_a_signature_that_reaches_inside_is_left_out():
    before = graph("as made")
    inner = next(t.index for t in before.main.tensors if t.name == "sum")
    before = replace(before, signatures=(Signature("peek", 0, {"left": 0}, {"inner": inner}),))
    after = graph("as made")
    assert keep_description(before, after).signatures == after.signatures

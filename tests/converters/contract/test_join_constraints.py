"""Joins at outputs: parts that keep enough steps, and parts that do not."""

import pytest

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import DataType, Quantization
from edgekit.converters.graph.builder import GraphBuilder, Node, Value

SHAPE = (1, 4)


def value(name, scale, shape=SHAPE):
    return Value(name, shape, DataType.INT8, None, Quantization((scale,), (0,), 0))


def joined(fine, coarse, *, read_by=None):
    """Return a graph that joins two inputs at the coarser scale; what reads the join, if asked."""
    one, other = value("one", fine), value("other", coarse)
    cast, result = value("cast", coarse), value("joined", coarse, (1, 8))
    builder = GraphBuilder()
    builder.inputs, builder.outputs = [one, other], [result]
    builder.nodes = [
        Node("QUANTIZE", [one], [cast]),
        Node("CONCATENATION", [cast, other], [result], {"axis": 1}),
    ]
    if read_by:
        last = value("last", coarse, (1, 8))
        builder.nodes.append(Node(read_by, [result], [last]))
        builder.outputs = [last]
    return builder.finish()


def broken(graph):
    found = check_contract(graph, ContractContext(Scheme.INT8, Io.INT8))
    return [item for item in found if item.constraint == "joined_ranges_fit_one_scale"]


@pytest.mark.parametrize(("fine", "coarse"), [(0.01, 0.01), (0.01, 0.15), (1e-9, 1.0)])
def test_parts_keep_enough_steps_or_are_nothing(fine, coarse):
    assert broken(joined(fine, coarse)) == []


def test_a_part_that_collapses_is_named():
    (found,) = broken(joined(1 / 256, 2.5))

    assert found.subject == "CONCATENATION #1"
    assert "one with steps of 0.00391 keeps 0.4 of its 256 steps" in found.particulars


def test_moves_do_not_hide_it_and_computations_end_it():
    assert len(broken(joined(1 / 256, 2.5, read_by="SQUEEZE"))) == 1
    assert broken(joined(1 / 256, 2.5, read_by="LOGISTIC")) == []

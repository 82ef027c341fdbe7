"""Names in the resolver, held against those read in TensorFlow Lite Micro's header."""

import re

import pytest

from edgekit.converters.graph import DataType, Graph, Operator, Subgraph, Tensor, read_graph
from edgekit.device_profiles.runtime_support import load_runtime
from edgekit.packaging.tflm.registrations import needed_kinds, register, registrations

INT8, INT16, INT4, FLOAT = DataType.INT8, DataType.INT16, DataType.INT4, DataType.FLOAT32


def graph(kind, *types):
    """One operator with inputs of these types, the last one being the output's."""
    tensors = tuple(Tensor(i, f"t{i}", (1, 4), of, None) for i, of in enumerate(types))
    last = len(types) - 1
    operator = Operator(0, kind, 1, tuple(range(last)), (last,))
    return Graph((Subgraph("main", tensors, (operator,), (0,), (last,)),))


def test_every_operator_of_the_runtime_can_be_registered():
    assert set(registrations()) == set(load_runtime("tflite-micro").operators.value)


# Member functions as they stand in micro_mutable_op_resolver.h.
@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("ADD_N", "AddAddN"),
        ("BATCH_MATMUL", "AddBatchMatMul"),
        ("BATCH_TO_SPACE_ND", "AddBatchToSpaceNd"),
        ("CUMSUM", "AddCumSum"),
        ("DEPTHWISE_CONV_2D", "AddDepthwiseConv2D"),
        ("L2_POOL_2D", "AddL2Pool2D"),
        ("PADV2", "AddPadV2"),
        ("RELU6", "AddRelu6"),
        ("REVERSE_V2", "AddReverseV2"),
        ("SELECT_V2", "AddSelectV2"),
        ("SPLIT_V", "AddSplitV"),
        ("SVDF", "AddSvdf"),
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "AddUnidirectionalSequenceLSTM"),
    ],
)
def test_irregular_names(kind, function):
    assert registrations()[kind].add == function


def test_names_are_well_formed_and_unique():
    rows = registrations()
    assert len({row.add for row in rows.values()}) == len(rows)
    for kind, row in rows.items():
        assert re.fullmatch(r"Add[A-Z]\w+", row.add)
        assert row.add[3:].lower() == kind.replace("_", "").lower()
        for dtype, typed in row.typed.items():
            assert typed == f"Register_{kind}_{dtype.upper()}"


@pytest.mark.parametrize(
    ("kind", "types", "call"),
    [
        ("CONV_2D", (INT8, INT8, INT8), "AddConv2D(tflite::Register_CONV_2D_INT8())"),
        ("CONV_2D", (INT16, INT8, INT16), "AddConv2D(tflite::Register_CONV_2D_INT16())"),
        ("CONV_2D", (INT8, INT4, INT8), "AddConv2D()"),
        ("CONV_2D", (FLOAT, FLOAT, FLOAT), "AddConv2D()"),
        ("SOFTMAX", (INT8, INT8), "AddSoftmax(tflite::Register_SOFTMAX_INT8())"),
        ("SOFTMAX", (INT8, INT16), "AddSoftmax()"),
        ("ADD", (INT8, INT8, INT8), "AddAdd(tflite::Register_ADD_INT8())"),
        ("ADD", (DataType.INT32, DataType.INT32, DataType.INT32), "AddAdd()"),
        ("RESHAPE", (INT8, DataType.INT32, INT8), "AddReshape()"),
    ],
)
def test_one_type_alone_gets_its_own_kernels(kind, types, call):
    assert register(graph(kind, *types), kind) == call


def test_mixed_types_get_generic_kernels():
    one, other = graph("SOFTMAX", INT8, INT8), graph("SOFTMAX", INT16, INT16)
    both = Graph((*one.subgraphs, *other.subgraphs))
    assert register(both, "SOFTMAX") == "AddSoftmax()"


def test_the_kinds_of_a_model_are_listed_once(tflite_models):
    kinds = needed_kinds(read_graph(tflite_models.conv_model()))
    assert kinds == ("CONV_2D", "RESHAPE", "SOFTMAX")

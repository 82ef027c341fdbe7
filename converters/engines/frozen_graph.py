"""TensorFlow's TFLite converter over a frozen graph; used in child processes only."""

from typing import Any

__all__ = ["converter_of"]


def converter_of(content: bytes, names: dict[str, Any]) -> Any:
    """Return a converter; the same graph gives the same tensor names each time.

    Only the parts of TensorFlow that the converter needs are imported, so that this works
    whether or not the package itself was.

    Args:
        content: A serialized ``GraphDef`` that holds its weights.
        names: Tensor names of its ``inputs`` and ``outputs``, in the wanted order.
    """
    from tensorflow.core.framework.graph_pb2 import GraphDef
    from tensorflow.lite.python.lite import TFLiteConverterV2
    from tensorflow.python.eager.wrap_function import wrap_function
    from tensorflow.python.framework.importer import import_graph_def

    graph = GraphDef()
    graph.ParseFromString(content)
    wrapped = wrap_function(lambda: import_graph_def(graph, name=""), [])
    function = wrapped.prune(names["inputs"], names["outputs"])
    return TFLiteConverterV2.from_concrete_functions([function])

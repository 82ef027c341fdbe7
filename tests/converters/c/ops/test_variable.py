"""What is assigned to a variable is read in the next run, as the golden interpreter does it."""

import numpy as np

from edgekit.converters.graph import DataType
from edgekit.converters.graph.builder import Node, Value


def accumulator(lib):
    """Return nodes that add the input to a state: state = state + x."""
    x, total, state = (lib.tensor((1, 12), scale=0.5) for _ in range(3))
    handles = [Value("handle", (), DataType.RESOURCE) for _ in range(2)]
    shared = {"container": "", "shared_name": "state"}
    return [
        Node("VAR_HANDLE", [], [handles[0]], shared),
        Node("READ_VARIABLE", [handles[0]], [state], {}),
        Node("ADD", [state, x], [total], {"fused_activation_function": 0}),
        Node("VAR_HANDLE", [], [handles[1]], shared),
        Node("ASSIGN_VARIABLE", [handles[1], total], [], {}),
        Node("RELU", [total], [lib.tensor((1, 12), scale=0.5)], {}),
    ]


def test_state_is_kept_between_runs(c_libraries):
    model = c_libraries.model_of(accumulator(c_libraries))
    c_libraries.assert_golden([model], runs=6)


def test_init_forgets(c_libraries, tmp_path):
    from edgekit.converters.c import COptions, generate_c

    model = c_libraries.model_of(accumulator(c_libraries))
    library = generate_c(model, COptions("m"))
    [host] = c_libraries.load([library], tmp_path)
    ones = np.ones((1, 12), np.int8)
    assert [host.run(ones)[0].max() for _ in range(3)] == [1, 2, 3]
    again = c_libraries.HostLibrary(library, host.loaded)
    assert again.run(ones)[0].max() == 1

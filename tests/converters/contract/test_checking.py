"""What breaks the contract is named, counted, and waived where that is allowed."""

import pytest

from edgekit.converters.contract import (
    ContractContext,
    ContractError,
    Violation,
    check_contract,
    enforce_contract,
)
from edgekit.converters.graph import DataType
from edgekit.device_profiles import load_profile

ORIGINS = {"conv": "Conv '/first/Conv'", "scores": "Softmax '/Softmax'"}


def violation(number=1, *, island=False, device=None):
    return Violation(
        "rule", "Rules are kept.", f"OP #{number}", "Node 'n'", "it is not", device, island
    )


def test_messages_name_operator_source_node_finding_and_rule(graph, edit):
    island = edit.tensor(graph, "conv", dtype=DataType.FLOAT32, quantization=None)
    context = ContractContext("int8", "int8", origins=ORIGINS)
    first, second = check_contract(island, context)
    assert str(first) == (
        "CONV_2D #0 (from Conv '/first/Conv'): float tensor conv. "
        "A full-integer model computes nothing in float."
    )
    assert second.subject == "RESHAPE #1"
    assert second.origin == "Softmax '/Softmax'"  # towards which it helps


def test_origins_of_tensors(graph, edit):
    """Inputs come from the interface, constants from what reads them."""
    bad = {"quantization": {"scales": (0.0,)}}
    context = ContractContext("int8", "int8", origins=ORIGINS)

    def origin(name):
        changed = edit.tensor(graph, name, **bad)
        found = check_contract(changed, context)
        return next(item.origin for item in found if item.constraint == "quantization_is_valid")

    assert origin("image") == "the interface"
    assert origin("w") == "Conv '/first/Conv'"
    assert origin("conv") == "Conv '/first/Conv'"
    assert origin("flat") == "Softmax '/Softmax'"
    assert origin("scores") == "Softmax '/Softmax'"


def test_what_was_asked_for_comes_first_then_device_by_device(graph, edit):
    devices = [load_profile(name) for name in ("raspberry-pi-pico", "nucleo-l4r5zi")]
    changed = edit.operator(graph, "RESHAPE", kind="SEGMENT_SUM")
    changed = edit.tensor(changed, "w", quantization={"zero_points": (1,) * 5})
    found = check_contract(changed, ContractContext("int8", "int8"), devices)
    assert [(item.constraint, item.device) for item in found] == [
        ("weights_are_symmetric", None),
        ("operator_is_supported", "raspberry-pi-pico"),
        ("operator_is_supported", "nucleo-l4r5zi"),
    ]
    assert str(found[1]).startswith("[raspberry-pi-pico] SEGMENT_SUM #1 (from unknown): ")


def test_float_islands_are_waived_only_when_allowed():
    enforce_contract([], allow_float_islands=False)
    enforce_contract([violation(island=True)], allow_float_islands=True)
    with pytest.raises(ContractError) as caught:
        enforce_contract([violation(island=True)], allow_float_islands=False)
    assert "--allow-float-islands" in caught.value.hint
    with pytest.raises(ContractError) as caught:
        enforce_contract([violation(1, island=True), violation(2)], allow_float_islands=True)
    assert [item.subject for item in caught.value.violations] == ["OP #2"]
    assert "--allow-float-islands" not in caught.value.hint


def test_the_error_counts_and_lists():
    with pytest.raises(ContractError, match="in 1 place\n") as caught:
        enforce_contract([violation()], allow_float_islands=False)
    many = [violation(number) for number in range(27)]
    with pytest.raises(ContractError, match="in 27 places\n") as caught:
        enforce_contract(many, allow_float_islands=False)
    assert len(caught.value.details) == 21
    assert caught.value.details[-1] == "... and 7 more"
    assert caught.value.violations == tuple(many)

"""Engines by name: edgekit's own, and those of other packages."""

import pytest

from edgekit.benchmarks.engines import (
    EngineFailedError,
    InferenceEngine,
    engine_names,
    open_engine,
)
from edgekit.errors import UnknownNameError


def test_all_of_them_are_engines_under_their_names():
    assert engine_names()[0] == "litert"
    for name in engine_names():
        engine = open_engine(name)
        assert isinstance(engine, InferenceEngine)
        assert engine.name == name


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown engine 'onnxrt'") as raised:
        open_engine("onnxrt")
    assert "onnxruntime" in raised.value.near


@pytest.mark.usefixtures("added_engines")
def test_other_packages_add_engines_at_the_end():
    own = len(engine_names()) - 8
    assert engine_names()[own:] == (
        *("added", "crashing", "failing", "missing"),
        *("refusing", "sleeping", "tiring", "wrong"),
    )
    assert open_engine("added").name == "added"


@pytest.mark.usefixtures("added_engines")
@pytest.mark.parametrize(
    ("name", "why"),
    [("wrong", "gives a Wrong, which is no engine"), ("missing", "cannot be loaded")],
)
def test_an_entry_point_that_gives_no_engine_is_named(name, why):
    with pytest.raises(EngineFailedError, match=why):
        open_engine(name)

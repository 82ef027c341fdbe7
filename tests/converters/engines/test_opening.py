"""Engines by name."""

import pytest

from edgekit.converters.cache import Cache
from edgekit.converters.engines import ENGINE_NAMES, open_engine
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.errors import UnknownNameError


def test_engines_by_name(tmp_path):
    assert ENGINE_NAMES == ("edgekit", "onnx2tf")
    assert isinstance(open_engine("edgekit", Cache(tmp_path), tmp_path / "log"), OwnEngine)
    engine = open_engine("onnx2tf", Cache(tmp_path), tmp_path / "log")
    assert isinstance(engine, Onnx2tfEngine)
    assert engine.name == "onnx2tf"
    assert engine.version.startswith("onnx2tf 1.28.8, tensorflow ")
    assert list(tmp_path.iterdir()) == []  # nothing happens before it is entered


def test_unknown_engines_offer_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown engine 'onnx2tflite'") as caught:
        open_engine("onnx2tflite", Cache(tmp_path), tmp_path / "log")
    assert "onnx2tf" in caught.value.hint

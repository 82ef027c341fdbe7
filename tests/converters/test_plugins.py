"""Plugin files register operators for one build, and fail with the line that is to blame."""

import pytest

from edgekit.build_options import BuildOptions, OptionError
from edgekit.converters.lowering.registry import lowered_operators
from edgekit.converters.plugins import loaded_plugins
from edgekit.converters.quantize.registry import find_rule
from edgekit.errors import UnreadableFileError

REGISTERING = """
from edgekit.operators import defines, lowers, quantizes
import neighbour

@lowers("Thing", domain="com.example")
def thing(context, node):
    '''Nothing.'''

@quantizes("MY_KIND")
def rule(quantizer, node):
    '''Nothing.'''
"""


@pytest.fixture
def plugin(tmp_path):
    (tmp_path / "neighbour.py").write_text("")

    def write(text):
        path = tmp_path / "plugin.py"
        path.write_text(text)
        return path

    return write


def test_what_it_registers_lasts_for_one_build(plugin):
    path = plugin(REGISTERING)
    for _ in range(2):
        with loaded_plugins([path]):
            assert ("com.example", "Thing") in lowered_operators()
            assert find_rule("MY_KIND") is not None
        assert ("com.example", "Thing") not in lowered_operators()
        assert find_rule("MY_KIND") is None


def test_it_is_forgotten_after_an_error_too(plugin):
    with pytest.raises(ZeroDivisionError), loaded_plugins([plugin(REGISTERING)]):
        1 / 0  # noqa: B018
    assert ("com.example", "Thing") not in lowered_operators()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\nimport nowhere_to_be_found", "line 2: ModuleNotFoundError"),
        ("def (", "line 1: SyntaxError"),
        ("raise SystemExit(3)", "line 1: SystemExit"),
        (
            "from edgekit.operators import lowers\nlowers('Relu')(print)",
            "line 2: TypeError: :Relu from opset 1 is registered twice",
        ),
    ],
)
def test_a_failing_file_is_named_with_the_line(plugin, text, reason):
    with (
        pytest.raises(UnreadableFileError, match=r"plugin\.py") as caught,
        loaded_plugins([plugin(text)]),
    ):
        pass
    assert reason in caught.value.message


def test_a_missing_file(tmp_path):
    with pytest.raises(UnreadableFileError, match="no such file"), loaded_plugins([tmp_path / "x"]):
        pass


def test_plugins_go_with_our_engine(tmp_path):
    with pytest.raises(OptionError, match="--engine onnx2tf"):
        BuildOptions(engine="onnx2tf", plugins=[tmp_path / "plugin.py"])

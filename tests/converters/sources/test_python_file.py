"""Python files that make a model, and the ways in which they fail."""

import sys
import textwrap

import pytest

from edgekit.converters.sources import SourceError, open_source
from edgekit.errors import UnreadableFileError


@pytest.fixture
def script(tmp_path):
    def write(text, name="net.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write


GOOD = """
    import torch
    def get_model():
        return torch.nn.Linear(4, 3)
    def get_args():
        return {arguments}
"""


@pytest.mark.parametrize(
    "arguments", ["(torch.zeros(1, 4),)", "torch.zeros(1, 4)", "[torch.zeros(1, 4)]"]
)
def test_a_module_and_its_arguments(script, arguments):
    source = open_source(script(GOOD.format(arguments=arguments)))
    assert (source.kind, source.name, source.reference.name) == ("python-file", "net.py", "torch")
    assert source.inputs[0].shape == (1, 4)


def test_an_exported_program_needs_no_arguments(script):
    source = open_source(
        script("""
            import torch
            def get_model():
                dims = ({0: torch.export.Dim("n", min=1)},)
                module = torch.nn.Linear(4, 3)
                return torch.export.export(module, (torch.zeros(2, 4),), dynamic_shapes=dims)
        """),
        input_shapes={"input": (5, 4)},
    )
    assert (source.kind, source.name) == ("python-file", "net.py")
    assert source.outputs[0].shape == (5, 3)


def test_neighbours_can_be_imported_also_late(script, capfd):
    script("import torch\nNet = torch.nn.Identity\n", "edgekit_test_nets.py")
    path = script("""
        import torch
        print("loading")
        def get_model():
            from edgekit_test_nets import Net
            return torch.nn.Sequential(Net(), torch.nn.ReLU())
        def get_args():
            return torch.zeros(1, 4)
    """)
    try:
        assert open_source(path).outputs[0].shape == (1, 4)
    finally:
        sys.modules.pop("edgekit_test_nets", None)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "loading\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import torch\n1 / 0\n", "line 2: ZeroDivisionError: division by zero"),
        ("def get_model(:\n", "line 1: SyntaxError"),
        ("import no_such_package_at_all\n", "line 1: ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "line 1: SystemExit: 3"),
    ],
)
def test_files_that_fail_to_run(script, text, words):
    path = script(text)
    with pytest.raises(UnreadableFileError) as caught:
        open_source(path)
    assert words in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "defines no get_model()"),
        ("get_model = 3\n", "defines no get_model()"),
        ("def get_model():\n    return 7\n", "returned a int"),
        (
            "def get_model():\n    raise KeyError('weights')\n",
            "failed: line 2: KeyError: 'weights'",
        ),
        ("def get_model():\n    raise SystemExit\n", "failed: line 2: SystemExit"),
        (
            "import torch\ndef get_model():\n    return torch.nn.ReLU()\n",
            "defines no get_args()",
        ),
        (
            "import torch\nget_model = torch.nn.ReLU\nget_args = lambda: None\n",
            "get_args() of net.py returned a NoneType",
        ),
        (
            "import torch\nget_model = torch.nn.ReLU\nget_args = lambda: ()\n",
            "get_args() of net.py returned a tuple",
        ),
        (
            "import torch\nget_model = torch.nn.ReLU\ndef get_args():\n    return 1 / 0\n",
            "get_args() of net.py failed: line 4: ZeroDivisionError",
        ),
    ],
)
def test_functions_that_are_missing_or_fail(script, text, words):
    path = script(text)
    with pytest.raises(SourceError) as caught:
        open_source(path)
    assert words in caught.value.message.replace(f"{path.parent}/", "")
    assert "\n" not in caught.value.message


def test_a_line_of_another_file_is_not_blamed_on_this_one(script):
    path = script("""
        import json
        def get_model():
            return json.loads("{")
    """)
    with pytest.raises(SourceError, match="line 4: JSONDecodeError"):
        open_source(path)

"""`edgekit.compress`: what it takes, what it refuses, and that it repeats."""

import subprocess
import sys

import pytest
import torch
from torch import nn

import edgekit
from edgekit.compressing import CompressionError
from edgekit.errors import UnknownNameError

FAST = edgekit.CompressionRecipe("magnitude", sparsity=0.6, epochs=1, seed=3)


def test_the_module_itself_stays_as_it_is(digits, trained):
    before = {name: values.clone() for name, values in trained.state_dict().items()}
    edgekit.compress(trained, FAST, data=digits)
    after = trained.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(values, before[name]) for name, values in after.items())


def test_the_seed_decides_the_result(digits, trained):
    one, same = (edgekit.compress(trained, FAST, data=digits) for _ in range(2))
    assert one.report == same.report
    other = same.module.state_dict()
    assert all(torch.equal(v, other[name]) for name, v in one.module.state_dict().items())


def test_a_method_by_its_name_has_its_defaults(digits, trained):
    report = edgekit.compress(trained, "magnitude", data=digits).report
    assert len(report.losses) == 10
    total = sum(layer.weights for layer in report.layers)
    assert sum(layer.nonzero for layer in report.layers) == total // 2
    assert report.to_json()["provenance"] == "measured"


@pytest.mark.parametrize(
    ("method", "given", "message"),
    [
        ("magnitude", {}, "no data are given"),
        ("magnitude", {"data": ([], []), "train": print}, "both data and a training loop"),
        ("distill", {"data": ([], [])}, "no teacher"),
        ("magnitude", {"train": print, "teacher": nn.Identity()}, "no use for a teacher"),
        ("channels", {"train": print}, "has to trace the module"),
        ("qat", {"train": print}, "has to trace the module"),
        (edgekit.CompressionRecipe("qat", temperature=2), {"train": print}, "are a teacher's"),
    ],
)
def test_what_does_not_go_together_is_refused(method, given, message):
    with pytest.raises(CompressionError, match=message) as caught:
        edgekit.compress(nn.Linear(4, 2), method, **given)
    assert caught.value.hint


def test_an_unknown_method_is_refused(trained):
    with pytest.raises(UnknownNameError, match="unknown method 'prune'"):
        edgekit.compress(trained, "prune", train=print)


def test_only_modules_can_be_trained(trained):
    program = torch.export.export(trained, (torch.zeros(1, 1, 8, 8),))
    for given in (program, program.module(), "net.onnx"):
        with pytest.raises(CompressionError, match="cannot be trained here"):
            edgekit.compress(given, "magnitude", train=print)


@pytest.mark.parametrize("package", ["torch", "torchao"])
def test_a_missing_package_names_the_extra(package):
    use = "import torch; edgekit.compress(torch.nn.Linear(4, 4), 'qat', train=print, "
    use += "example_inputs=torch.zeros(1, 4))"
    code = f"import sys; sys.modules['{package}'] = None; import edgekit\n"
    code += "edgekit.compress(None, 'magnitude', train=print)" if package == "torch" else use
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"needs the package '{package}', which is not installed" in done.stderr
    assert "pip install 'edgekit[torch]'" in done.stderr

"""The torch engines, each in a process of its own: how torch is set up there is for all of it."""

from dataclasses import replace

import pytest

from edgekit.benchmarks.engines import EngineUnavailableError, Form
from edgekit.benchmarks.engines.process import EngineProcess

HOW = {
    "torch": "eager, no gradients",
    "torchscript": "traced and frozen",
    "torch-export": "exported graph, no gradients",
}


def answers(name, case):
    with EngineProcess(name, case, timeout_seconds=120) as process:
        process.prepare()
        return process.ask("outputs"), process.ask("describe")[0]


@pytest.mark.parametrize("name", HOW)
def test_it_computes_the_source(name, torch_case, expected, assert_close):
    made, description = answers(name, torch_case)
    assert_close(made, expected)
    assert (description.package, description.form) == ("torch", Form.FLOAT)
    assert description.how == HOW[name]


def test_an_exported_program_runs_where_programs_do(
    pair, torch_case, tmp_path, expected, assert_close
):
    torch = pytest.importorskip("torch")

    class Pair(torch.nn.Module):
        def forward(self, a, b):
            return a + b, a * b

    program = torch.export.export(Pair(), (torch.zeros(1, 4), torch.zeros(1, 4)))
    torch.export.save(program, tmp_path / "pair.pt2")
    case = replace(torch_case, torch_file=tmp_path / "pair.pt2")
    assert_close(answers("torch-export", case)[0], expected)
    with pytest.raises(EngineUnavailableError, match="exported program"):
        answers("torch", case)


@pytest.mark.parametrize("name", ["torch-export"])
def test_without_a_source_it_says_what_to_give(name, case):
    with pytest.raises(EngineUnavailableError, match="none was given") as raised:
        answers(name, case)
    assert "--source" in raised.value.hint

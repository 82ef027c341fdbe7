"""What a build says at its end, where the small project has nothing of it to say."""

import json

import pytest

from edgekit.building import BuildResult
from edgekit.bundle import Bundle
from edgekit.cli.build_report import result_json, show_result
from edgekit.cli.output import Output
from edgekit.converters.contract import Violation
from edgekit.converters.parity import Distance, OutputParity, ParityReport
from edgekit.converters.plan import QuantizationPlan
from edgekit.device_profiles import fit, load_profile
from edgekit.progress import Stage

BOARD = """
title = "Board without figures"
kind = "mcu"
runtime = "tflite-micro"
soc = { value = "chip", source = "its marking" }
core = { value = "Cortex-M4", source = "data sheet" }
clock_hz = { value = 80_000_000, source = "data sheet" }
"""


@pytest.fixture
def result(tmp_path, tflite_models):
    """A build with a float island, no memory figures, and no samples for parity alone."""
    (tmp_path / "board.toml").write_text(BOARD)
    bundle = tflite_models.conv_bundle(tmp_path / "net.edgekit")
    parity = ParityReport(
        reference="torch",
        interpreter="interpreter 1.0",
        samples=4,
        samples_origin="x.npz",
        used_for_calibration=True,
        layer_samples=4,
        outputs=(OutputParity("scores", Distance(None, 1.0), Distance(12.345, 0.98)),),
        worst_layers=(),
        metric=None,
    )
    violation = Violation(
        constraint="no_float",
        rule="Every operator must be integer.",
        subject="EXP #3",
        origin="Exp 'exp'",
        particulars="FLOAT32",
        device=None,
        is_float_island=True,
    )
    board = load_profile(tmp_path / "board.toml")
    return BuildResult(
        path=bundle.path,
        manifest=bundle.manifest,
        plan=QuantizationPlan(bundle.manifest.scheme, "none", None, 0, None, ()),
        parity=parity,
        fits=(fit(board, model_bytes=1000, activation_bytes=50),),
        waived=(violation,),
        notices=("a notice",),
        warnings=("a warning",),
        lowering_from_cache=False,
        findings=(),
        accuracy=None,
        stage_seconds={Stage.SOURCE: 0.25},
    )


def test_what_was_allowed_and_what_is_unknown_is_said(result, capsys):
    show_result(Output.console(), result, verbose=False)
    text = capsys.readouterr().out
    assert "allowed: EXP #3 (from Exp 'exp'): FLOAT32. Every operator must be integer." in text
    assert "50 of unknown bytes" in text
    assert " equal │" in text
    assert "12.3 dB" in text
    assert "these samples were also used for calibration" in text
    assert "top-1" not in text
    assert "stages" not in text


def test_verbose_adds_the_stages(result, capsys):
    show_result(Output.console(), result, verbose=True)
    text = capsys.readouterr().out
    assert "compared by interpreter 1.0" in text
    assert "stages (measured):\n     0.25 s  read the source\n" in text


def test_json_holds_all_of_it(result):
    data = json.loads(json.dumps(result_json(result)))
    assert data["bundle"] == str(result.path)
    assert data["manifest"] == json.loads(json.dumps(Bundle.open(result.path).manifest.to_json()))
    assert data["waived"] == [str(result.waived[0])]
    assert (data["notices"], data["warnings"]) == (["a notice"], ["a warning"])
    assert data["fits"] == [
        {
            "device": "board",
            "verdict": "unknown",
            "ram": {**memory(50), "method": result.fits[0].ram.method},
            "flash": {**memory(1000), "method": result.fits[0].flash.method},
        }
    ]


def memory(needed):
    return {
        "needed_bytes": needed,
        "available_bytes": None,
        "available_source": None,
        "provenance": "estimated",
    }

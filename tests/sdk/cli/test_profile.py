"""`edgekit profile` shows operators, what runs as one, and draws the roofline."""

import json

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.profiling import Profile

SHORT = ("--rounds", "2")


@pytest.fixture(autouse=True)
def picture(tmp_path, tflite_models):
    return tflite_models.conv_bundle(tmp_path / "picture.edgekit")


def test_operators_are_shown_below_what_runs_as_one(succeed, tmp_path):
    text = succeed("profile", "picture.edgekit", *SHORT, "--roofline", "roof.svg", "-o", "p.json")
    lines = [line for line in text.splitlines() if line.startswith("│")]
    assert [line.split("│")[1].strip() for line in lines] == [
        *("0 to 1 as one", "0 CONV_2D", "1 RESHAPE", "2 SOFTMAX")
    ]
    for said in (
        "whole model",
        "of the whole",
        "run some operators as one",
        "peak INT8",
        "peak memory",
    ):
        assert said in text
    assert "roof.svg written" in text
    assert (tmp_path / "roof.svg").read_text().startswith("<?xml")
    assert Profile.load(tmp_path / "p.json").model == "tiny"


def test_json_is_the_profile(succeed):
    text = succeed("profile", "picture.edgekit", *SHORT, "--kernels", "builtin", "--json")
    result = Profile.from_json(json.loads(text))
    assert result.options.kernels == "builtin"
    assert result.partitions == ()


def test_a_chart_of_an_unknown_kind_is_refused_before_anything_is_measured(invoke):
    result = invoke("profile", "picture.edgekit", "--roofline", "roof.gif")
    assert isinstance(result.exception, InvalidOptionError)

"""The roofline: points where they belong, roofs by their formula, and a file that opens."""

import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.profiling import MachinePeaks
from edgekit.benchmarks.profiling.roofline import attainable, roofline_points, save_roofline

SVG = "{http://www.w3.org/2000/svg}"


def test_points_are_operators_that_multiply_and_partitions(profile):
    conv, dense, partition = roofline_points(profile)
    assert (conv.name, conv.intensity, conv.share) == ("0 CONV_2D", 20.0, 0.8)
    assert conv.macs_per_second == pytest.approx(1e9)
    assert dense.name == "2 FULLY_CONNECTED"
    assert partition.name == "partition 0 (operators 0 to 1)"
    assert [point.is_partition for point in (conv, dense, partition)] == [False, False, True]


@pytest.mark.parametrize(("intensity", "most"), [(1.0, 4e8), (5.0, 2e9), (50.0, 2e9)])
def test_the_roof_is_the_lower_of_the_two(profile, intensity, most):
    assert attainable(profile.peaks, intensity) == pytest.approx(most)


def test_without_a_peak_there_is_no_roof(profile):
    assert attainable(MachinePeaks((), profile.peaks.bandwidths), 1.0) is None


def test_the_chart_says_what_is_in_it_and_repeats(profile, tmp_path):
    for name in ("one.svg", "two.svg"):
        save_roofline(profile, tmp_path / name)
    text = (tmp_path / "one.svg").read_text()
    assert text == (tmp_path / "two.svg").read_text()
    words = " ".join(item.text or "" for item in ET.fromstring(text).iter(f"{SVG}text"))
    for said in ("net on", "INT8: 2 GMAC/s", "0 CONV_2D", "partition 0", "arithmetic intensity"):
        assert said in words
    save_roofline(profile, tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as picture:
        assert picture.size == (1350, 900)


def test_layers_alike_share_a_label(profile, tmp_path):
    conv = profile.operators[0]
    twin = replace(conv, index=3)
    save_roofline(replace(profile, operators=(conv, twin)), tmp_path / "chart.svg")
    assert "0 CONV_2D and 1 like it" in (tmp_path / "chart.svg").read_text()


def test_what_cannot_be_drawn_is_refused(profile, tmp_path):
    with pytest.raises(InvalidOptionError, match="jpg"):
        save_roofline(profile, tmp_path / "chart.jpg")
    with pytest.raises(InvalidOptionError, match="roofline"):
        save_roofline(replace(profile, peaks=None), tmp_path / "chart.svg")


def test_roofs_stand_alone_where_no_time_can_be_told_from_zero(profile, tmp_path):
    unclear = tuple(replace(row, added_us=(-1.0, 1.0, 0.5)) for row in profile.operators)
    save_roofline(replace(profile, operators=unclear, partitions=()), tmp_path / "chart.svg")
    words = (tmp_path / "chart.svg").read_text()
    assert "INT8: 2 GMAC/s" in words
    assert "0 CONV_2D" not in words


def test_matplotlib_is_imported_when_a_chart_is_drawn():
    code = (
        "import edgekit.benchmarks.profiling.roofline, sys; assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""What inputs and declarations say of themselves."""

import pytest

from edgekit.converters.calibration import Channels, InputDeclaration, InputSpec, SampleLayout


@pytest.mark.parametrize(
    ("shape", "option"),
    [
        ((1, 3, 8, 8), "--calibration-layout x=nhwc"),
        ((1, 3, 8), "--calibration-layout x=nwc"),
        ((1, 3, 4, 8, 8), "--calibration-layout x=ndhwc"),
        ((1, 8), "--calibration-layout x=channels_last"),
    ],
)
def test_option_is_called_by_the_rank(shape, option):
    assert InputSpec("x", "float32", shape).option == option


def test_batch_axis_is_a_leading_one():
    assert InputSpec("x", "float32", (1, 3)).has_batch_axis
    assert not InputSpec("x", "float32", (3, 1)).has_batch_axis
    assert not InputSpec("x", "float32", ()).has_batch_axis


def test_channels_last_data_of_a_channels_last_model_stay_as_they_are():
    declaration = InputDeclaration(SampleLayout.CHANNELS_LAST, source_channels=Channels.LAST)
    assert not declaration.transposes
    assert InputDeclaration(SampleLayout.CHANNELS_LAST).transposes
    assert not InputDeclaration().transposes

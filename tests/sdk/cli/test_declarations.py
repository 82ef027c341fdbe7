"""Declarations on the command line become what the converters take."""

import click
import pytest
from click.testing import CliRunner

from edgekit.bundle import ImagePreprocessing
from edgekit.cli.declarations import declaration_options, parse_declarations
from edgekit.converters.calibration import Channels, InputDeclaration, SampleLayout


def parse(*arguments):
    """Return the declarations that a command line with these options makes."""
    found = []

    @click.command()
    @declaration_options
    def command(**options):
        found.append(parse_declarations(**options))

    result = CliRunner().invoke(command, arguments)
    if result.exit_code:
        raise AssertionError(result.output)
    return found[0]


def refusal(*arguments):
    with pytest.raises(AssertionError) as caught:
        parse(*arguments)
    return str(caught.value)


def test_nothing_declares_nothing():
    assert parse() == {}


def test_a_mean_in_units_of_one_becomes_one_in_units_of_pixels():
    (name, declaration), *others = parse("--mean", "image=0.5,0.5,0.5", "--pixel-max", "1").items()
    assert (name, others) == ("image", [])
    assert declaration.image == ImagePreprocessing(mean=(127.5,) * 3, std=(255.0,))
    assert declaration.layout is SampleLayout.SOURCE


def test_imagenet_in_both_units():
    pixels = ("--mean", "123.675,116.28,103.53", "--std", "58.395,57.12,57.375")
    ones = ("--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225", "--pixel-max", "1")
    (first,), (second,) = parse(*pixels).values(), parse(*ones).values()
    assert first.image.mean == pytest.approx(second.image.mean)
    assert first.image.std == pytest.approx(second.image.std)


def test_a_std_alone_leaves_the_mean_at_zero():
    assert parse("--std", "255", "--resize", "crop") == {
        "": InputDeclaration(image=ImagePreprocessing((0.0,), (255.0,), "crop"))
    }


def test_each_input_has_its_own():
    found = parse(
        *("--calibration-layout", "left=nhwc", "--calibration-layout", "right=source"),
        *("--source-channels", "left=last", "--mean", "right=1,2,3"),
    )
    assert found == {
        "left": InputDeclaration(SampleLayout.CHANNELS_LAST, source_channels=Channels.LAST),
        "right": InputDeclaration(image=ImagePreprocessing((1.0, 2.0, 3.0), (1.0,))),
    }


@pytest.mark.parametrize("name", ["nhwc", "NWC", "ndhwc", "channels_last"])
def test_channels_last_has_the_names_of_every_rank(name):
    assert parse("--calibration-layout", name)[""].layout is SampleLayout.CHANNELS_LAST


@pytest.mark.parametrize("name", ["source", "nchw", "NCW"])
def test_the_source_layout_has_its_names_too(name):
    assert parse("--calibration-layout", name)[""].layout is SampleLayout.SOURCE


def test_names_of_tensors_may_hold_anything_but_values_no_equals_sign():
    assert list(parse("--mean", "serving_default_x:0=1")) == ["serving_default_x:0"]
    assert list(parse("--mean", "a=b=1")) == ["a=b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mean", "image=red"), "--mean takes numbers, not 'red'"),
        (("--std", "1,,2"), "--std takes numbers"),
        (("--calibration-layout", "hwcn"), "takes nhwc or source, not 'hwcn'"),
        (("--source-channels", "x=middle"), "takes first or last, not 'middle'"),
        (("--resize", "zoom"), "'zoom' is not one of"),
        (("--pixel-max", "100"), "'100' is not one of"),
        (("--mean", "1", "--mean", "2"), "--mean was given twice"),
        (("--std", "x=1", "--std", "x=1"), "--std was given twice for input 'x'"),
        (("--mean", "x=1", "--std", "2"), "some options name an input (x) and some do not"),
        (("--resize", "crop"), "give their --mean and --std as well"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments, message):
    assert message in refusal(*arguments)

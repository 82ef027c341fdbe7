"""Options that `build` and `quantize` share become the arguments of their dataclasses."""

from pathlib import Path

import click
import pytest

from edgekit.build_options import BuildOptions, QuantizeOptions
from edgekit.bundle.manifest import Io, Scheme
from edgekit.cli.conversion_options import conversion_options, parse_conversion
from edgekit.converters.parity import Thresholds
from edgekit.converters.request import CalibrationMethod
from edgekit.errors import UnreadableFileError


@pytest.fixture
def parse():
    """Parse a command line of the shared options."""

    def run(*arguments, schemes=tuple(Scheme)):
        @click.command()
        @conversion_options(schemes)
        def command(**options):
            return parse_conversion(options)

        return command.main(list(arguments), standalone_mode=False)

    return run


def test_without_options_the_defaults_of_the_dataclass_hold(parse):
    assert QuantizeOptions(**parse()) == QuantizeOptions()
    assert BuildOptions(**parse()) == BuildOptions()


def test_low_bit_weights_arrive(parse):
    assert QuantizeOptions(**parse("--low-bit-weights")).low_bit_weights


def test_every_option_arrives(parse, tmp_path):
    (tmp_path / "classes.txt").write_text("ant\nbee\n")
    chosen = QuantizeOptions(
        **parse(
            *("-d", "pixel-8", "--device-folder", "boards", "--scheme", "int16x8"),
            *("--io", "float32", "--calibration-data", "a.npz[:3]", "--calibration-count", "2"),
            *("--calibration-method", "mse", "--evaluation-data", "b.npz", "--labels", "c.csv"),
            *("--class-names", str(tmp_path / "classes.txt"), "--mean", "x=1", "--std", "x=2"),
            *("--min-sqnr", "20", "--min-cosine", "0.5", "--max-drop", "3"),
            *("--min-equal", "75"),
            *("--input-shape", "a:0:1,2", "--allow-float-islands"),
        )
    )
    assert (chosen.devices, chosen.device_folders) == (("pixel-8",), (Path("boards"),))
    assert (chosen.scheme, chosen.io) == (Scheme.INT16X8, Io.FLOAT32)
    assert (chosen.calibration_data, chosen.calibration_count) == ("a.npz[:3]", 2)
    assert chosen.calibration_method is CalibrationMethod.MSE
    assert (chosen.evaluation_data, chosen.labels) == ("b.npz", "c.csv")
    assert chosen.class_names == ("ant", "bee")
    assert chosen.declarations["x"].image.std == (2.0,)
    assert chosen.thresholds == Thresholds(min_sqnr_db=20, min_cosine=0.5, min_equal=75, max_drop=3)
    assert (chosen.input_shapes, chosen.allow_float_islands) == ({"a:0": (1, 2)}, True)


@pytest.mark.parametrize(
    ("words", "climbs"),
    [
        (("--max-drop", "0.5"), True),
        (("--max-drop", "0.5", "--no-climb"), False),
        (("--climb",), True),
        (("--min-sqnr", "20"), False),
        (("--max-drop", "0.5", "--scheme", "float16"), False),
    ],
)
def test_a_budget_that_is_named_is_climbed_to(parse, words, climbs):
    assert QuantizeOptions(**parse(*words)).climb is climbs


@pytest.mark.parametrize("text", ["1,2", ":1,2", "x:", "x:0,2", "x:1,b"])
def test_shapes_that_are_none(parse, text):
    with pytest.raises(click.BadParameter, match="is not NAME:1,3,224,224"):
        parse("--input-shape", text)


def test_only_the_schemes_that_are_offered(parse):
    with pytest.raises(click.BadParameter, match="'float16' is not 'int8'"):
        parse("--scheme", "float16", schemes=(Scheme.INT8,))


@pytest.mark.parametrize(("content", "reason"), [(b"\xff\xfe", "UTF-8"), (None, "No such file")])
def test_class_names_that_cannot_be_read(parse, tmp_path, content, reason):
    path = tmp_path / "classes.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=reason):
        parse("--class-names", str(path))

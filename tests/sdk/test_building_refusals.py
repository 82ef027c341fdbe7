"""A build that cannot be what was asked for names the reason and leaves nothing behind."""

import pytest

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.converters.contract import ContractError
from edgekit.converters.engines import EngineError
from edgekit.errors import UnknownNameError, WriteError
from edgekit.progress import SilentProgress

pytestmark = pytest.mark.usefixtures("logs")

SLOW = pytest.mark.slow


class Stages(SilentProgress):
    """Keeps which stages a build reached."""

    def __init__(self):
        self.seen = []

    def stage(self, stage):
        self.seen.append(stage)


@pytest.fixture(scope="module")
def steps(small_models, tmp_path_factory):
    """A network with an operator that has no integer kernel, as a file."""
    path = tmp_path_factory.mktemp("steps") / "net.onnx"
    return small_models.save(path, small_models.floor_model())


@pytest.mark.parametrize(
    ("engine", "scheme"), [("edgekit", "int16x8"), pytest.param("onnx2tf", "int8", marks=SLOW)]
)
def test_what_has_no_integer_kernel_is_named_and_not_written(
    steps, samples, engine_cache, tmp_path, logs, engine, scheme
):
    options = BuildOptions(
        engine=engine, scheme=scheme, calibration_data={"x": samples}, cache_folder=engine_cache
    )
    with pytest.raises(ContractError) as caught:
        build(steps, tmp_path / "x.edgekit", options)
    assert {item.constraint for item in caught.value.violations} == {"operator_is_integer"}
    floor = next(item for item in caught.value.violations if item.subject.startswith("FLOOR"))
    assert floor.origin == "Floor 'steps'"
    assert "--allow-float-islands" in caught.value.hint
    assert list(tmp_path.iterdir()) == []
    assert not logs.exists() or list(logs.iterdir()) == []


@pytest.mark.slow
def test_the_log_stays_for_an_error_that_points_to_it(steps, samples, engine_cache, tmp_path, logs):
    options = BuildOptions(
        engine="onnx2tf",
        scheme="int16x8",
        calibration_data={"x": samples},
        cache_folder=engine_cache,
    )
    with pytest.raises(EngineError, match="FLOOR") as caught:
        build(steps, tmp_path / "broken.edgekit", options)
    assert list(logs.iterdir()) == [caught.value.log]
    assert caught.value.log.name.startswith("build-broken-")
    assert caught.value.log.read_text()
    assert str(caught.value.log) in caught.value.hint
    assert list(tmp_path.iterdir()) == []
    caught.value.log.unlink()


@pytest.mark.parametrize(
    ("place", "problem"), [(".", "Is a directory"), ("file/x.edgekit", "Not a directory")]
)
def test_a_bad_place_is_refused_before_any_work(tmp_path, place, problem):
    (tmp_path / "file").touch()
    progress = Stages()
    with pytest.raises(WriteError, match=problem):
        build("none.onnx", tmp_path / place, progress=progress)
    assert progress.seen == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (BuildOptions(devices=["pixel8"]), "unknown device 'pixel8'"),
        (BuildOptions(engine="onnx2ft"), "unknown engine 'onnx2ft'"),
    ],
)
def test_unknown_names_are_refused_before_any_work(tmp_path, options, message):
    progress = Stages()
    with pytest.raises(UnknownNameError, match=message):
        build("none.onnx", tmp_path / "x.edgekit", options, progress=progress)
    assert progress.seen == []

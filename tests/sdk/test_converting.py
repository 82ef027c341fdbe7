"""What `build` and `quantize` share around the stages themselves."""

import pytest

from edgekit.build_options import QuantizeOptions
from edgekit.converters.engines import EngineError
from edgekit.converting import Stages, load_devices, log_file
from edgekit.errors import EdgekitError, UnknownNameError
from edgekit.progress import SilentProgress, Stage


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_each_stage_has_its_time():
    stages = Stages(SilentProgress())
    stages.end()
    assert stages.seconds == {}
    stages.begin(Stage.SOURCE)
    stages.begin(Stage.LOWER)
    assert list(stages.seconds) == [Stage.SOURCE]
    stages.end()
    assert list(stages.seconds) == [Stage.SOURCE, Stage.LOWER]
    assert all(seconds >= 0 for seconds in stages.seconds.values())


def test_devices_are_found_by_name():
    (device,) = load_devices(QuantizeOptions(devices=["pixel-8"]))
    assert device.name == "pixel-8"
    with pytest.raises(UnknownNameError, match="pixel-88"):
        load_devices(QuantizeOptions(devices=["pixel-88"]))


@pytest.mark.parametrize(("error", "stays"), [(EngineError, True), (EdgekitError, False)])
def test_the_log_stays_for_errors_that_name_it(tmp_path, error, stays):
    def fail():
        with log_file(tmp_path / "net.tflite") as path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("what was done")
            raise error("no", **({"log": path} if stays else {}))

    with pytest.raises(error):
        fail()
    logs = list((tmp_path / "state").rglob("build-net-*.log"))
    assert len(logs) == stays

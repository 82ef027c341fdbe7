"""The arena's estimate against arenas that real builds for Cortex-M took."""

import csv

import pytest

from edgekit.device_profiles import load_profile
from edgekit.packaging.tflm import estimate_arena
from edgekit.packaging.tflm.errors import ArenaMeasurementError

pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")

BOARDS = {"cortex-m4": "nucleo-l4r5zi", "cortex-m55": "mps3-an547"}


@pytest.mark.parametrize("core", BOARDS)
@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_it_is_enough_and_not_much_more_than_a_real_build_took(name, core, test_data):
    with (test_data / "peer_tflm_cortex_m.csv").open() as file:
        (taken,) = {
            int(row["arena_bytes"])
            for row in csv.DictReader(file)
            if (row["model"], row["core"], row["kernels"]) == (name, core, "tflm+cmsis-nn")
        }
    model = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    estimate = estimate_arena(model, load_profile(BOARDS[core]))
    assert taken <= estimate.recommended_bytes <= 1.1 * taken
    assert estimate.tensors_bytes < taken < estimate.host_bytes + estimate.kernels_bytes


def test_a_device_without_special_kernels_needs_no_scratch(tflite_models):
    estimate = estimate_arena(tflite_models.conv_model(), load_profile("raspberry-pi-pico"))
    assert estimate.kernels_bytes == 0
    assert estimate.recommended_bytes % 16 == 0
    assert "on this 64-bit machine (measured)" in estimate.method


def test_what_the_interpreter_refuses_is_told_with_its_words(tflite_models):
    builder = tflite_models.Builder()
    x, y = (builder.tensor(name, [1, 4], "int8", scale=0.5) for name in ("x", "y"))
    builder.op("GELU", [x], [y])
    builder.inputs, builder.outputs = [x], [y]
    with pytest.raises(ArenaMeasurementError, match="could not lay out") as caught:
        estimate_arena(builder.build(), load_profile("nucleo-l4r5zi"))
    assert caught.value.details

"""The update drill, with a few kills on tiny models."""

import pytest

from edgekit.runtime.updating import add_golden


@pytest.fixture
def versions(tmp_path, tflite_models):
    """Two bundles of one model that differ in their golden inputs."""
    plain = tflite_models.float_bundle(tmp_path / "plain.edgekit")
    return [
        add_golden(
            plain,
            tmp_path / f"{value}.edgekit",
            [{"x": [[[value] * 3] * 2]}],
            tolerance=0,
        ).path
        for value in (1.0, 2.0)
    ]


def test_every_start_after_a_kill_has_a_model(script, versions, tmp_path):
    outcome = script("update_drill").run(versions, tmp_path, kills=12, tries=8)
    assert (outcome.kills, outcome.verified) == (12, 12)
    assert outcome.fell_back == 0
    assert (outcome.refused_tampered, outcome.refused_keys) == (8, 8)

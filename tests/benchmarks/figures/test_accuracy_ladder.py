"""The script that climbs the ladder on whole networks runs, here on a small one."""

import json

import numpy as np

from edgekit.converters.accuracy import RUNGS


def test_it_climbs_every_rung_and_prints_it(script, small_models, tmp_path, capsys):
    ladder = script("accuracy_ladder")
    path = small_models.save(tmp_path / "scores.onnx", small_models.scores_model())
    samples = np.random.default_rng(0).standard_normal((150, 4)).astype(np.float32)
    climbed = ladder.climbed(path, samples, np.arange(150) % 3)

    names = [rung.name for rung in climbed.rungs]
    assert names[0] == "plain"
    assert len(names) == 1 + len(RUNGS)
    assert climbed.verdict.parity.samples == 50
    json.dumps(climbed.to_json())
    ladder.show("scores", climbed)
    shown = capsys.readouterr().out
    assert all(name in shown for name in names)

"""The runner of the peer needs no edgekit, and measures as our own does."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edgekit.converters.parity.metrics import sqnr_db

FIGURES = Path(__file__).parents[3] / "benchmarks" / "figures"

pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_it_and_the_families_are_imported_without_edgekit():
    code = (
        f"import sys; sys.path.insert(0, {str(FIGURES)!r}); sys.modules['edgekit'] = None\n"
        "import architectures_litert_torch\n"
        "from architectures.families import FAMILIES\n"
        "assert len(FAMILIES) >= 43"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scale", [0.0, 1e-3, 1.0])
def test_its_sqnr_is_ours(script, scale):
    generator = np.random.default_rng(0)
    wanted = generator.standard_normal((4, 3, 5))
    given = wanted + scale * generator.standard_normal(wanted.shape)
    measured = script("architectures.litert")._sqnr_db(list(wanted), list(given))
    assert measured == pytest.approx(sqnr_db(wanted, given))


def test_integers_go_in_and_out_by_scale_and_zero_point(script):
    part = script("architectures.litert")
    tensor = {"dtype": np.int8, "quantization": (0.5, -3)}
    stored = part._stored(np.array([-1.0, 0.3, 0.8, 1000.0]), tensor)
    assert stored.tolist() == [-5, -2, -1, 127]
    assert part._real(stored, tensor).tolist() == [-1.0, 0.5, 1.0, 65.0]
    ids = {"dtype": np.int64, "quantization": (0.0, 0)}
    assert part._stored(np.array([7]), ids).tolist() == [7]


def test_other_weights_than_those_prepared_are_refused(script):
    import torch

    part = script("architectures.litert")
    built = SimpleNamespace(module=torch.nn.Identity())
    sample = [np.linspace(-1, 1, 7, dtype=np.float32)]
    part._check_weights(Path("kept"), built, sample, sample)
    with pytest.raises(part.OtherWeightsError, match=r"in kept \(20 dB apart\).*prepare .* again"):
        part._check_weights(Path("kept"), built, sample, [sample[0] * np.float32(10 / 9)])

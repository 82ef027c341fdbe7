"""Adapters on disk: what is read from them, and what is refused."""

import json
import math

import pytest
import torch
from safetensors.torch import save_file

from edgekit.converters.sources.peft_checkpoint import AdapterError, read_checkpoint
from edgekit.errors import UnreadableFileError

SETTINGS = {"peft_type": "LORA", "r": 2, "lora_alpha": 8, "use_dora": False}
A, B = "base_model.model.net.q.lora_A.weight", "base_model.model.net.q.lora_B.weight"


@pytest.fixture
def folder(tmp_path):
    """Write an adapter; a tensor that is None is left out."""

    def write(tensors=None, **settings):
        held = {A: torch.ones(2, 6), B: torch.ones(5, 2)} | (tensors or {})
        save_file(
            {name: values for name, values in held.items() if values is not None},
            tmp_path / "adapter_model.safetensors",
        )
        (tmp_path / "adapter_config.json").write_text(json.dumps(SETTINGS | settings))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("settings", "scale"),
    [
        ({}, 4.0),
        ({"use_rslora": True}, 8 / math.sqrt(2)),
        ({"alpha_pattern": {"q": 3}}, 1.5),
        ({"alpha_pattern": {"^q": 3, "net.q": 5}}, 2.5),
        ({"alpha_pattern": {"et.q": 3}}, 4.0),
        ({"r": 7, "rank_pattern": {"q": 2}}, 4.0),
    ],
)
def test_scale(folder, settings, scale):
    (update,) = read_checkpoint(folder(**settings)).updates
    assert (update.module, update.rank, update.values) == ("net.q", 2, 22)
    assert update.scale == pytest.approx(scale)


def test_whole_tensors_lose_what_wrappers_add(folder):
    names = ["norm.bias", "q.base_layer.bias", "head.modules_to_save.weight"]
    extra = {f"base_model.model.{name}": torch.full((3,), float(i)) for i, name in enumerate(names)}
    replaced = read_checkpoint(folder(extra)).replaced
    assert {name: int(values[0]) for name, values in replaced.items()} == {
        "norm.bias": 0,
        "q.bias": 1,
        "head.weight": 2,
    }


@pytest.mark.parametrize(
    ("tensors", "settings", "message"),
    [
        ({}, {"peft_type": "LOHA"}, "type LOHA, not LORA"),
        ({}, {"peft_type": None}, "type None"),
        ({}, {"layer_replication": [[0, 4]]}, "layer_replication="),
        ({}, {"a_later_option": 1}, "a_later_option=1"),
        ({}, {"init_lora_weights": "pissa"}, "began as 'pissa'"),
        ({}, {"r": 4}, "do not fit its rank 4"),
        ({}, {"lora_alpha": None}, "lora_alpha=None"),
        ({}, {"lora_alpha": True}, "lora_alpha=True"),
        ({}, {"use_dora": True}, "no magnitude vector"),
        ({A.replace("A.weight", "magnitude_vector"): torch.ones(5)}, {}, "has a magnitude vector"),
        ({B: None}, {}, "has no lora_B for 'net.q'"),
        ({B: torch.ones(5, 3)}, {}, "do not fit"),
        ({B: torch.ones(10)}, {}, "do not fit"),
    ],
)
def test_refused(folder, tensors, settings, message):
    with pytest.raises(AdapterError, match=message):
        read_checkpoint(folder(tensors, **settings))


def test_missing_folder(tmp_path):
    with pytest.raises(UnreadableFileError, match="no such folder"):
        read_checkpoint(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_missing_file(folder, name):
    path = folder()
    (path / name).unlink()
    with pytest.raises(UnreadableFileError, match=f"{name}: no such file"):
        read_checkpoint(path)


@pytest.mark.parametrize("keep", [0, 7, 40, -4])
def test_truncated_weights(folder, keep):
    file = folder() / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(UnreadableFileError, match="truncated"):
        read_checkpoint(file.parent)


@pytest.mark.parametrize("text", ["{", "[]", "\x00"])
def test_damaged_settings(folder, text):
    path = folder()
    (path / "adapter_config.json").write_text(text)
    with pytest.raises(UnreadableFileError, match="JSON"):
        read_checkpoint(path)


def test_pickled_weights_need_trust(folder):
    path = folder()
    (path / "adapter_model.safetensors").unlink()
    torch.save({A: torch.ones(2, 6), B: torch.ones(5, 2)}, path / "adapter_model.bin")
    with pytest.raises(UnreadableFileError, match="pickle") as error:
        read_checkpoint(path)
    assert "--trust-pickle" in error.value.hint
    assert len(read_checkpoint(path, trust_pickle=True).updates) == 1
    (path / "adapter_model.bin").write_bytes(b"none")
    with pytest.raises(UnreadableFileError, match="cannot read it"):
        read_checkpoint(path, trust_pickle=True)

"""Pickled modules: refused, unless the user trusts them."""

import os

import pytest
import torch
from torch import nn

from edgekit.converters.sources import SourceError, open_source
from edgekit.errors import UnknownNameError, UnreadableFileError


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


@pytest.fixture
def bilinear(tmp_path):
    path = tmp_path / "net.pt"
    torch.save(nn.Bilinear(3, 4, 2), path)
    return path


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_a_pickle_is_refused_with_the_way_to_allow_it_and_does_not_run(tmp_path, suffix):
    mark = tmp_path / "ran"
    path = tmp_path / f"net{suffix}"
    torch.save(Bomb(mark), path)
    with pytest.raises(UnreadableFileError, match="can run any code when loaded") as caught:
        open_source(path, input_shapes={"x": (1, 4)})
    assert not mark.exists()
    assert "--trust-pickle" in caught.value.hint
    assert ".pt2" in caught.value.hint
    with pytest.raises(SourceError, match="holds a NoneType, not a module"):
        open_source(path, trust_pickle=True)
    assert mark.is_dir()


def test_a_trusted_module_takes_its_inputs_by_name(bilinear):
    shapes = {"input2": (1, 4), "input1": (1, 3)}  # not the order of forward()
    source = open_source(bilinear, input_shapes=shapes, trust_pickle=True)
    assert [(item.name, item.shape) for item in source.inputs] == [
        ("input1", (1, 3)),
        ("input2", (1, 4)),
    ]
    assert (source.name, source.kind) == ("net.pt", "torch-module")


def test_names_that_forward_does_not_have(bilinear):
    with pytest.raises(UnknownNameError, match="unknown argument of forward") as caught:
        open_source(bilinear, input_shapes={"input3": (1, 3)}, trust_pickle=True)
    assert "input1" in caught.value.hint


def test_inputs_have_to_be_described(bilinear):
    with pytest.raises(SourceError, match="does not say what its inputs look like") as caught:
        open_source(bilinear, trust_pickle=True)
    assert "--input-shape" in caught.value.hint


def test_weights_alone_are_no_module(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(SourceError, match="holds a OrderedDict, not a module") as caught:
        open_source(path, trust_pickle=True)
    assert "get_model()" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04"])
def test_damaged_files(tmp_path, content):
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"torch\.load cannot read it") as caught:
        open_source(path, trust_pickle=True)
    assert "\n" not in caught.value.message

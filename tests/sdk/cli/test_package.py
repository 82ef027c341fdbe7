"""`edgekit package` writes a C library, or says why not."""

import json

import pytest

from edgekit.converters.c.errors import ArenaBudgetError
from edgekit.converters.contract import ContractError
from edgekit.packaging.errors import ForeignFolderError, WrongDeviceKindError


@pytest.fixture
def bundle(tmp_path, tflite_models):
    return tflite_models.conv_bundle(tmp_path / "tiny.edgekit", labels=tflite_models.CONV_LABELS)


def test_a_library_and_its_record_are_written(succeed, bundle, tmp_path):
    shown = succeed("package", bundle.path, "-d", "nucleo-l4r5zi", "-o", "firmware/tiny")
    assert "firmware/tiny written, 16 files" in shown
    folder = tmp_path / "firmware" / "tiny"
    record = json.loads((folder / "edgekit-package.json").read_text())
    assert record["isa"] == "dsp"
    assert all((folder / name).is_file() for name in record["files"])
    assert "TINY_LABELS" in (folder / "src" / "tiny.h").read_text()


def test_an_earlier_package_is_replaced_whole(succeed, bundle, tmp_path):
    words = ("package", bundle.path, "-d", "raspberry-pi-pico", "-o", "out", "--json")
    succeed(*words)
    data = json.loads(succeed(*words, "--name", "other", "--no-labels"))
    assert data["name"] == "other"
    assert data["isa"] == "portable"
    out = tmp_path / "out"
    files = {str(item.relative_to(out)) for item in out.rglob("*") if item.is_file()}
    assert files == {*data["files"], "edgekit-package.json"}
    assert "LABELS" not in (out / "src" / "other.h").read_text()


def test_a_folder_with_other_files_is_left_alone(invoke, bundle, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("dear")
    result = invoke("package", bundle.path, "-d", "nucleo-l4r5zi", "-o", "out")
    assert isinstance(result.exception, ForeignFolderError)
    assert [item.name for item in (tmp_path / "out").iterdir()] == ["thesis.tex"]


def test_a_phone_gets_no_firmware(invoke, bundle, tmp_path):
    result = invoke("package", bundle.path, "-d", "pixel-8", "-o", "out")
    assert isinstance(result.exception, WrongDeviceKindError)
    assert not (tmp_path / "out").exists()


SMALL = """
title = "A small board"
kind = "mcu"
runtime = "tflite-micro"
soc = { value = "chip", source = "a test" }
core = { value = "Cortex-M0+", source = "a test" }
clock_hz = { value = 16_000_000, source = "a test" }
ram_bytes = { value = 40, source = "a test" }
flash_bytes = { value = 1_000, source = "a test" }
"""


def test_a_device_that_is_too_small_is_told_in_bytes(invoke, bundle, tmp_path):
    (tmp_path / "small.toml").write_text(SMALL)
    words = ("package", bundle.path, "-d", tmp_path / "small.toml", "-o", "out")
    result = invoke(*words)
    assert isinstance(result.exception, ContractError)
    ram, flash = result.exception.violations
    assert ram.particulars.endswith("bytes over the 40 that there are")
    record = json.loads(invoke(*words, "--force", "--json").stdout)
    assert f"{record['arena_bytes'] - 40:,} bytes over" in ram.particulars
    assert f"{record['constant_bytes'] - 1000:,} bytes over" in flash.particulars


def test_an_arena_that_cannot_be_so_small_is_told(invoke, bundle, tmp_path):
    words = ("package", bundle.path, "-d", "nucleo-l4r5zi", "-o", "out", "--arena", "10")
    result = invoke(*words)
    assert isinstance(result.exception, ArenaBudgetError)
    assert result.exception.budget_bytes == 10
    assert not (tmp_path / "out").exists()


def test_the_interpreters_arena_takes_no_budget(invoke, bundle):
    words = ("package", bundle.path, "-d", "nucleo-l4r5zi", "-o", "out", "--arena", "9000")
    result = invoke(*words, "--for", "tflm")
    assert result.exit_code == 2
    assert "--arena goes with --for mcu" in result.stderr

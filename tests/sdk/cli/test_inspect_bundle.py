"""Bundles show what they were made of, how far they are from it, and how they are stored."""

import json
import zipfile

import pytest

from edgekit.bundle import Bundle, BundleError, write_bundle
from edgekit.cli.inspect_bundle import view


def described(path, **options):
    data, _ = view(path, **{"operators": False, "tensors": False, **options})
    return data


def test_everything_of_a_built_bundle_is_there(in_project):
    data = described(in_project.bundle)
    bundle = Bundle.open(in_project.bundle)
    assert data["manifest"] == bundle.manifest.to_json()
    assert data["labels"] == ["left to right", "top to bottom", "middle"]
    assert data["parity"]["provenance"] == "measured"
    assert data["parity"]["samples"] == 8
    assert data["parity"]["metric"]["final_model"] == 100.0
    assert data["model"] is None
    counts = data["plan"]["tensor_counts"]
    assert sum(item["tensors"] for item in counts) == len(bundle.json("plan.json")["tensors"])
    assert {"dtype", "granularity", "scale_source", "tensors"} == counts[0].keys()
    assert data["plan"]["calibration"].startswith("32 samples from samples.npz[:32]")


def test_the_parity_report_reads_back_as_it_was_written(in_project):
    bundle = Bundle.open(in_project.bundle)
    shown = json.loads(json.dumps(described(in_project.bundle)["parity"]))
    assert shown == bundle.json("parity.json")


def test_the_text_of_a_built_bundle(in_project, invoke_here):
    text = invoke_here("inspect", "net.edgekit").stdout
    for part in (
        "net.edgekit: bundle 'net'",
        "int8, from net.onnx (onnx)",
        "engine edgekit",
        "devices: nucleo-l4r5zi, pixel-8",
        "input image: int8 1x8x8x1 (nhwc), scale 0.0039",
        "pictures: mean 0, std 255, stretch",
        "3 classes: left to right, top to bottom, middle",
        "model.tflite ",
        "Parity with onnxruntime, 8 samples (measured)",
        "top-1 on 8 labelled samples (measured)",
        "Plan: ",
        "fixed by operator",
    ):
        assert part in text
    assert "#0 " not in text


def test_operators_are_those_of_the_model_in_it(in_project, invoke_here):
    text = invoke_here("inspect", "net.edgekit", "--operators").stdout
    assert "#0 CONV_2D version" in text
    data = json.loads(invoke_here("inspect", "net.edgekit", "--tensors", "--json").stdout)
    assert data["model"]["tensors"]
    assert "operators" not in data["model"]


def test_a_bundle_without_parity_and_plan_is_shown_without_them(succeed, tmp_path, tflite_models):
    tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    data = described(tmp_path / "pair.edgekit")
    assert (data["parity"], data["plan"], data["labels"]) == (None, None, [])
    text = succeed("inspect", "pair.edgekit")
    assert "devices: none" in text
    assert "Parity" not in text
    assert "Plan" not in text


@pytest.mark.parametrize("member", ["parity.json", "plan.json"])
@pytest.mark.parametrize("content", [{}, [], {"schema_version": 2}, {"schema_version": 1}, "text"])
def test_a_report_that_edgekit_did_not_write_is_refused(tmp_path, tflite_models, member, content):
    spec = tflite_models.spec("x", "int8", (1, 4), scale=0.1, zero_point=3)
    path = tmp_path / "odd.edgekit"
    files = {"model.tflite": b"x", member: json.dumps(content).encode()}
    write_bundle(path, tflite_models.manifest([spec], [spec]), files)
    with pytest.raises(BundleError, match="not what this version of edgekit writes") as caught:
        described(path)
    assert caught.value.member == member


def test_a_changed_byte_is_refused(run_main, project, tmp_path):
    content = bytearray(project.bundle.read_bytes())
    with zipfile.ZipFile(project.bundle) as archive:
        start = archive.getinfo("model.tflite").header_offset
    content[start + 500] ^= 1
    (tmp_path / "bad.edgekit").write_bytes(content)
    status, out, err = run_main("inspect", "bad.edgekit")
    assert (status, out) == (1, "")
    assert err.startswith("error: bundle bad.edgekit, member 'model.tflite'")


def test_a_name_that_leads_out_is_refused(run_main, project, tmp_path):
    path = tmp_path / "bad.edgekit"
    path.write_bytes(project.bundle.read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../evil.txt", "x")
    status, _, err = run_main("inspect", path)
    assert status == 1
    assert "'../evil.txt': its name leads out of the bundle" in err
    assert sorted(item.name for item in tmp_path.iterdir()) == ["bad.edgekit"]


def test_a_model_that_is_garbage_is_told_when_it_is_looked_into(tmp_path, tflite_models, run_main):
    spec = tflite_models.spec("x", "int8", (1, 4), scale=0.1, zero_point=3)
    path = tmp_path / "odd.edgekit"
    write_bundle(path, tflite_models.manifest([spec], [spec]), {"model.tflite": b"garbage"})
    assert run_main("inspect", path)[0] == 0
    status, _, err = run_main("inspect", path, "--operators")
    assert status == 1
    assert "not a TFLite model" in err

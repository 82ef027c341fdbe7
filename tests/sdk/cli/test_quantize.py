"""`edgekit quantize` writes a proven integer .tflite, or one line that says why not."""

import json

import numpy as np

from edgekit.converters.graph import DataType, read_graph

DATA = ("--calibration-data", "nhwc.npz[:32]", "--evaluation-data", "nhwc.npz[32:]")


def interface(path):
    main = read_graph(path.read_bytes()).main
    return [main.tensors[index].dtype for index in (*main.inputs, *main.outputs)]


def test_the_text_names_the_file_its_parity_and_its_devices(in_project, invoke_here, tmp_path):
    target = tmp_path / "int8.tflite"
    labels = ("--labels", "nhwc.npz[32:]", "--class-names", "classes.txt")
    result = invoke_here("quantize", "float.tflite", *DATA, *labels, "-d", "pixel-8", "-o", target)
    assert result.exit_code == 0, result.exception
    assert result.stdout.startswith(f"{target} written: int8, ")
    assert "input image: int8 1x8x8x1 (source), scale " in result.stdout
    assert "Parity with LiteRT, 8 samples (measured)" in result.stdout
    assert "top-1 on 8 labelled samples (measured): source 100.00 %" in result.stdout
    assert "pixel-8" in result.stdout
    assert result.stderr.splitlines()[-1] == "[7/7] write the result"
    assert interface(target) == [DataType.INT8, DataType.INT8]


def test_the_scheme_and_the_interface_are_chosen(in_project, invoke_here, tmp_path):
    target = tmp_path / "wide.tflite"
    options = ("--scheme", "int16x8", "--io", "float32", "--json", "-o", target)
    result = invoke_here("quantize", "float.tflite", *DATA, *options)
    assert result.exit_code == 0, result.exception
    data = json.loads(result.stdout)
    assert (data["model"], data["scheme"]) == (str(target), "int16x8")
    assert data["source"]["kind"] == "tflite"
    assert data["engine"].startswith("edgekit (")
    assert data["parity"]["provenance"] == "measured"
    assert data["parity"]["outputs"][0]["final_model"]["sqnr_db"] > 40
    assert data["plan"]["scheme"] == "int16x8"
    assert [item["name"] for item in (*data["inputs"], *data["outputs"])] == ["image", "scores"]
    assert data["stage_seconds"].pop("provenance") == "measured"
    assert interface(target) == [DataType.FLOAT32, DataType.FLOAT32]


def test_without_a_name_the_scheme_tells_the_file(in_project, succeed, tmp_path):
    for name in ("float.tflite", "nhwc.npz"):
        (tmp_path / name).write_bytes((in_project.folder / name).read_bytes())
    assert "float-int8.tflite written" in succeed("quantize", "float.tflite", *DATA)
    assert (tmp_path / "float-int8.tflite").is_file()


def test_verbose_adds_layers_and_stages(in_project, invoke_here, tmp_path):
    result = invoke_here("quantize", "float.tflite", *DATA, "-v", "-o", tmp_path / "x.tflite")
    assert "worst layers, final model against the source:" in result.stdout
    assert "s  quantize" in result.stdout


def test_pictures_take_a_declaration_of_their_channels(in_project, run_main, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        (pictures / f"{number}.png").write_bytes((in_project.folder / "digit.png").read_bytes())
    given = ("--calibration-data", pictures, "--mean", "0", "--std", "255")
    model = in_project.folder / "float.tflite"
    status, _, text = run_main("quantize", model, *given, "-o", "a.tflite")
    assert (status, "--source-channels image=last" in text) == (1, True)
    status, _, text = run_main(
        "quantize", model, *given, "--source-channels", "last", "-o", "a.tflite", "-q"
    )
    assert (status, text) == (0, "")


def test_nothing_is_written_when_a_threshold_is_missed(in_project, run_main, tmp_path):
    model = in_project.folder / "float.tflite"
    data = in_project.folder / "nhwc.npz"
    options = ("--calibration-data", data, "--min-sqnr", "90", "-o", "x.tflite")
    status, _, text = run_main("quantize", model, *options)
    assert (status, "SQNR" in text) == (1, True)
    assert not (tmp_path / "x.tflite").exists()


def test_schemes_without_integers_are_a_usage_error(in_project, run_main):
    status, _, text = run_main("quantize", "float.tflite", "--scheme", "float16")
    assert (status, "'int8', 'int16x8'" in text) == (2, True)


def test_a_bundle_is_built_from_a_tflite(in_project, invoke_here, tmp_path):
    bundle = tmp_path / "float.edgekit"
    result = invoke_here("build", "float.tflite", *DATA, "--engine", "edgekit", "-o", bundle)
    assert result.exit_code == 0, result.exception
    assert "Parity with LiteRT, 8 samples (measured)" in result.stdout
    image = np.load("nhwc.npz")["image"][2]
    np.save(tmp_path / "image.npy", image)
    shown = invoke_here("run", bundle, "-i", tmp_path / "image.npy", "--json")
    assert shown.exit_code == 0, shown.exception

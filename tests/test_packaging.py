"""The five folders install as one namespace, completely, and as nothing else."""

import configparser
import importlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
NAMESPACE = {
    "sdk": "edgekit",
    "converters": "edgekit.converters",
    "runtime": "edgekit.runtime",
    "benchmarks": "edgekit.benchmarks",
    "device_profiles": "edgekit.device_profiles",
}
# Scripts that are run by path, and are in no package.
SCRIPTS = ROOT / "benchmarks" / "figures"


def _sources(pattern):
    found = (path for folder in NAMESPACE for path in (ROOT / folder).rglob(pattern))
    return sorted(path for path in found if SCRIPTS not in path.parents)


def _package(folder):
    """Return the package that a folder installs as."""
    first, *others = folder.relative_to(ROOT).parts
    return ".".join([NAMESPACE[first], *others])


def _module(source):
    package = _package(source.parent)
    return package if source.stem == "__init__" else f"{package}.{source.stem}"


def _installed_path(source):
    return f"{_package(source.parent).replace('.', '/')}/{source.name}"


@pytest.fixture(scope="module")
def config():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    # A copy, because setuptools writes its build folder and egg-info beside the sources.
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        (copy / name).write_bytes((ROOT / name).read_bytes())
    for source in (path for folder in NAMESPACE for path in (ROOT / folder).rglob("*")):
        if source.is_file() and "__pycache__" not in source.parts:
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, copy]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel_members(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def without_tensorflow(wheel, tmp_path_factory):
    """A new environment with the wheel and its extra [convert]: the folder of its programs."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "--no-input"]
    options = ["install", "--quiet", "--no-compile", "--constraint", ROOT / "constraints.txt"]
    done = _in_new_environment([*pip, *options, f"{wheel}[convert]"])
    if done.returncode:
        # What everybody needs tells a package index that is out of reach from a mistake of ours.
        probe = _in_new_environment([*pip, *options, "click"])
        if probe.returncode:
            said = [line for line in probe.stderr.splitlines() if line.startswith("ERROR")]
            pytest.skip(f"no package index can be reached: {' '.join(said[:1])}")
    assert done.returncode == 0, done.stderr
    return programs


def _in_new_environment(command, **options):
    """Run a command that does not see the packages of this environment."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, capture_output=True, text=True, env=clean, **options)


@pytest.mark.parametrize("source", _sources("*.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_source_file_is_the_module_of_its_place(source):
    module = importlib.import_module(_module(source))
    assert Path(module.__file__).resolve() == source


def test_the_package_list_is_complete(config):
    folders = {source.parent for source in _sources("*.py")}
    packages = config["options"]["packages"].split()
    assert set(packages) == {_package(folder) for folder in folders}
    assert len(packages) == len(set(packages))
    for folder in folders:
        assert (folder / "__init__.py").is_file(), f"{folder} has no __init__.py"


def test_the_package_folders_are_right(config):
    lines = config["options"]["package_dir"].split("\n")
    mapping = dict(line.split(" = ") for line in lines if line)
    packages = config["options"]["packages"].split()
    assert set(mapping) == set(packages)
    for package, folder in mapping.items():
        assert _package(ROOT / folder) == package


def test_a_wheel_holds_every_file_and_nothing_else(wheel_members):
    files = [path for path in _sources("*") if path.is_file() and path.suffix != ".pyc"]
    installed = {name for name in wheel_members if ".dist-info/" not in name}
    assert installed == {_installed_path(path) for path in files}


def test_a_wheel_has_one_top_level_package(wheel_members):
    tops = {name.split("/")[0] for name in wheel_members if ".dist-info/" not in name}
    assert tops == {"edgekit"}


def test_a_wheel_carries_the_licence(wheel_members):
    assert any(name.endswith("/LICENSE") for name in wheel_members)


@pytest.mark.parametrize(
    "first",
    ["import edgekit", "from edgekit import BuildResult", "import edgekit.cli.build_report"],
)
def test_build_is_a_function_whatever_was_imported_before(first):
    code = f"{first}; import edgekit; assert all(callable(edgekit.build) for _ in range(2))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_editable_installs_are_strict(config):
    assert config["editable_wheel"]["mode"] == "strict"


def test_the_constraints_satisfy_every_requirement(config):
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    extras = config["options.extras_require"]
    wanted = "\n".join([config["options"]["install_requires"], *extras.values()])
    for line in wanted.split("\n"):
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            assert name == "edgekit" or requirement.specifier.contains(pinned[name]), line


def test_the_exact_build_of_torch_is_left_to_the_index():
    assert "+" not in (ROOT / "constraints.txt").read_text()


@pytest.mark.slow
def test_convert_builds_without_tensorflow(without_tensorflow, tmp_path, small_models):
    """From an empty environment to a bundle that runs, with the extra [convert] alone."""
    absent = ("tensorflow", "tf_keras", "onnx2tf", "onnxsim", "torch")
    code = f"import importlib.util as u; print([n for n in {absent} if u.find_spec(n)])"
    found = _in_new_environment([without_tensorflow / "python", "-c", code])
    assert found.stdout.strip() == "[]", found.stderr

    small_models.save(tmp_path / "net.onnx", small_models.scores_model())
    samples = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=samples)
    edgekit = without_tensorflow / "edgekit"
    build = "build net.onnx --engine edgekit -d nucleo-l4r5zi --calibration-data data.npz --json"
    done = _in_new_environment([edgekit, *build.split()], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (output,) = json.loads(done.stdout)["parity"]["outputs"]
    assert output["final_model"]["sqnr_db"] > 30

    run = "run net.edgekit -i data.npz --index 0 --json"
    done = _in_new_environment([edgekit, *run.split()], cwd=tmp_path)
    assert done.returncode == 0, done.stderr

    other = "build net.onnx --engine onnx2tf --calibration-data data.npz --json"
    done = _in_new_environment([edgekit, *other.split()], cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["hint"] == "pip install 'edgekit[tensorflow]'"


def test_all_is_every_other_extra(config):
    extras = dict(config["options.extras_require"])
    named = extras.pop("all").strip().removeprefix("edgekit[").removesuffix("]")
    assert set(named.split(",")) == set(extras)

"""The rules of a Zephyr module: the schema of `scripts/zephyr_module.py`, and its paths."""

import re

import pytest

# Of METADATA_SCHEMA in Zephyr's scripts/zephyr_module.py.
TOP = {"name", "build", "tests", "samples", "boards", "blobs"}
BUILD = {
    "cmake",
    "kconfig",
    "cmake-ext",
    "kconfig-ext",
    "sysbuild-cmake",
    "sysbuild-kconfig",
    "depends",
    "settings",
}


@pytest.fixture
def module(package):
    yaml = pytest.importorskip("yaml", reason="pyyaml is not installed")
    return yaml.safe_load((package / "zephyr" / "module.yml").read_text())


def test_the_module_has_known_keys_with_strings(module):
    assert set(module) <= TOP
    assert set(module["build"]) <= BUILD
    assert all(isinstance(value, str) for value in [module["name"], *module["build"].values()])


def test_its_paths_lead_to_files(module, package):
    assert (package / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    assert (package / module["build"]["kconfig"]).is_file()


def test_the_option_guards_the_library(package):
    options = re.findall(r"^config (\w+)$", (package / "zephyr/Kconfig").read_text(), re.M)
    assert options == ["TINY_MODEL"]
    project = (package / "zephyr/CMakeLists.txt").read_text()
    assert project.startswith("if(CONFIG_TINY_MODEL)\n")


def test_kconfig_is_indented_as_kconfig_reads_it(package):
    """A help text is as deep as its first line, deeper than its keyword (Kconfig language)."""
    lines = (package / "zephyr/Kconfig").read_text().splitlines()
    start = lines.index("    help")
    assert lines[1].startswith('    bool "')
    assert all(line.startswith("      ") for line in lines[start + 1 :])


def test_every_source_is_compiled(package, library):
    project = (package / "zephyr/CMakeLists.txt").read_text()
    listed = re.findall(r"\$\{CMAKE_CURRENT_LIST_DIR\}/\.\./(src/\S+\.c)", project)
    assert {*listed} == {f"src/{name}" for name in library.files if name.endswith(".c")}
    assert all((package / name).is_file() for name in listed)

"""The diagnosis follows edgekit's own metadata, so that no list of packages is kept twice."""

import importlib.metadata
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from edgekit.doctor import PackageState, diagnose, read_extras, satisfies

OWN = importlib.metadata.requires("edgekit")


def test_every_requirement_of_ours_is_understood():
    """Packaging's own parser is the reference."""
    found = {
        (extra.name, package.name): package
        for extra in read_extras(OWN)
        for package in extra.packages
    }
    expected = set()
    for text in OWN:
        requirement = Requirement(text)
        if requirement.name == "edgekit":
            continue
        match = re.fullmatch(r'extra == "(\w+)"', str(requirement.marker or 'extra == "base"'))
        assert match, f"the doctor does not know the marker of {text}"
        key = (match[1], requirement.name)
        expected.add(key)
        assert SpecifierSet(found[key].required) == requirement.specifier
    assert set(found) == expected


@pytest.mark.parametrize(
    ("text", "extra", "package", "required"),
    [
        ("numpy>=1.26", "base", "numpy", ">=1.26"),
        ("numpy (>=1.26)", "base", "numpy", ">=1.26"),
        ("onnx_graphsurgeon ; extra == 'convert'", "convert", "onnx_graphsurgeon", ""),
        ('rich[jupyter]<15,>=13; extra == "x-y"', "x-y", "rich", "<15,>=13"),
    ],
)
def test_the_forms_of_a_requirement(text, extra, package, required):
    state = read_extras([text])[-1]
    assert state.name == extra
    assert [(item.name, item.required) for item in state.packages] == [(package, required)]


def test_requirements_under_other_conditions_and_of_edgekit_itself_are_left_out():
    texts = ['edgekit[runtime]; extra == "all"', 'tomli; python_version < "3.11"']
    (base,) = read_extras(texts)
    assert base.packages == ()


def test_a_package_that_is_not_there_is_missing():
    (_, extra) = read_extras(['no-such-package-anywhere>=1; extra == "x"'])
    assert str(extra.packages[0].verdict) == "missing"
    assert not extra.complete
    assert extra.install_command == "pip install 'edgekit[x]'"


def test_the_base_is_installed_without_an_extra():
    (base,) = read_extras(["numpy>=1.26"])
    assert base.complete
    assert base.install_command == "pip install edgekit"


@pytest.mark.parametrize(
    ("installed", "required", "verdict"),
    [
        ("2.13.0+cpu", "==2.13.0", "ok"),
        ("0.8.1", "==0.4.36", "out of range"),
        ("1.26", ">=1.26.0", "ok"),
        ("1.9", ">=1.10", "out of range"),
        ("3.0", ">=1,<3", "out of range"),
        ("3.0rc1", ">=3", "ok"),
        ("unknown", ">=1", "out of range"),
        ("unknown", "", "ok"),
    ],
)
def test_verdicts(installed, required, verdict):
    assert str(PackageState("x", required, installed).verdict) == verdict


releases = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)


@given(releases, st.lists(st.tuples(st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), releases)))
def test_ranges_agree_with_packaging(version, bounds):
    required = ",".join(f"{comparison}{bound}" for comparison, bound in bounds)
    assert satisfies(version, required) == SpecifierSet(required).contains(version)


def test_the_diagnosis_of_this_installation(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path))
    found = diagnose()
    assert found.version == importlib.metadata.version("edgekit")
    assert found.python.startswith("CPython 3.")
    assert (found.cache_folder, found.cache_bytes) == (tmp_path, 0)
    assert "ai-edge-litert" in found.backends
    assert found.to_json()["cache_folder"] == str(tmp_path)
    assert set(found.to_json()["meters"]) >= {"rapl", "battery", "ppk2"}


def test_it_imports_none_of_what_it_looks_at():
    code = (
        "import sys; from edgekit.doctor import diagnose; diagnose();"
        "heavy = 'onnx', 'tensorflow', 'torch', 'ai_edge_litert', 'smbus2', 'serial';"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr

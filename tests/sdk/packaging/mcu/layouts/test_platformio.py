"""The rules of `library.json`: the schema in platformio-core's package/manifest/schema.py."""

import json
import re

import pytest

# https://docs.platformio.org/en/latest/manifests/library-json/fields/index.html
FIELDS = {
    "name",
    "version",
    "description",
    "keywords",
    "homepage",
    "repository",
    "authors",
    "license",
    "frameworks",
    "platforms",
    "headers",
    "examples",
    "dependencies",
    "export",
    "scripts",
    "build",
}


@pytest.fixture
def manifest(package):
    return json.loads((package / "library.json").read_text())


def test_required_fields_hold_what_they_may(manifest):
    assert set(manifest) <= FIELDS
    assert re.fullmatch(r"[^:;/,@<>]{1,100}", manifest["name"])
    assert 1 <= len(manifest["version"]) <= 50
    assert re.match(r"\d+\.\d+\.\d+", manifest["version"])
    assert 1 <= len(manifest["description"]) <= 1000
    assert all(re.fullmatch(r"[a-z\d\-+. ]{1,50}", word) for word in manifest["keywords"])
    assert manifest["authors"] == [{"name": "edgekit"}]


def test_every_framework_and_platform_is_meant(manifest):
    assert manifest["frameworks"] == manifest["platforms"] == "*"


def test_its_paths_lead_to_files(manifest, package):
    assert (package / manifest["build"]["srcDir"] / manifest["headers"]).is_file()
    (example,) = manifest["examples"]
    assert re.fullmatch(r"[a-zA-Z\d\-_/]{1,100}", example["name"])
    assert all((package / example["base"] / name).is_file() for name in example["files"])

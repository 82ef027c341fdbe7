"""The rules of the Arduino library specification (rev. 2.2), and of arduino-lint's schema."""

import re

CATEGORIES = {
    "Display",
    "Communication",
    "Signal Input/Output",
    "Sensors",
    "Device Control",
    "Timing",
    "Data Storage",
    "Data Processing",
    "Other",
}
REQUIRED = {
    "name",
    "version",
    "author",
    "maintainer",
    "sentence",
    "paragraph",
    "category",
    "url",
    "architectures",
}
OPTIONAL = {"depends", "dot_a_linkage", "includes", "precompiled", "ldflags"}
SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def properties(package):
    lines = (package / "library.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_every_required_field_is_there_and_no_unknown_one(package):
    fields = properties(package)
    assert set(fields) >= REQUIRED
    assert set(fields) <= REQUIRED | OPTIONAL
    assert all(fields.values())


def test_fields_hold_what_they_may(package, facts):
    fields = properties(package)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]*", fields["name"])
    assert re.search("[A-Za-z]", fields["name"])
    assert not fields["name"].lower().startswith("arduino")
    assert len(fields["name"]) <= 63
    assert SEMVER.fullmatch(fields["version"])
    assert fields["version"] == facts.version
    assert fields["category"] in CATEGORIES
    assert fields["url"].startswith("https://")
    assert fields["dot_a_linkage"] == "true"
    assert facts.title in fields["sentence"]


def test_sources_and_their_public_header_lie_in_src(package):
    assert (package / "src" / properties(package)["includes"]).is_file()
    assert not list(package.glob("*.c")) + list(package.glob("*.h"))
    assert not (package / "utility").exists()


def test_the_sketch_lies_in_a_folder_of_its_name(package):
    (sketch,) = (package / "examples").rglob("*.ino")
    assert sketch.parent.name == sketch.stem
    assert sketch.parent.parent == package / "examples"
    text = sketch.read_text()
    assert "#include <tiny.h>" in text
    assert "void setup()" in text
    assert "void loop()" in text

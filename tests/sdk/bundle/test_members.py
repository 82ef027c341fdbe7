"""Names of members: what may be in a bundle."""

import pytest

from edgekit.bundle.members import BundleError, name_problem


@pytest.mark.parametrize("name", ["model.tflite", "a/b/c.json", "..hidden", "naïve labels.txt"])
def test_relative_paths_are_fine(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("/a", "absolute"),
        ("C:/a", "absolute"),
        ("../a", "out of the bundle"),
        ("a/..", "out of the bundle"),
        ("a\\..\\b", "backslash"),
        ("a\nb", "cannot be printed"),
        ("", "not that of a file"),
        ("a/", "not that of a file"),
        ("./a", "not that of a file"),
    ],
)
def test_the_rest_is_named(name, match):
    assert match in name_problem(name)


def test_the_error_names_path_member_reason_and_what_to_do(tmp_path):
    error = BundleError(tmp_path / "x.edgekit", "it is bad", member="m", hint="do this")
    assert str(error) == f"bundle {tmp_path}/x.edgekit, member 'm': it is bad\n  -> do this"

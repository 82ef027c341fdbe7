"""Environments have the same name where all of them is alike."""

from edgekit.benchmarks import capture_environment
from edgekit.benchmarks.records.fingerprint import differences, fingerprint
from edgekit.runtime import Backend, Kernels


def _here():
    return capture_environment(Backend("litert", "1.0", Kernels.DEFAULT, 1)).to_json()


def test_the_same_machine_has_the_same_name():
    assert fingerprint(_here()) == fingerprint(dict(reversed(_here().items())))
    assert differences(_here(), _here()) == ()


def test_every_field_matters():
    here = _here()
    for name in here:
        other = {**here, name: "another"}
        assert fingerprint(other) != fingerprint(here)
        assert differences(here, other) == (f"{name}: {here[name]} -> another",)


def test_fields_that_one_of_them_lacks_are_named():
    assert differences({"os": "a"}, {"threads": 2}) == ("os: a -> None", "threads: None -> 2")

"""Registries load a package once, and forget what was put in for a time."""

import sys

import pytest

from edgekit.converters.registering import load_modules, restored


def test_every_module_of_a_package_is_imported_once(tmp_path, monkeypatch):
    package = tmp_path / "edgekit_test_package"
    package.mkdir()
    for name in ("__init__", "first", "second"):
        (package / f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    load_modules(package.name)
    for name in ("first", "second"):
        assert sys.modules.pop(f"{package.name}.{name}").__name__.endswith(name)
    load_modules(package.name)
    assert f"{package.name}.first" not in sys.modules
    del sys.modules[package.name]


def test_a_registry_is_as_before_also_after_an_error():
    registry = {"kept": 1, "changed": 2}

    def change():
        with restored(registry):
            registry.update(changed=3, new=4)
            del registry["kept"]
            raise LookupError

    with pytest.raises(LookupError):
        change()
    assert registry == {"kept": 1, "changed": 2}

"""All layouts in one folder."""

from xml.etree import ElementTree as ET

from edgekit.packaging.mcu.layouts import LAYOUTS, lay_out


def test_no_two_layouts_write_the_same_file(library, facts):
    names = [name for layout in LAYOUTS for name in layout(library, facts)]
    assert len(names) == len({*names})
    assert not any(name.startswith("src/") for name in names)


def test_the_sources_are_the_librarys(library, facts):
    files = lay_out(library, facts)
    found = {name: files[name].decode() for name in files if name.startswith("src/")}
    assert found == {f"src/{name}": text for name, text in library.files.items()}


def test_the_arena_is_drawn(library, facts):
    ET.fromstring(lay_out(library, facts)["extras/memory.svg"])


def test_the_same_library_gives_the_same_files(library, facts):
    assert lay_out(library, facts) == lay_out(library, facts)

"""A PlatformIO library: any framework, any platform, C99.

By https://docs.platformio.org/en/latest/manifests/library-json/index.html and the schema in
platformio-core, ``platformio/package/manifest/schema.py``.
"""

import json
from collections.abc import Mapping

from edgekit.converters.c import CLibrary
from edgekit.packaging.mcu.layouts.base import SOURCES, LayoutFacts

__all__ = ["platformio_layout"]


def platformio_layout(library: CLibrary, facts: LayoutFacts) -> Mapping[str, str]:
    """Return ``library.json``."""
    sketch = f"{library.name}_run"
    manifest = {
        "name": library.name[:100],
        "version": facts.version,
        "description": f"The model '{facts.title}' as plain C, packed for {facts.device}."[:1000],
        "keywords": ["machine learning", "inference", "tflite", "int8"],
        "authors": [{"name": "edgekit"}],
        "frameworks": "*",
        "platforms": "*",
        "headers": f"{library.name}.h",
        "build": {"srcDir": SOURCES, "includeDir": SOURCES},
        "examples": [
            {
                "name": "Arduino",
                "base": f"examples/{sketch}",
                "files": [f"{sketch}.ino"],
            }
        ],
    }
    return {"library.json": json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"}

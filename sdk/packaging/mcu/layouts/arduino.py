"""An Arduino library of the recursive layout, with an example sketch.

By the Arduino library specification, revision 2.2
(https://arduino.github.io/arduino-cli/latest/library-specification/).
"""

from collections.abc import Mapping
from string import Template

from edgekit.converters.c import CLibrary
from edgekit.packaging.mcu.layouts.base import LayoutFacts, fill

__all__ = ["arduino_layout"]

# A name is at most 63 characters (arduino-lint, schema of library.properties).
_LONGEST_NAME = 63

# A url is required; edgekit has no page of its own.
_PROPERTIES = Template("""\
name=$short
version=$version
author=edgekit
maintainer=edgekit
sentence=The model '$title' as plain C, made by edgekit.
paragraph=It needs $arena bytes of RAM, no heap and no interpreter. Packed for $device.
category=Data Processing
url=https://arduino.github.io/arduino-cli/latest/library-specification/
architectures=*
includes=$name.h
dot_a_linkage=true
""")

_SKETCH = Template("""\
// Runs $name on an input of zeros, again and again, and prints the first output.
#include <$name.h>

static uint8_t arena[${upper}_ARENA_BYTES] __attribute__((aligned(${upper}_ARENA_ALIGNMENT)));
static ${name}_model model;

void setup() {
  Serial.begin(115200);
  if (${name}_init(&model, arena, sizeof arena) != ${upper}_OK) {
    Serial.println("$name did not start");
  }
}

void loop() {
  memset(${name}_input(&model, 0), 0, ${input}_BYTES);
  unsigned long start = micros();
  if (${name}_invoke(&model) == ${upper}_OK) {
    unsigned long taken = micros() - start;
    const $output_type *values = static_cast<const $output_type *>(${name}_output(&model, 0));
    for (size_t i = 0; i < ${output}_BYTES / sizeof($output_type); ++i) {
      Serial.print(values[i]);
      Serial.print(' ');
    }
    Serial.print(taken);
    Serial.println(" us");
  }
  delay(1000);
}
""")


def arduino_layout(library: CLibrary, facts: LayoutFacts) -> Mapping[str, str]:
    """Return ``library.properties`` and a sketch, in a folder of its own name."""
    properties = fill(
        _PROPERTIES,
        library,
        short=library.name[:_LONGEST_NAME],
        title=" ".join(facts.title.split()),
        version=facts.version,
        device=" ".join(facts.device.split()),
        arena=f"{library.arena_bytes}",
    )
    sketch = f"{library.name}_run"
    return {
        "library.properties": properties,
        f"examples/{sketch}/{sketch}.ino": fill(_SKETCH, library),
    }

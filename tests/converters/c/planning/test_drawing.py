"""The drawing is well-formed SVG with every buffer where the plan puts it."""

from xml.etree import ElementTree as ET

from edgekit.converters.c.planning import Buffer, Overlap, memory_map_svg, plan_memory

SVG = "{http://www.w3.org/2000/svg}"


def drawn(steps=()):
    buffers = [
        Buffer("input<0>", 64, 0, 1),
        Buffer("output", 64, 1, 2),
        Buffer("a_name_that_is_longer_than_its_box", 128, 2, 2),
    ]
    plan = plan_memory(buffers, [Overlap("output", "input<0>", 0)])
    return plan, ET.fromstring(memory_map_svg(plan, steps, title="kws & more"))


def test_every_buffer_is_a_box_of_its_size():
    plan, root = drawn()
    boxes = {
        box.find(f"{SVG}title").text.split(":")[0]: box
        for box in root.iter(f"{SVG}rect")
        if box.find(f"{SVG}title") is not None
    }
    assert set(boxes) == {"input<0>", "output", "a_name_that_is_longer_than_its_box"}
    heights = {name: float(box.get("height")) for name, box in boxes.items()}
    assert heights["a_name_that_is_longer_than_its_box"] == 240
    assert heights["input<0>"] == heights["output"] == 120
    for name, box in boxes.items():
        bottom = float(box.get("y")) + float(box.get("height"))
        assert bottom == 408 - 360 * plan.offsets[name] / plan.size_bytes


def test_it_says_size_bound_and_proof():
    _, root = drawn()
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "kws & more: 192 bytes, lower bound 192 (optimal)" in texts
    assert any(text.startswith("…") and text.endswith("its_box") for text in texts)


def test_the_bound_is_drawn_for_each_step():
    _, root = drawn()
    (line,) = root.iter(f"{SVG}polyline")
    heights = [point.split(",")[1] for point in line.get("points").split()]
    assert heights[0] == heights[3] != heights[4]


def test_steps_are_named():
    _, root = drawn(["conv<1>", "relu"])
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"conv<1>", "relu", "2"} <= {*texts}

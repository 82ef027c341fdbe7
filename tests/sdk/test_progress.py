"""The stages, and the one who says nothing."""

from edgekit.progress import Progress, SilentProgress, Stage


def test_the_stages_are_in_the_order_of_a_build():
    assert [stage.name for stage in Stage] == [
        "SOURCE",
        "SAMPLES",
        "LOWER",
        "QUANTIZE",
        "CONTRACT",
        "PARITY",
        "WRITE",
    ]


def test_silence(capfd):
    progress: Progress = SilentProgress()
    progress.stage(Stage.LOWER)
    progress.advance(1, 2)
    progress.notice("a notice")
    progress.warn("a warning")
    assert capfd.readouterr() == ("", "")

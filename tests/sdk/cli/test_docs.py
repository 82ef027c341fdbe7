"""Every command that docs/cli.md shows works."""

import pytest

from edgekit.cli.main import cli


def test_the_documented_session_works(
    in_project, documented_commands, invoke_here, tmp_path, monkeypatch
):
    # The session clears the cache at its end.
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("EDGEKIT_RESULTS", str(tmp_path / "results.sqlite3"))
    for words in documented_commands:
        if words[0] == "build":
            continue  # the project was built by exactly this command
        result = invoke_here(*words)
        assert result.exit_code == 0, (words, result.output, result.exception)
        assert result.stdout


@pytest.mark.parametrize("name", cli.list_commands(None))
def test_every_command_has_an_example(documented_commands, name):
    assert name in {words[0] for words in documented_commands}

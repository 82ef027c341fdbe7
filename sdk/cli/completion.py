"""`edgekit completion`: the script that makes a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from edgekit.cli.main import PROGRAM, cli
from edgekit.cli.output import CONTEXT, Output, output_options

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit completion bash
  edgekit completion zsh
  edgekit completion fish
"""

# Shell -> how to install what is printed.
_INSTALLATION = {
    "bash": f'put this line into ~/.bashrc:  eval "$({PROGRAM} completion bash)"',
    "zsh": f'put this line into ~/.zshrc, after compinit:  eval "$({PROGRAM} completion zsh)"',
    "fish": f"{PROGRAM} completion fish > ~/.config/fish/completions/{PROGRAM}.fish",
}


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("shell", type=click.Choice(list(_INSTALLATION)))
@output_options
def command(output: Output, shell: str) -> None:
    """Print the completion script for SHELL; its last line says how to install it."""
    kind = get_completion_class(shell)
    assert kind is not None  # the choices are click's own shells
    variable = f"_{PROGRAM.upper()}_COMPLETE"
    source = kind(cli, {}, PROGRAM, variable).source().strip()
    script = f"{source}\n# To install: {_INSTALLATION[shell]}\n"
    output.text({"shell": shell, "script": script}, script)

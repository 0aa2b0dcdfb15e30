"""`evalsuite completion`: commands and options by the tab key."""

import click


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what makes the tab key complete commands and options.

    \b
      evalsuite completion bash >> ~/.bashrc
      evalsuite completion zsh >> ~/.zshrc
      evalsuite completion fish > ~/.config/fish/completions/evalsuite.fish
    """  # noqa: D301 - click's \b keeps the block as it is
    from click.shell_completion import get_completion_class

    from evalsuite.cli import cli

    found = get_completion_class(shell)
    assert found is not None  # click knows every shell that it offers
    click.echo(found(cli, {}, "evalsuite", "_EVALSUITE_COMPLETE").source())

"""The command line: one file per command, imported when it is called."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from evalsuite import __version__
from evalsuite.errors import EvalsuiteError

EPILOG = """Exit codes: 0 holds · 10 worse · 11 undecided · 12 not comparable · 1 failed ·
2 wrong usage · 130 Ctrl-C."""


class Command(NamedTuple):
    """Where a command lives and what its help line says, known without importing it."""

    section: str
    help: str


COMMANDS = {
    "demo": Command(
        "Measure", "Run FP8, FP4 and FP8 again on the embedded engine; write the report."
    ),
    "plan": Command("Measure", "Say what to ask, what it costs and what it could decide."),
    "run": Command("Measure", "Ask the questions and keep every answer; goes on after a stop."),
    "status": Command("Measure", "Print how far a run is, whether it goes on or was stopped."),
    "compare": Command("Measure", "Compare two runs and print the table."),
    "report": Command("Measure", "Write the HTML report of two runs."),
    "show": Command("Measure", "Print one question with all its answers."),
    "gate": Command("Decide", "Compare two runs and decide by a policy; for CI."),
    "history": Command("Decide", "Show the nights and what drifts, or add to them."),
    "score": Command("Grade", "Grade a file of responses made anywhere."),
    "explain": Command("Grade", "Explain how the answers to one question were judged."),
    "rescore": Command("Grade", "Grade a run's kept answers again, without an engine."),
    "import": Command("Grade", "Make a run of responses or outcomes made elsewhere."),
    "tasks": Command("Set up", "List the benchmarks, or print a question as the model sees it."),
    "inspect": Command("Set up", "Print what a checkpoint is, by its tensors and its files."),
    "doctor": Command("Set up", "Check packages, data sets, checkpoints, GPUs and disk."),
    "completion": Command("Set up", "Print what makes the tab key complete commands and options."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of *cmd_name*."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"evalsuite.cli.{cmd_name}_command")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Print the commands in sections."""
        for section in dict.fromkeys(command.section for command in COMMANDS.values()):
            rows = [(name, one.help) for name, one in COMMANDS.items() if one.section == section]
            with formatter.section(section):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name in the error."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            from evalsuite.config import nearest

            ctx.fail(f"there is no command {name!r}; {nearest(name, list(COMMANDS))}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="evalsuite %(version)s")
def cli() -> None:
    """Does FP4 answer as well as FP8?

    Asks the same questions of both builds of a model and compares them pair by pair.

    \b
    Start here:
      evalsuite doctor                          is this machine ready?
      evalsuite demo                            a real run on this machine, no GPU needed
      evalsuite run configs/demo.yaml           the same, from its configuration
      evalsuite report results/A results/B -o reports/mine
    """  # noqa: D301 - click's \b keeps the block as it is


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; errors become one message and an exit code."""
    try:
        code = cli.main(args=args, prog_name="evalsuite", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except EvalsuiteError as error:
        from evalsuite.cli.questions import plain

        click.echo(plain(f"evalsuite: {error}"), err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("evalsuite: stopped.", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)

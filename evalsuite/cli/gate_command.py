"""`evalsuite gate`: compare, then decide by a policy."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalsuite.cli.options import CONTROL, POLICY
from evalsuite.cli.questions import plain
from evalsuite.errors import UsageError
from evalsuite.resources import shipped

if TYPE_CHECKING:
    from evalsuite.nightly.deciding import Nights
    from evalsuite.nightly.gate import Gate


def _print_example(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the policy that ships with evalsuite and end, if *asked*."""
    if asked:
        click.echo((shipped("configs") / "gate.yaml").read_text(encoding="utf-8"), nl=False)
        ctx.exit()


@click.command(name="gate")
@click.argument("baseline", required=False, type=click.Path(path_type=Path))
@click.argument("candidate", required=False, type=click.Path(path_type=Path))
@POLICY
@CONTROL
@click.option(
    "--history",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The history, for drift; without runs, its --night is decided on.",
)
@click.option("--night", metavar="DATE", help="Without runs: which night of the history.")
@click.option("--arm", metavar="ARM", help="Without runs: which candidate, if there are several.")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for gate.json, junit.xml, summary.md, comment.md, badge.svg and GitLab's two.",
)
@click.option("--json", "as_json", is_flag=True, help="Print gate.json instead of the words.")
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_example,
    help="Print a policy to start from, and decide nothing.",
)
def command(
    baseline: Path | None,
    candidate: Path | None,
    policy: Path,
    control: Path | None,
    history: Path | None,
    night: str | None,
    arm: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compare two runs and decide by a policy; for CI.

    Prints why, and exits 0 if the candidate passes, 10 if it is worse, 11 if it is undecided, 12
    if a run is missing, half finished or not comparable, which is never a pass. Inside GitHub
    Actions it also writes annotations and the job summary. If EVALSUITE_WEBHOOK_URL is set, a
    small JSON is posted there; that it fails changes no exit code.

    \b
      evalsuite gate --example > configs/gate.yaml
      evalsuite gate results/r1-fp8 results/r1-fp4 -o gate
      evalsuite gate --history results/history.sqlite --night 2026-11-25
    """  # noqa: D301 - click's \b keeps the block as it is
    if (baseline is None or candidate is None) and (history is None or baseline):
        raise UsageError("name two runs, BASELINE CANDIDATE, or a --history with its --night")
    if baseline and (night or arm):
        raise UsageError("--night and --arm choose from the history, and two runs are named")
    from evalsuite.nightly.deciding import Sides, decided, decided_by_history, nights_in
    from evalsuite.nightly.outputs import write_outputs
    from evalsuite.nightly.outputs.files import to_json
    from evalsuite.nightly.policy import load_policy
    from evalsuite.nightly.webhook import notify

    rules = load_policy(policy)
    nights = nights_in(history) if history else None
    if baseline and candidate:
        sides = Sides(baseline=baseline, candidate=candidate, control=control)
        found = decided(sides, rules, nights)
    else:
        assert nights is not None
        found = decided_by_history(nights, rules, night=_named(night, nights), arm=arm)
    if out is not None:
        write_outputs(found, out, policy=policy.as_posix(), lines=rules.lines)
    if as_json:
        click.echo(to_json(found), nl=False)
    else:
        _show(found)
    _tell_github(found, policy)
    problem = notify(found, os.environ)
    if problem:
        click.echo(f"evalsuite: {problem}", err=True)
    raise SystemExit(found.exit_code)


def _named(night: str | None, nights: "Nights") -> str:
    """The night to decide on. It has no default: the last one may not be the one that was meant."""
    if night is None:
        last = max((one.night for one in nights.entries), default=None)
        known = f"the last in {nights.path} is {last}" if last else f"{nights.path} is empty"
        raise UsageError(f"say which night is to be decided on with --night; {known}")
    return night


def _show(found: "Gate") -> None:
    """The decision on stdout: one line for each benchmark, then why, then what else is known."""
    from rich.console import Console
    from rich.text import Text

    from evalsuite.cli.terminal import STYLES
    from evalsuite.nightly.words import GLYPHS

    console = Console(soft_wrap=True)
    width = max(len(one.title) for one in found.findings)
    for one in found.findings:
        level = "" if one.level == "required" else f"({one.level}) "
        style = STYLES.get(one.state, "bold yellow")
        line = Text(f"{one.title.ljust(width)}  ")
        line.append(f"{GLYPHS[one.state]} {one.state}  ", style)
        console.print(line.append(_line(f"{level}{'; '.join(one.reasons)}")))
    console.print()
    for title, lines in (("why", found.reasons), ("warning", found.warnings)):
        for said in lines:
            console.print(Text(f"{title}  ", "dim").append(_line(said), ""))
    console.print(Text(_line(found.sentence), STYLES.get(found.state, "bold yellow")))


def _line(text: str) -> str:
    """*text* on one line: what stands at the start of a line may be a command to a CI runner."""
    return " ".join(plain(text).splitlines())


def _tell_github(found: "Gate", policy: Path) -> None:
    """Annotations and the job summary, inside GitHub Actions only.

    The runner reads commands from stderr as well, and stdout may be JSON.
    """
    from evalsuite.nightly.outputs.github import annotations
    from evalsuite.nightly.outputs.markdown import summary

    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotations(found, policy=policy.as_posix()):
            click.echo(line, err=True)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(summary(found) + "\n")
        except OSError as error:
            click.echo(f"evalsuite: the job summary was not written: {error}", err=True)

"""`evalsuite history`: the nights, what drifted, and adding to them."""

from contextlib import ExitStack
from pathlib import Path

import click

from evalsuite.cli.completing import RunFolder
from evalsuite.cli.options import CONTROL, POLICY
from evalsuite.errors import EvalsuiteError, UsageError

HISTORY = click.option(
    "--history",
    type=click.Path(dir_okay=False, path_type=Path),
    default="results/history.sqlite",
    show_default=True,
    help="The history's file.",
)
REPLACE = click.option("--replace", is_flag=True, help="Put it in the place of what is there.")


@click.group(name="history", invoke_without_command=True)
@HISTORY
@POLICY
@click.option("--arm", metavar="ARM", help="Only this arm.")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=14,
    show_default=True,
    help="How many nights to list.",
)
@click.option("--regressed", is_flag=True, help="Only what is worse or drifts; exits 10 if any.")
@click.option("--json", "as_json", is_flag=True, help="Print nights and charts as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    history: Path,
    policy: Path,
    arm: str | None,
    last: int,
    regressed: bool,
    as_json: bool,
) -> None:
    """Show the nights and what drifts, or add to them.

    Charts need the `drift:` part of the policy; without the file the nights are shown alone.

    \b
      evalsuite history add results/r1-fp8 results/r1-fp4
      evalsuite history
      evalsuite history --regressed
    """  # noqa: D301 - click's \b keeps the block as it is
    if ctx.invoked_subcommand is not None:
        return
    from evalsuite.cli.nights import Shown, show_history

    shown = Shown(arm=arm, last=last, regressed=regressed, as_json=as_json)
    raise SystemExit(show_history(history, policy, shown))


@command.command(name="add")
@click.argument("baseline", type=RunFolder())
@click.argument("candidate", type=RunFolder())
@HISTORY
@POLICY
@CONTROL
@click.option("--night", metavar="DATE", help="The night; else the day the candidate's run began.")
@click.option(
    "--commit",
    envvar=["EVALSUITE_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA"],
    show_envvar=True,
    help="The commit under test, to be named where something changes.",
)
@click.option(
    "--fact", multiple=True, metavar="NAME=VALUE", help="A version of anything else; repeatable."
)
@REPLACE
def add(
    baseline: Path,
    candidate: Path,
    history: Path,
    policy: Path,
    control: Path | None,
    night: str | None,
    commit: str | None,
    fact: tuple[str, ...],
    replace: bool,
) -> None:
    """Compare two runs and keep the result; adding the same twice is adding it once.

    All tasks of a night are there, or none, whatever ends the process.

    \b
      evalsuite history add results/r1-fp8 results/r1-fp4
      evalsuite history add results/r1-fp8 results/r1-fp4 --night 2026-11-25 --fact driver=580.95
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.nightly.deciding import Sides, compared
    from evalsuite.nightly.entry import entries_of
    from evalsuite.nightly.history import History
    from evalsuite.nightly.policy import load_policy

    rules = load_policy(policy)
    facts = _facts(fact)
    with ExitStack() as stack:
        sides = Sides(baseline=baseline, candidate=candidate, control=control)
        comparison, ours, theirs = compared(stack, sides, rules)
        entries = entries_of(comparison, ours, theirs, night=night, commit=commit, facts=facts)
        with History(history) as kept:
            new = kept.add(entries, replace=replace)
    click.echo(f"{entries[0].night} {entries[0].arm}: {new} of {len(entries)} tasks added")


@command.command(name="import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@HISTORY
@POLICY
@REPLACE
def import_(folder: Path, history: Path, policy: Path, replace: bool) -> None:
    """Add every older run below a folder, each compared with its experiment's baseline.

    \b
      evalsuite history import results
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.nightly.deciding import Sides, compared
    from evalsuite.nightly.entry import entries_of
    from evalsuite.nightly.history import History
    from evalsuite.nightly.older import pairs_in
    from evalsuite.nightly.policy import load_policy

    rules = load_policy(policy)
    pairs, said = pairs_in(folder)
    added = 0
    with History(history) as kept:
        for pair in pairs:
            try:
                with ExitStack() as stack:
                    sides = Sides(baseline=pair.baseline, candidate=pair.candidate)
                    entries = entries_of(*compared(stack, sides, rules))
                added += kept.add(entries, replace=replace)
            except EvalsuiteError as error:
                said.append(f"{pair.candidate}: {error}")
    for line in said:
        click.echo(f"left out  {line}", err=True)
    click.echo(f"{len(pairs)} runs, {added} rows added")
    raise SystemExit(1 if said else 0)


@command.command(name="reset")
@click.argument("arm")
@HISTORY
@click.option("--night", required=True, metavar="DATE", help="The last night that is resolved.")
@click.option("--why", required=True, help="What was found; kept beside the night.")
@click.option("--rebase", is_flag=True, help="Hold later nights against new reference nights, too.")
def reset(arm: str, history: Path, night: str, why: str, rebase: bool) -> None:
    """Resolve an arm's alarms: its charts begin again behind a night.

    \b
      evalsuite history reset fp4 --night 2026-11-25 --why "bad kernel, reverted"
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.nightly.history import History, Reset

    with History(history) as kept:
        kept.put_reset(Reset(night=night, arm=arm, why=why, rebase=rebase))
    click.echo(f"{arm}: charts begin again after {night}")


def _facts(named: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in named:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise UsageError(f"--fact {one}: is not NAME=VALUE, as in driver=580.95")
        found[name] = value
    return found

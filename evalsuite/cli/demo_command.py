"""`evalsuite demo`: the main job on the embedded engine."""

from pathlib import Path

import click

from evalsuite.cli.options import LIMIT, PROGRESS, REPORTS, RESULTS
from evalsuite.resources import shipped


@click.command(name="demo")
@LIMIT
@RESULTS
@REPORTS
@PROGRESS
def command(limit: int | None, results: Path, reports: Path, progress: str) -> None:
    """Run FP8, FP4 and FP8 again on the embedded engine; write the report.

    A small trained model answers synthetic items in the formats of the five benchmarks. The same
    command again asks nothing that is already answered. Exits 0 whatever the verdict is: a
    demo shows a comparison, it does not gate on one.

    \b
      evalsuite demo
      evalsuite demo --limit 10        # a few seconds
    """  # noqa: D301 - click's \b keeps the block as it is
    from evalsuite.cli.experiment import STOPPED, Choices, run_experiment

    choices = Choices(results=results, reports=reports, limit=limit, progress=progress)
    code = run_experiment(shipped("configs") / "demo.yaml", choices)
    raise SystemExit(code if code == STOPPED else 0)

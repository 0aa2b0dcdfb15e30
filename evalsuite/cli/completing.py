"""What the tab key offers: run folders and tasks."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from evalsuite.resources import shipped

RUN_FILE = "run.json"
RESULTS = Path("results")


class RunFolder(click.Path):
    """The folder of a run; the tab key offers those in `results/` and below what is typed."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Run folders that begin so, by their path or by their name; else any folder."""
        typed = Path(incomplete)
        parent = typed if incomplete.endswith("/") else typed.parent
        found = {str(path): path.name for path in (*_runs(parent), *_runs(RESULTS))}
        fitting = [
            CompletionItem(path)
            for path, name in found.items()
            if path.startswith(incomplete) or name.startswith(incomplete)
        ]
        return fitting or [CompletionItem(incomplete, type="dir")]


def complete_task(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """The tasks that ship with evalsuite and begin so."""
    names = sorted(path.stem for path in shipped("tasks").glob("*.yaml"))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _runs(folder: Path) -> list[Path]:
    try:
        return sorted(path.parent for path in folder.glob(f"*/{RUN_FILE}"))
    except OSError:
        return []

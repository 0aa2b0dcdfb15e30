"""A baseline and its candidates, opened and compared; `compare` and `report` are this."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from evalsuite.report import Compared
    from evalsuite.runs.folder import Run


class Opened(NamedTuple):
    """The baseline's run, and each candidate with its comparison."""

    baseline: "Run"
    compared: "Sequence[Compared]"

    @property
    def exit_code(self) -> int:
        """The gravest of the comparisons': 10 worse, 11 undecided, 0 holds."""
        codes = {one.comparison.exit_code for one in self.compared}
        return next(code for code in (10, 11, 0) if code in codes)


@contextmanager
def comparing(
    baseline: Path,
    candidates: Sequence[Path],
    *,
    control: Path | None,
    margins_pp: Mapping[str, float],
    force: bool = False,
) -> Iterator[Opened]:
    """Open the runs and compare each candidate with the baseline; the runs stay open inside.

    Raises:
        EvalsuiteError: a run cannot be opened, or the runs must not be compared.
    """
    # Not before: SciPy takes a second to import.
    from evalsuite.comparison import compare
    from evalsuite.report import Compared
    from evalsuite.runs.folder import open_run

    with ExitStack() as stack:
        ours, *theirs = (stack.enter_context(open_run(path)) for path in (baseline, *candidates))
        again = stack.enter_context(open_run(control)) if control else None
        yield Opened(
            baseline=ours,
            compared=[
                Compared(
                    comparison=compare(
                        ours, one, control=again, margins_pp=margins_pp, force=force
                    ),
                    run=one,
                )
                for one in theirs
            ],
        )

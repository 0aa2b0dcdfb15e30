"""The rows of one data set, wherever they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalsuite.errors import DataError

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one split, and how to speak of them.

    `source` is what a reader should see ("openai/gsm8k main test"); `place` names the file or
    data set in errors and `unit` what its rows are counted in, from `first` on.
    """

    rows: Sequence[Row]
    source: str
    place: str
    revision: str = ""
    synthetic: bool = False
    unit: str = "row"
    first: int = 1

    def where(self, index: int) -> str:
        """The place of row *index* (from 0), for an error."""
        return f"{self.place}, {self.unit} {self.first + index}"

    def check(self, columns: Sequence[str]) -> None:
        """Make sure that each row has *columns*.

        Raises:
            DataError: there are no rows, or some lack a column.
        """
        if not self.rows:
            raise DataError(f"{self.place}: holds no rows. Is the file complete?")
        for index, row in enumerate(self.rows):
            if missing := [column for column in columns if row.get(column) is None]:
                raise DataError(
                    f"{self.where(index)}: no value for {', '.join(map(repr, missing))}. "
                    f"The task needs the columns {', '.join(map(repr, columns))}."
                )

"""`Comparison` as JSON, and back."""

from pydantic import TypeAdapter, ValidationError

from evalsuite.comparison.types import Comparison
from evalsuite.errors import DataError

SCHEMA = 3
_COMPARISON = TypeAdapter(Comparison)


def to_json(comparison: Comparison) -> str:
    """*comparison* as indented JSON; equal comparisons give equal text."""
    return _COMPARISON.dump_json(comparison, indent=2).decode() + "\n"


def from_json(text: str | bytes) -> Comparison:
    """The comparison that `to_json` wrote.

    Raises:
        DataError: *text* is no comparison (the first fault is named), or of another schema.
    """
    try:
        found = _COMPARISON.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"This is no comparison.json: {where}: {first['msg']}.") from error
    if found.schema != SCHEMA:
        raise DataError(
            f"comparison.json has schema {found.schema}, this program reads {SCHEMA}; "
            "compare the runs again."
        )
    return found

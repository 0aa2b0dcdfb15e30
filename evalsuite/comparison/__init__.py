"""Two runs → one `Comparison`: the waist that every output reads."""

from evalsuite.comparison.build import compare
from evalsuite.comparison.json import from_json, to_json
from evalsuite.comparison.types import Comparison

__all__ = ["Comparison", "compare", "from_json", "to_json"]

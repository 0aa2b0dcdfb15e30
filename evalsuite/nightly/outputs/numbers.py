"""The numbers of a finding under the names that metrics and properties carry."""

from evalsuite.comparison.types import Estimate
from evalsuite.nightly.gate import Finding


def numbers(one: Finding) -> dict[str, float]:
    """Name → value; differences in percentage points, accuracies in percent. Empty if none."""
    result = one.result
    if result is None:
        return {}
    found = {
        **_with_ends("baseline_accuracy", "_percent", result.baseline, 100),
        **_with_ends("candidate_accuracy", "_percent", result.candidate, 100),
        **_with_ends("difference", "_pp", result.difference, 100),
        "margin_pp": 100 * one.margin,
        "pairs": result.pairs,
        "complete_percent": 100 * result.complete,
        **_with_ends("truncated_growth", "_pp", result.rate("truncated").difference, 100),
    }
    if result.length_ratio is not None:
        found |= _with_ends("length_ratio", "", result.length_ratio, 1)
    return found


def _with_ends(name: str, unit: str, one: Estimate, scale: float) -> dict[str, float]:
    """*one* times *scale*, and both ends of its 95 % interval."""
    ends = {"": one.value, "_low": one.interval.low, "_high": one.interval.high}
    return {f"{name}{end}{unit}": scale * value for end, value in ends.items()}

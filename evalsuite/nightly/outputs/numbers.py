"""The numbers of a finding under the names that metrics and properties carry."""

from evalsuite.nightly.gate import Finding


def numbers(one: Finding) -> dict[str, float]:
    """Name → value; differences in percentage points, accuracies in percent. Empty if none."""
    result = one.result
    if result is None:
        return {}
    found = {
        "baseline_accuracy_percent": 100 * result.baseline.value,
        "candidate_accuracy_percent": 100 * result.candidate.value,
        "difference_pp": 100 * result.difference.value,
        "difference_low_pp": 100 * result.difference.interval.low,
        "difference_high_pp": 100 * result.difference.interval.high,
        "margin_pp": 100 * one.margin,
        "pairs": result.pairs,
        "complete_percent": 100 * result.complete,
        "truncated_growth_pp": 100 * result.rate("truncated").difference.value,
    }
    if result.length_ratio is not None:
        found["length_ratio"] = result.length_ratio.value
    return found

"""Values of R packages and closed forms, each named by its case; skipped where they are absent."""

import json
import math

import numpy as np
import pytest
from scipy.stats import norm

from evalsuite.stats.anytime import growth_optimal, log_e
from evalsuite.stats.flips import flip_rates
from evalsuite.stats.mcnemar import mcnemar
from evalsuite.stats.multiple import benjamini_hochberg, holm
from evalsuite.stats.paired import paired_counts, variance_parts, virtual_counts
from evalsuite.stats.planning import new_questions_needed, pairs_needed
from evalsuite.stats.pooling import heterogeneity
from evalsuite.stats.quantiles import above, two_sided
from evalsuite.stats.questions import clustered_interval
from evalsuite.stats.sequential import boundaries, critical_values
from evalsuite.stats.single import wilson
from evalsuite.stats.tango import score_limits, score_z

pytestmark = pytest.mark.shared


@pytest.fixture
def cases(shared):
    file = shared / "data" / "stats_reference.json"
    return json.loads(file.read_text(encoding="utf-8"))["cases"]


def named(cases, start):
    found = [case for case in cases if case["id"].startswith(start)]
    assert found
    for case in found:
        yield case["inputs"], case["expected"], {"rel": case["rtol"], "abs": case["atol"]}


def tango(given, pairs):
    return score_limits(given["n01"], given["n10"], pairs, quantile=two_sided(given["conf"]))


def test_mcnemar(cases):
    """R contingencytables: exact, mid-p and exact one-sided."""
    for given, expected, near in named(cases, "mcnemar_"):
        found = mcnemar(given["n01"], given["n10"])
        if "p_exact_greater" in expected:
            assert found.worse == pytest.approx(expected["p_exact_greater"], **near)
        else:
            assert found.exact == pytest.approx(expected["p_exact"], **near)
            assert found.mid_p == pytest.approx(expected["p_midp"], **near)


def test_tango_intervals(cases):
    """R contingencytables, tables without discordance among them; signs turned to B − A."""
    for given, expected, near in named(cases, "paired_diff_ci_"):
        pairs = sum(given[cell] for cell in ("n11", "n10", "n01", "n00"))
        low, high = tango(given, pairs)
        assert (-high, -low) == pytest.approx(expected["tango"], **near)
    for given, expected, near in named(cases, "tango_propcis"):
        low, high = tango(given, given["n"])
        assert (-high, -low) == pytest.approx(expected["tango"], **near)


def test_virtual_counts_and_their_interval(cases):
    """Conditional Tango: R's score function at the virtual counts; ours is never narrower."""
    for given, expected, near in named(cases, "cond_tango_"):
        psi = given["mean_within_var"]
        pairs = given["n_items"] * given["k"]
        found = virtual_counts(
            given["mean_diff"], discordance=psi, variance=psi / pairs, freedom=math.inf
        )
        assert sorted([found.gains, found.losses]) == pytest.approx(
            sorted([expected["n10"], expected["n01"]]), **near
        )
        quantile = two_sided(given["conf"])
        score = score_limits(found.gains, found.losses, found.pairs, quantile=quantile)
        assert score == pytest.approx(expected["ci"], **near)
        low, high = found.interval(given["conf"])
        assert low <= score[0] < score[1] <= high


def test_noninferiority(cases):
    """The score test at the margin."""
    for given, expected, near in named(cases, "tango_noninferiority"):
        counts = given["n_gain"], given["n_loss"], given["n"]
        assert score_z(*counts, -given["margin"]) == pytest.approx(expected["z"], **near)
        p = above(score_z(*counts, -given["margin"]))
        assert p == pytest.approx(expected["p_noninferiority"], **near)


def test_wilson(cases):
    """R prop.test without continuity correction."""
    for given, expected, near in named(cases, "prop_ci_"):
        found = wilson(given["successes"] / given["n"], given["n"], level=0.95)
        assert found == pytest.approx(expected["wilson"], **near)


def test_adjusted_p_values(cases):
    """R p.adjust."""
    for given, expected, near in named(cases, "multiplicity_"):
        assert holm(given["p"]) == pytest.approx(expected["holm"], **near)
        assert benjamini_hochberg(given["p"]) == pytest.approx(expected["BH"], **near)


def test_clustered_standard_error(cases):
    """R sandwich, CR1: the half-width over the t quantile of the clusters."""
    from scipy.stats import t

    for given, expected, near in named(cases, "cluster_se_"):
        clusters = np.asarray(given["cluster"]) - 1
        low, high = clustered_interval(np.asarray(given["y"], float), clusters, level=0.95)
        half = (high - low) / 2 / t.ppf(0.975, clusters.max())
        assert half == pytest.approx(expected["CR1"], **near)


def test_variance_parts_of_one_arm(cases):
    """R anova: what sampling adds to the mean, and what the questions add."""
    for given, expected, near in named(cases, "variance_components"):
        scores = np.asarray(given["scores"])
        n, k = scores.shape
        right, draws = scores.sum(axis=1), np.full(n, k)
        # Against an arm that is never right, the difference is the one arm's accuracy.
        parts = variance_parts(np.zeros(n, int), right, draws, draws)
        assert parts.sampling_se == pytest.approx(expected["se_mean_fixed_items"], **near)
        whole = math.hypot(parts.sampling_se, parts.questions_se)
        assert whole == pytest.approx(expected["se_mean_superpop"], **near)


def test_unequal_repeats(cases):
    """A baseline drawn 64 times and a candidate drawn 4 times; exact rational arithmetic."""
    for given, expected, near in named(cases, "cond_se_unequal_k"):
        arrays = [np.asarray(given[name]) for name in ("correct_a", "correct_b", "k_a", "k_b")]
        counts, parts = paired_counts(*arrays), variance_parts(*arrays)
        assert counts.difference == pytest.approx(expected["diff"], **near)
        assert parts.sampling_se == pytest.approx(expected["se"], **near)
        se = (counts.discordance / counts.pairs) ** 0.5
        assert se == pytest.approx(expected["se"], **near)


def test_sizes(cases):
    """Miller's questions and Nam's pairs."""
    for given, expected, near in named(cases, "miller_n_"):
        repeats = [math.inf if given[name] == -1 else given[name] for name in ("KA", "KB")]
        found = new_questions_needed(
            loss=given["delta"],
            omega2=given["omega2"],
            sigma2_a=given["sigma2A"],
            sigma2_b=given["sigma2B"],
            repeats_a=repeats[0],
            repeats_b=repeats[1],
            alpha=given["alpha"],
            power=given["power"],
        )
        assert found == pytest.approx(expected["n"], **near)
    for given, expected, near in named(cases, "nam_pairs_"):
        found = pairs_needed(
            given["psi"], given["margin"], alpha=given["alpha"], power=given["power"]
        )
        assert found == pytest.approx(expected["n_pairs"], **near)


def test_sequential_boundaries(cases):
    """R rpact: Kim-DeMets with non-binding futility, and O'Brien-Fleming-type spending."""
    for given, expected, near in named(cases, "gs_kd2"):
        found = boundaries(
            tuple(given["info"]), alpha=given["alpha"], beta=given["beta"], rho=given["rho"]
        )
        assert found.critical == pytest.approx(expected["critical"], **near)
        assert found.futility == pytest.approx(expected["futility"], **near)
        assert found.inflation == pytest.approx(expected["inflation"], **near)
    for given, expected, near in named(cases, "gs_asof_"):
        half = norm.ppf(1 - given["alpha"] / 2)
        found = critical_values(given["info"], lambda t, half=half: 2 * norm.sf(half / t**0.5))
        assert found == pytest.approx(expected["critical"], **near)


def test_betting(cases):
    """The capital's path, exact, and the growth-optimal fraction."""
    for given, expected, near in named(cases, "eprocess_path"):
        d = given["d"]
        path = [
            math.exp(
                log_e(
                    d[:t].count(1),
                    d[:t].count(-1),
                    t,
                    fraction=given["lam"],
                    against=-given["margin"],
                )
            )
            for t in range(1, len(d) + 1)
        ]
        assert path == pytest.approx(expected["K"], **near)
    for given, expected, near in named(cases, "gro_lambda"):
        found = growth_optimal(given["psi"], given["margin"])
        assert found == pytest.approx(expected["lam"], **near)


def test_excess_flips(cases):
    """Lost, gained, each arm's own, and what is left over; exact rational arithmetic."""
    for given, expected, near in named(cases, "excess_flips"):
        k = np.full(len(given["correct_a"]), given["k"])
        found = flip_rates(np.asarray(given["correct_a"]), np.asarray(given["correct_b"]), k, k)
        shown = {
            "lost_rate": found.lost,
            "gained_rate": found.gained,
            "within_a": found.within_a,
            "within_b": found.within_b,
            "excess": found.excess,
        }
        for name, values in shown.items():
            assert float(np.mean(values)) == pytest.approx(expected[name], **near)


def test_heterogeneity(cases):
    """R metafor: Q, I², DerSimonian-Laird, and the Hartung-Knapp standard error."""
    for given, expected, near in named(cases, "meta_"):
        found = heterogeneity(given["effect"], given["variance"])
        assert found.q == pytest.approx(expected["Q"], **near)
        assert found.p_value == pytest.approx(expected["Q_p"], **near)
        assert 100 * found.i2 == pytest.approx(expected["I2"], **near)
        assert found.tau2 == pytest.approx(expected["DL"]["tau2"], **near)
        assert found.pooled == pytest.approx(expected["DL"]["beta"], **near)
        assert found.pooled_se == pytest.approx(expected["DL_hksj"]["se"], **near)

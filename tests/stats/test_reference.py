"""Values of R packages and closed forms, each named by its case; skipped where they are absent.

Every case of the file is either used here or named in `NOT_OURS` with the reason; a test counts.
"""

import json
import math

import numpy as np
import pytest
from scipy.stats import norm

from evalsuite.stats.anytime import growth_optimal, log_e
from evalsuite.stats.drift import SMOOTHING, ewma
from evalsuite.stats.flips import flip_rates
from evalsuite.stats.mcnemar import mcnemar_p
from evalsuite.stats.multiple import benjamini_hochberg, holm
from evalsuite.stats.paired import paired_counts, variance_parts, virtual_counts
from evalsuite.stats.planning import detectable, pairs_needed
from evalsuite.stats.pooling import heterogeneity
from evalsuite.stats.quantiles import above, two_sided
from evalsuite.stats.questions import clustered_interval, log_ratio_interval
from evalsuite.stats.sequential import (
    critical_values,
    futility_values,
    inflation,
    kim_demets,
    stagewise_p,
)
from evalsuite.stats.single import wilson
from evalsuite.stats.tango import score_limits, score_z

pytestmark = pytest.mark.shared

# Cases (by the start of their names) of methods that the package does not have, and why not.
NOT_OURS = {
    "bca_": "no bootstrap: on 30 questions BCa covers 65 to 85 % where it says 95",
    "power_t_": "sizes come from the discordance of pairs (Nam), not from a t-test's deviation",
    "miller_n_": "sizes are for the benchmark as it is, whose questions are no sample",
    "mcnemar_onesided_": "McNemar's test is shown two-sided; a loss is judged by the margin",
    "normal_mixture_": "open-ended runs bet; the asymptotic sequence takes 1.6 times as long",
    "bernoulli_cs_": "one arm's accuracy is never watched open-endedly, only the paired difference",
    "predmix_": "as above; and bets with a fixed fraction are shorter on pairs",
    "cusum_": "drift is watched by EWMA, whose limits are simulated with the baseline's error",
    "ewma_arl": "the limits bound false alarms per month, not run lengths at asymptotic limits",
    "pass_at_k": "accuracy is pass@1, the mean of the draws; pass@k is not reported",
    "kl_": "needs the engines' probabilities of every token, which nothing here asks for",
}
USED: set[str] = set()


@pytest.fixture
def cases(shared):
    file = shared / "data" / "stats_reference.json"
    return json.loads(file.read_text(encoding="utf-8"))["cases"]


def named(cases, start):
    found = [case for case in cases if case["id"].startswith(start)]
    assert found
    for case in found:
        USED.add(case["id"])
        yield case["inputs"], case["expected"], {"rel": case["rtol"], "abs": case["atol"]}


def tango(given, pairs):
    return score_limits(given["n01"], given["n10"], pairs, quantile=two_sided(given["conf"]))


def test_mcnemar(cases):
    """R contingencytables: the exact test."""
    for start in ("mcnemar_bentur", "mcnemar_llm", "mcnemar_one_sided"):
        for given, expected, near in named(cases, start):
            found = mcnemar_p(given["n01"], given["n10"])
            assert found == pytest.approx(expected["p_exact"], **near)


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
    """Nam's pairs."""
    for given, expected, near in named(cases, "nam_pairs_"):
        found = pairs_needed(
            given["psi"], given["margin"], alpha=given["alpha"], power=given["power"]
        )
        assert found == pytest.approx(expected["n_pairs"], **near)


def test_planned_sizes_detect_what_they_are_planned_for(cases):
    """The normal formula in R, turned round: at its pairs the detectable loss is the margin."""
    for given, expected, near in named(cases, "ni_pairs_"):
        found = detectable(
            given["psi"], expected["n_pairs"], alpha=given["alpha"], power=given["power"]
        )
        assert found == pytest.approx(given["margin"], **near)


def test_t_intervals_of_question_means(cases):
    """R t.test: the interval of length ratios, on logarithms, at both levels."""
    for given, expected, near in named(cases, "tost_t_"):
        for level, name in ((0.90, "ci90"), (0.95, "ci95")):
            value, *ends = np.log(log_ratio_interval(np.exp(given["d"]), level=level))
            assert value == pytest.approx(expected["mean"], **near)
            assert ends == pytest.approx(expected[name], **near)
        # Two one-sided tests: the limits of the 90 % interval lie within the margin just then.
        assert (expected["p_tost"] < 0.05) == (max(map(abs, expected["ci90"])) < given["margin"])


def test_tensorrt_llms_threshold(cases, simulation):
    """Its own README: the smallest effect it finds, and where it fails, in points."""
    rules = simulation("other_rules")
    for given, expected, near in named(cases, "trtllm_theta_"):
        questions = given["num_samples"]
        assert rules.tensorrt_llm_theta(questions) == pytest.approx(expected["theta"], **near)
        below = rules.tensorrt_llm_threshold(0.0, questions)
        assert below == pytest.approx(expected["threshold_minus_reference"], **near)


def test_sequential_boundaries(cases):
    """R rpact: Kim-DeMets with non-binding futility, and O'Brien-Fleming-type spending."""
    for given, expected, near in named(cases, "gs_kd2"):
        shares, rho = given["info"], given["rho"]
        alpha, beta = given["alpha"], given["beta"]
        spent = [[kim_demets(rate, one, rho) for one in shares] for rate in (alpha, beta)]
        critical = critical_values(shares, spent[0])
        assert spent[0] == pytest.approx(expected["alpha_spent"], **near)
        assert critical == pytest.approx(expected["critical"], **near)
        more = inflation(tuple(shares), alpha=alpha, beta=beta, rho=rho)
        assert more == pytest.approx(expected["inflation"], **near)
        drift = (norm.isf(alpha) + norm.isf(beta)) * more**0.5
        found = futility_values(shares, critical, spent[1], drift)
        assert found[:-1] == pytest.approx(expected["futility"], **near)
    for given, expected, near in named(cases, "gs_asof_"):
        half = norm.ppf(1 - given["alpha"] / 2)
        spent = [2 * norm.sf(half / share**0.5) for share in given["info"]]
        found = critical_values(given["info"], spent)
        assert found == pytest.approx(expected["critical"], **near)
    for given, expected, near in named(cases, "gs_pocock_"):
        # Pocock's equal boundaries spend α exactly by the last of the looks.
        looks = [(look + 1) / given["kMax"] for look in range(given["kMax"])]
        value = expected["critical"][0]
        p = stagewise_p(value, given["kMax"] - 1, looks, expected["critical"])
        assert norm.isf(p) == pytest.approx(norm.isf(given["alpha"]), rel=near["rel"])


def test_betting(cases):
    """The capital's path, exact and by confseq's program, and the growth-optimal fraction."""

    def path(d, fraction, margin):
        return [
            math.exp(log_e(d[:t].count(1), d[:t].count(-1), t, fraction=fraction, against=-margin))
            for t in range(1, len(d) + 1)
        ]

    for given, expected, near in named(cases, "eprocess_path"):
        found = path(given["d"], given["lam"], given["margin"])
        assert found == pytest.approx(expected["K"], **near)
    for given, expected, near in named(cases, "betting_mart_iid"):
        # confseq bets on x = (d + 1)/2, whose differences are half as large.
        found = path(given["d"], given["lam_on_x"] / 2, given["margin"])
        assert found == pytest.approx(expected["K"], **near)
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


def test_drift(cases):
    """The EWMA's path and its exact standard deviations (NIST e-Handbook 6.3.2.4)."""
    for given, expected, near in named(cases, "ewma_path"):
        assert given["lam"] == SMOOTHING
        path, deviations = ewma(given["z"])
        assert path == pytest.approx(expected["ewma"], **near)
        assert deviations == pytest.approx(expected["sd"], **near)


def test_heterogeneity(cases):
    """R metafor: Q, I² and DerSimonian-Laird."""
    for given, expected, near in named(cases, "meta_"):
        found = heterogeneity(given["effect"], given["variance"])
        assert found.q == pytest.approx(expected["Q"], **near)
        assert found.p_value == pytest.approx(expected["Q_p"], **near)
        assert 100 * found.i2 == pytest.approx(expected["I2"], **near)
        assert found.tau2 == pytest.approx(expected["DL"]["tau2"], **near)
        assert found.pooled == pytest.approx(expected["DL"]["beta"], **near)


def test_no_case_is_left_out(request, cases):
    """Those not used above are named with a reason; both lists together are the whole file."""
    ran = {item.name for item in request.session.items if item.path == request.path}
    if len(ran) < sum(name.startswith("test_") for name in globals()):
        pytest.skip("only some of the cases were asked for")
    left = {case["id"] for case in cases} - USED
    reasons = {name: [start for start in NOT_OURS if name.startswith(start)] for name in left}
    assert all(len(found) == 1 for found in reasons.values()), reasons
    assert {found[0] for found in reasons.values()} == NOT_OURS.keys()
    assert (len(USED), len(left)) == (44, 19)

"""Makes scipy.jsonl: what SciPy and statsmodels say of the samples and proportions in r.jsonl.

Miettinen and Nurminen's limits are computed by their definition with 50 digits: statsmodels 0.15 does not reproduce the
published ones (Newcombe 1998, table II), and a closed form loses its digits where an arm is much larger than the other.
"""

import json
import math
import warnings

import mpmath
import scipy
import statsmodels
from mpmath import mpf
from scipy import special, stats
from statsmodels.stats.proportion import confint_proportions_2indep

warnings.simplefilter("ignore")
mpmath.mp.dps = 50
SIDES = ("two-sided", "less", "greater")


def samples(row):
    x, y = row["treatment"], row["control"]
    out = {"kind": "samples", "treatment": x, "control": y}
    untied = len(set(x + y)) == len(x) + len(y)
    if untied and math.comb(len(x) + len(y), len(x)) < 1e17:
        out["exact"] = [float(stats.mannwhitneyu(x, y, alternative=side, method="exact").pvalue) for side in SIDES]
    if len(set(x + y)) > 1:
        out["normal"] = [float(stats.mannwhitneyu(x, y, alternative=side, method="asymptotic").pvalue) for side in SIDES]
    if untied and len(x) * len(y) < 10_000:
        # There the alternative names the distribution function and not the values.
        turned = ("two-sided", "greater", "less")
        out["ks"] = [float(stats.ks_2samp(x, y, alternative=side, method="exact").pvalue) for side in turned]
    if len(x) * len(y) >= 10_000:
        distance = float(stats.ks_2samp(x, y).statistic)
        out["ks_limit"] = float(special.kolmogorov(math.sqrt(len(x) * len(y) / (len(x) + len(y))) * distance))
    if min(len(x), len(y)) > 1:
        munzel = [stats.brunnermunzel(y, x, alternative=side) for side in ("two-sided", "greater", "less")]
        if math.isfinite(munzel[0].statistic) and all(math.isfinite(test.pvalue) for test in munzel):
            out["brunner_munzel"] = [float(munzel[0].statistic), *(float(test.pvalue) for test in munzel)]
    return out


def proportions(row):
    a, m, b, n = (int(count) for count in row["counts"])
    out = {"kind": "proportions", "counts": [a, m, b, n]}
    limits = []
    for level in (0.9, 0.95, 0.99):
        limits += [float(x) for x in confint_proportions_2indep(a, m, b, n, compare="diff", method="newcomb", alpha=1 - level)]
    out["newcombe"] = limits
    out["score"] = [
        float(score_limit((a, m, b, n), level, end)) for level in ("0.9", "0.95", "0.99") for end in (mpf(-1), mpf(1))
    ]
    return out


def halved(holds, holds_not, statement):
    """The last number for which a statement does not hold that holds at one end."""
    for _ in range(180):
        middle = (holds + holds_not) / 2
        if statement(middle):
            holds = middle
        else:
            holds_not = middle
    return holds_not


def score_error(counts, shift):
    """The standard error of the difference if it is `shift`, with the most likely proportions under it."""
    a, m, b, n = counts

    def rises(p):
        return sum(count / q for count, q in ((a, p + shift), (b, p)) if count) > sum(
            count / q for count, q in ((m - a, 1 - p - shift), (n - b, 1 - p)) if count
        )

    least, most = max(mpf(0), -shift), min(mpf(1), 1 - shift)
    p2 = halved(least, most, rises) if least < most else least
    p1 = p2 + shift
    return mpmath.sqrt((p1 * (1 - p1) / m + p2 * (1 - p2) / n) * mpf(m + n) / (m + n - 1))


def score_limit(counts, level, end):
    a, m, b, n = counts
    difference = mpf(a) / m - mpf(b) / n
    z = mpmath.sqrt(2) * mpmath.erfinv(mpf(level))

    def is_refused(shift):
        return abs(difference - shift) > z * score_error(counts, shift)

    return halved(end, difference, is_refused) if is_refused(end) else end


def main():
    print(json.dumps({"kind": "versions", "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "mpmath": mpmath.__version__}))
    for line in open("r.jsonl", encoding="utf-8"):
        row = json.loads(line)
        if row["kind"] in ("samples", "proportions"):
            print(json.dumps(globals()[row["kind"]](row)))


main()

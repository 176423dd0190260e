#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport agreement`: coefficients recomputed in plain Python from their definitions, and what it refuses."""
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import INCOMPLETE, MAYBE, NUMBER, WRONG_CALL, WRONG_DATA, ProgramTest, main, number, run  # noqa: E402

# Sums of a few hundred products; F quantiles by bisection are good to about 1e-12.
CLOSED_FORM = 1e-11
INVERSE = 1e-9
FORMS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")
ICC_SHAPE = {"icc": {form: {"estimate": NUMBER, "F": NUMBER, "df1": NUMBER, "df2": NUMBER, "p": NUMBER, "ci": list}
                     for form in FORMS},
             "variance": {"target": NUMBER, "rater": NUMBER, "residual": NUMBER}, "warnings": [str]}
KAPPA = {"estimate": NUMBER, "se": MAYBE, "ci": list, "observed": NUMBER, "expected": NUMBER, "p": MAYBE}


def mean_squares(rows):
    """Of targets, raters, residual, and within targets."""
    n, k = len(rows), len(rows[0])
    mean = math.fsum(map(math.fsum, rows)) / (n * k)
    target = [naive.mean(row) - mean for row in rows]
    rater = [naive.mean(column) - mean for column in naive.transpose(rows)]
    rest = math.fsum((rows[i][j] - mean - target[i] - rater[j]) ** 2 for i in range(n) for j in range(k))
    ss_target = k * math.fsum(t * t for t in target)
    ss_rater = n * math.fsum(r * r for r in rater)
    return (ss_target / (n - 1), ss_rater / (k - 1), rest / ((n - 1) * (k - 1)), (ss_rater + rest) / (n * (k - 1)))


class Agreement(ProgramTest):
    def ratings(self, n, k, seed=1, missing=0.0, levels=6):
        source = random.Random(seed)
        rows = []
        for _ in range(n):
            truth = source.gauss(levels / 2, levels / 4)
            row = [min(levels, max(1, round(truth + 0.2 * j + source.gauss(0, 1)))) for j in range(k)]
            rows.append([None if source.random() < missing else x for x in row])
        return rows

    def path(self, rows):
        return self.table(rows, [f"r{j + 1}" for j in range(len(rows[0]))])

    def agreement(self, rows, *options):
        return self.json("agreement", "--in", self.path(rows), "--raters", "r*", *options)

    def test_icc(self):
        rows = self.ratings(20, 4)
        found = self.agreement(rows)
        self.has_shape(found, ICC_SHAPE)
        n, k = 20, 4
        t, r, e, w = mean_squares(rows)
        wanted = {"ICC1": (t - w) / (t + (k - 1) * w), "ICC2": (t - e) / (t + (k - 1) * e + k * (r - e) / n),
                  "ICC3": (t - e) / (t + (k - 1) * e), "ICC1k": (t - w) / t, "ICC2k": (t - e) / (t + (r - e) / n),
                  "ICC3k": (t - e) / t}
        for form, value in wanted.items():
            self.close(found["icc"][form]["estimate"], value, CLOSED_FORM, form)
        for form, noise, df2 in (("ICC1", w, n * (k - 1)), ("ICC3", e, (n - 1) * (k - 1))):
            one = found["icc"][form]
            self.close(one["F"], t / noise, CLOSED_FORM, form)
            self.assertEqual((one["df1"], one["df2"]), (n - 1, df2))
            self.close(one["p"], 1 - naive.f_probability(t / noise, n - 1, df2), 1e-6, form, floor=1e-9)
            low = t / noise / naive.f_quantile(0.975, n - 1, df2)
            high = t / noise * naive.f_quantile(0.975, df2, n - 1)
            self.all_close(one["ci"], [(f - 1) / (f + k - 1) for f in (low, high)], INVERSE, form)
            self.all_close(found["icc"][form + "k"]["ci"], [1 - 1 / f for f in (low, high)], INVERSE, form + "k")
        self.close(found["variance"]["target"], (t - e) / k, CLOSED_FORM)
        self.close(found["variance"]["rater"], (r - e) / n, CLOSED_FORM, floor=1e-3)
        self.close(found["variance"]["residual"], e, CLOSED_FORM)
        self.assertEqual(found["n_incomplete"], 0)

    def test_icc_leaves_out_incomplete_targets(self):
        rows = self.ratings(30, 3, missing=0.1)
        complete = [row for row in rows if None not in row]
        found = self.agreement(rows)
        self.assertEqual((found["n"], found["n_incomplete"]), (len(complete), 30 - len(complete)))
        self.close(found["icc"]["ICC2"]["estimate"], self.agreement(complete)["icc"]["ICC2"]["estimate"], CLOSED_FORM)
        self.assertIn("left out", found["icc"]["ICC2"]["notes"][-1])

    def test_kappa(self):
        rows = self.ratings(50, 2, levels=4)
        n = len(rows)
        for weights in ("none", "linear", "quadratic"):
            def alike(a, b, kind=weights):
                share = abs(a - b) / 3
                return float(a == b) if kind == "none" else 1 - (share if kind == "linear" else share * share)
            self.assertEqual({x for row in rows for x in row}, {1, 2, 3, 4})
            observed = math.fsum(alike(*row) for row in rows) / n
            expected = math.fsum(alike(a[0], b[1]) for a in rows for b in rows) / n ** 2
            one = self.agreement(rows, "--kind", "kappa", "--weights", weights)["kappa"]
            self.has_shape(one, KAPPA)
            self.close(one["observed"], observed, CLOSED_FORM)
            self.close(one["estimate"], (observed - expected) / (1 - expected), CLOSED_FORM, weights)
            half = naive.normal_quantile(0.975) * one["se"]
            self.all_close(one["ci"], [one["estimate"] - half, min(1, one["estimate"] + half)], INVERSE, weights)

    def test_many_raters(self):
        rows = self.ratings(30, 4, levels=3)
        n, m = 30, 4
        pairs = [(a, b) for row in rows for i, a in enumerate(row) for j, b in enumerate(row) if i != j]
        observed = sum(a == b for a, b in pairs) / len(pairs)
        share = {c: sum(row.count(c) for row in rows) / (n * m) for c in (1, 2, 3)}
        found = self.agreement(rows, "--kind", "fleiss")
        for name, expected in (("fleiss", sum(p * p for p in share.values())), ("brennan_prediger", 1 / 3),
                               ("gwet_ac1", sum(p * (1 - p) for p in share.values()) / 2)):
            self.has_shape(found[name], KAPPA)
            self.close(found[name]["estimate"], (observed - expected) / (1 - expected), CLOSED_FORM, name)
        self.assertIn("gwet_ac2", self.agreement(rows, "--kind", "fleiss", "--weights", "linear"))
        more = self.agreement(rows, "--kind", "fleiss", "--categories", "1,2,3,4,5")
        self.close(more["brennan_prediger"]["expected"], 0.2, CLOSED_FORM)

    def test_krippendorff(self):
        rows = self.ratings(25, 3, missing=0.2, levels=5)
        units = [[x for x in row if x is not None] for row in rows]
        units = [unit for unit in units if len(unit) > 1]
        values = [x for unit in units for x in unit]
        for metric, distance in (("nominal", lambda a, b: float(a != b)), ("interval", lambda a, b: (a - b) ** 2),
                                 ("ratio", lambda a, b: ((a - b) / (a + b)) ** 2)):
            observed = math.fsum(distance(a, b) / (len(unit) - 1) for unit in units for a in unit for b in unit)
            expected = math.fsum(distance(a, b) for a in values for b in values) / (len(values) - 1)
            one = self.agreement(rows, "--kind", "krippendorff", "--metric", metric)["krippendorff"]
            self.close(one["estimate"], 1 - observed / expected, CLOSED_FORM, metric)
            self.assertEqual(one["n_values"], len(values))
            self.assertTrue(one["ci"][0] < one["estimate"] < one["ci"][1])

    def test_kendall_and_limits(self):
        rows = self.ratings(12, 2)
        kendall = self.agreement(rows, "--kind", "kendall")["kendall"]
        self.assertTrue(0 <= kendall["uncorrected"] <= kendall["estimate"] <= 1)
        self.close(kendall["chi_square"], 2 * 11 * kendall["estimate"], CLOSED_FORM)
        limits = self.agreement(rows, "--kind", "bland-altman")["bland_altman"]
        differences = [b - a for a, b in rows]
        bias, spread = naive.mean(differences), naive.sd(differences)
        self.close(limits["bias"]["estimate"], bias, CLOSED_FORM, floor=0.1)
        self.close(limits["sd"], spread, CLOSED_FORM)
        z = naive.normal_quantile(0.975)
        self.close(limits["upper"]["estimate"], bias + z * spread, INVERSE)
        self.close(limits["lower"]["se"], spread * math.sqrt(1 / 12 + z * z / 22), INVERSE)

    def test_csv_and_text(self):
        path = self.path(self.ratings(20, 3))
        found = self.json("agreement", "--in", path, "--raters", "r*")
        table = self.succeed("agreement", "--in", path, "--raters", "r*", "--format", "csv").csv()
        self.assertEqual([row["coefficient"] for row in table], [f"icc.{form}" for form in FORMS])
        for row, form in zip(table, FORMS):
            self.assertEqual(number(row["estimate"]), found["icc"][form]["estimate"])
            self.assertEqual(number(row["upper"]), found["icc"][form]["ci"][1])
        text = self.succeed("agreement", "--in", path, "--raters", "r*").out
        self.assertIn(f"{found['icc']['ICC2']['estimate']:.3f}", text)
        self.assertIn("ICC(A,1)", text)

    def test_refusals(self):
        rows = self.ratings(10, 3)
        path = self.path(rows)
        self.refuse(WRONG_CALL, "agreement", "--in", path, "--raters", "r1", says="needs two")
        self.refuse(WRONG_CALL, "agreement", "--in", path, "--raters", "r*", "--kind", "kappa", says="two raters")
        self.refuse(WRONG_CALL, "agreement", "--in", path, "--raters", "r*", "--level", "95", says="--level")
        self.refuse(WRONG_CALL, "agreement", "--in", path, "--raters", "r1,r9", says="r9")
        self.refuse(WRONG_DATA, "agreement", "--in", self.file("r1,r2\n1,x\n"), "--raters", "r*", says="'x'")
        result = self.give_up("agreement", "--in", self.path([[2, 2, 2]] * 5), "--raters", "r*", says="does not vary")
        self.assertIsNone(result["icc"]["ICC1"])
        result = self.give_up("agreement", "--in", self.path([[2, 2, 2]] * 5), "--raters", "r*", "--kind", "fleiss",
                              says="one category")
        self.assertIsNone(result["fleiss"])
        lone = run("agreement", "--in", self.path([[1, 2]]), "--raters", "r*", "--format", "json")
        self.assertEqual(lone.status, INCOMPLETE)


if __name__ == "__main__":
    main()

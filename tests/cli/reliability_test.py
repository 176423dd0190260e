#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport reliability`: alpha, Feldt's interval and the item table recomputed in plain Python."""
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import MAYBE, NONE, NUMBER, ProgramTest, main, number  # noqa: E402

SHAPE = {
    "scales": [{"name": str, "n": int, "n_complete": int, "k": int, "mean_r": NUMBER, "sem": NUMBER,
                "alpha": {"estimate": NUMBER, "ci": {"feldt": list}, "method": str, "notes": [str]},
                "alpha_standardized": NUMBER,
                "lambda1": NUMBER, "lambda2": NUMBER, "lambda3": NUMBER, "lambda4": NUMBER, "lambda5": NUMBER,
                "lambda6": MAYBE, "split_half": {"min": NUMBER, "mean": NUMBER, "max": NUMBER, "spearman_brown": MAYBE},
                "omega_total": ({"estimate": NUMBER, "se": NUMBER, "ci": [NUMBER]}, NONE),
                "omega_hierarchical": MAYBE, "omega_schmid_leiman_total": MAYBE,
                "items": [{"name": str, "n": int, "mean": NUMBER, "sd": NUMBER, "raw_r": NUMBER, "r_drop": NUMBER,
                           "r_cor": MAYBE,
                           "std_r": NUMBER, "alpha_if_dropped": MAYBE, "loading": (float, NONE)}]}],
    "warnings": [str],
}
# Whole answers give exact cross-products; a handful of divisions and square roots follow.
CLOSED_FORM = 1e-12
# r_cor needs the inverse of the correlation matrix, whose condition number here is below 100; F quantiles by bisection
# of a continued fraction are good to about 1e-12.
INVERSE = 1e-11


def naive_scale(columns, listwise=False, level=0.95):
    """What the program should say of a scale whose items (None: missing) have been reversed already."""
    k = len(columns)
    n_rows = len(columns[0])
    complete = [i for i in range(n_rows) if all(column[i] is not None for column in columns)]
    available = [[column[i] for column in columns if column[i] is not None] for i in range(n_rows)]
    row_mean = [naive.mean(answers) if answers else None for answers in available]
    if listwise:
        columns = [[column[i] for i in complete] for column in columns]
        row_mean = [row_mean[i] for i in complete]
    n = len(columns[0])
    c = [[naive.covariance(a, b) for b in columns] for a in columns]
    total = math.fsum(map(math.fsum, c))
    trace = math.fsum(c[i][i] for i in range(k))

    def alpha_of(matrix, items):
        part = math.fsum(matrix[i][j] for i in items for j in items)
        own = math.fsum(matrix[i][i] for i in items)
        return len(items) / (len(items) - 1) * (1 - own / part)

    everything = list(range(k))
    alpha = alpha_of(c, everything)
    r = [[c[i][j] / math.sqrt(c[i][i] * c[j][j]) for j in range(k)] for i in range(k)]
    tail = (1 - level) / 2
    df1, df2 = n - 1, (n - 1) * (k - 1)
    square = naive.multiply(c, c)
    q = 2 * k * k / ((k - 1) ** 2 * total ** 3) * (total * (math.fsum(square[i][i] for i in range(k)) + trace ** 2)
                                                   - 2 * trace * math.fsum(map(math.fsum, square)))
    inverse = naive.inverse(r)
    corrected = [[1 - 1 / inverse[i][i] if i == j else r[i][j] for j in range(k)] for i in range(k)]
    common = math.fsum(map(math.fsum, corrected))
    items = []
    for j in range(k):
        answers = [x for x in columns[j] if x is not None]
        rest = [i for i in everything if i != j]
        with_rest = math.fsum(c[j][i] for i in rest)
        rest_variance = math.fsum(c[a][b] for a in rest for b in rest)
        items.append({
            "n": len(answers), "mean": naive.mean(answers), "sd": naive.sd(answers),
            "raw_r": naive.correlation(columns[j], row_mean),
            "r_drop": with_rest / math.sqrt(c[j][j] * rest_variance),
            "r_cor": math.fsum(corrected[j]) / math.sqrt(common) if common > 0 else None,
            "std_r": math.fsum(r[j]) / math.sqrt(math.fsum(map(math.fsum, r))),
            "alpha_if_dropped": alpha_of(c, rest) if k > 2 else None})
    return {"n": n_rows if not listwise else n, "n_rows": n_rows, "n_complete": len(complete), "k": k, "alpha": alpha,
            "se": math.sqrt(q / n),
            "feldt": [1 - (1 - alpha) * naive.f_quantile(1 - tail, df1, df2),
                      1 - (1 - alpha) * naive.f_quantile(tail, df1, df2)],
            "alpha_standardized": alpha_of(r, everything), "mean_r": (math.fsum(map(math.fsum, r)) - k) / (k * (k - 1)),
            "sem": math.sqrt(total * (1 - alpha)), "items": items}


class Reliability(ProgramTest):

    def answers(self, n, k, low, high, missing=0.0, seed=1, step=1.0):
        """Columns of answers that share a factor."""
        random_numbers = random.Random(seed)
        columns = [[] for _ in range(k)]
        for _ in range(n):
            person = random_numbers.gauss(0, 1)
            for j, column in enumerate(columns):
                raw = (low + high) / 2 + (high - low) / 5 * (person * (0.6 + 0.05 * j) + random_numbers.gauss(0, 1))
                answer = min(high, max(low, round(raw / step) * step))
                column.append(None if random_numbers.random() < missing else int(answer) if step == 1.0
                              else round(answer, 6))
        return columns

    def write(self, columns, names=None, **extra):
        names = names or [f"q{j + 1}" for j in range(len(columns))]
        rows = [list(row) for row in zip(*extra.values(), *columns)]
        return self.table(rows, [*extra, *names])

    def check(self, scale, wanted, n=None):
        self.assertEqual((scale["k"], scale["n_complete"]), (wanted["k"], wanted["n_complete"]))
        self.assertEqual(scale["n"], wanted["n_rows"] if n is None else n)
        self.close(scale["alpha"]["estimate"], wanted["alpha"], CLOSED_FORM, "alpha")
        self.close(scale["alpha"]["se"], wanted["se"], CLOSED_FORM * 10, "standard error of alpha")
        self.all_close(scale["alpha"]["ci"]["feldt"], wanted["feldt"], INVERSE, "Feldt's interval")
        for key in ("alpha_standardized", "mean_r", "sem"):
            self.close(scale[key], wanted[key], CLOSED_FORM, key)
        self.assertEqual(len(scale["items"]), len(wanted["items"]))
        for item, by_hand in zip(scale["items"], wanted["items"]):
            self.assertEqual(item["n"], by_hand["n"])
            for key in ("mean", "sd", "raw_r", "r_drop", "std_r", "alpha_if_dropped"):
                self.close(item[key], by_hand[key], CLOSED_FORM, f"{key} of {item['name']}")
            self.close(item["r_cor"], by_hand["r_cor"], INVERSE, f"r_cor of {item['name']}")

    def test_complete_answers(self):
        for n, k, low, high, step in ((50, 5, 1, 5, 1.0), (200, 12, 1, 7, 1.0), (10, 2, 0, 1, 1.0), (30, 4, 0, 10, 0.1),
                                      (400, 20, 0, 3, 1.0)):
            columns = self.answers(n, k, low, high, seed=k, step=step)
            found = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in", self.write(columns))
            with self.subTest(n=n, k=k):
                self.has_shape(found, SHAPE)
                self.assertEqual(len(found["scales"]), 1)
                self.assertEqual(found["warnings"], [])
                scale = found["scales"][0]
                self.assertEqual([item["name"] for item in scale["items"]], [f"q{j + 1}" for j in range(k)])
                self.assertEqual(list(scale["alpha"]["ci"]), ["feldt"], "intervals that were not asked for are absent")
                self.check(scale, naive_scale(columns))

    def test_large_means_cost_no_digits(self):
        columns = self.answers(60, 5, 1, 5, seed=9)
        near = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in", self.write(columns))
        far = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in",
                        self.write([[x + 10_000_000 for x in column] for column in columns]))
        for key in ("alpha_standardized", "mean_r", "sem"):
            self.close(far["scales"][0][key], near["scales"][0][key], 1e-14, key)

    def test_missing_answers(self):
        columns = self.answers(150, 8, 1, 7, missing=0.08, seed=3)
        for column in columns:
            column[17] = None  # a form without any answer
        path = self.write(columns)
        pairwise = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in", path)["scales"][0]
        self.check(pairwise, naive_scale(columns))
        self.assertTrue(pairwise["alpha"]["notes"], "missing answers are mentioned")
        self.assertEqual(pairwise,
                         self.json("reliability", "--ci", "feldt", "--items", "q*", "--missing", "pairwise", "--in", path)["scales"][0])
        listwise = self.json("reliability", "--ci", "feldt", "--items", "q*", "--missing", "listwise", "--in", path)["scales"][0]
        self.check(listwise, naive_scale(columns, listwise=True))
        self.assertIn("listwise", listwise["alpha"]["method"])

    def test_level(self):
        columns = self.answers(80, 6, 1, 5, seed=4)
        path = self.write(columns)
        widths = []
        for level in (0.5, 0.8, 0.95, 0.999):
            scale = self.json("reliability", "--ci", "feldt", "--items", "q*", "--level", level, "--in", path)["scales"][0]
            self.check(scale, naive_scale(columns, level=level))
            lower, upper = scale["alpha"]["ci"]["feldt"]
            self.assertTrue(lower < scale["alpha"]["estimate"] < upper <= 1)
            widths.append(upper - lower)
        self.assertEqual(widths, sorted(widths))

    def test_kinds_of_interval(self):
        kinds = ["feldt", "bonett", "duhachek", "jackknife", "adf", "fisher", "hakstian-whalen", "bootstrap"]
        path = self.write(self.answers(40, 4, 1, 5))
        call = ["reliability", "--items", "q*", "--in", path]
        alpha = self.json(*call, "--ci", "all")["scales"][0]["alpha"]
        self.assertEqual(list(alpha["ci"]), kinds)
        for lower, upper in alpha["ci"].values():
            self.assertTrue(lower < alpha["estimate"] < upper)
        two = self.json(*call, "--ci", "bonett,adf")["scales"][0]["alpha"]["ci"]
        self.assertEqual(two, {kind: alpha["ci"][kind] for kind in ("bonett", "adf")})
        self.refuse(1, *call, "--ci", "bonet", says="bonet")
        # The default alone: the jackknife, from 1000 persons on ADF.
        self.assertEqual(list(self.json(*call)["scales"][0]["alpha"]["ci"]), ["jackknife"])
        many = self.json("reliability", "--items", "q*", "--in", self.write(self.answers(1000, 4, 1, 5)))
        self.assertEqual(list(many["scales"][0]["alpha"]["ci"]), ["adf"])
        # The same seed, any number of threads: the same interval.
        seeded = [*call, "--ci", "bootstrap", "--bootstrap", 499, "--seed", 5]
        self.assertEqual(self.json(*seeded, "--threads", 1), self.json(*seeded, "--threads", 3))

    def test_other_coefficients(self):
        columns = self.answers(150, 6, 1, 5, seed=12)
        scale = self.json("reliability", "--items", "q*", "--ordinal", "--in", self.write(columns))["scales"][0]
        alpha = scale["alpha"]["estimate"]
        self.close(scale["lambda3"], alpha, CLOSED_FORM, "lambda 3 is alpha")
        self.assertGreaterEqual(scale["lambda2"], alpha)
        self.assertEqual(scale["lambda4"], scale["split_half"]["max"])
        self.assertEqual(scale["split_half"]["n_splits"], 10)
        self.close(scale["split_half"]["mean"], alpha, CLOSED_FORM, "the mean of all splits of an even number is alpha")
        lower, upper = scale["omega_total"]["ci"]
        self.assertTrue(lower < scale["omega_total"]["estimate"] < upper)
        self.assertLess(scale["omega_hierarchical"], scale["omega_schmid_leiman_total"])
        self.assertGreater(scale["alpha_ordinal"], alpha)
        self.assertTrue(0 < scale["omega_categorical"]["estimate"] < 1)
        self.assertNotIn("alpha_ordinal", self.json("reliability", "--items", "q*", "--in", self.write(columns))["scales"][0])
        two = self.json("reliability", "--items", "q1,q2", "--in", self.write(columns))["scales"][0]
        self.assertIsNone(two["omega_total"])
        self.assertIn("too few items", two["not_computed"]["omega_total"])

    def test_reversed_columns(self):
        columns = self.answers(90, 6, 1, 7, missing=0.02, seed=5)
        turned = [[None if x is None else 8 - x for x in column] if j in (1, 4) else column for j,
                  column in enumerate(columns)]
        found = self.json("reliability", "--ci", "feldt", "--items", "q*", "--reverse", "q2,q5", "--min", 1, "--max", 7, "--in",
                          self.write(turned))
        self.check(found["scales"][0], naive_scale(columns))
        unturned = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in", self.write(turned))
        self.check(unturned["scales"][0], naive_scale(turned))
        self.assertLess(unturned["scales"][0]["alpha"]["estimate"], found["scales"][0]["alpha"]["estimate"])

    def test_negative_alpha(self):
        columns = self.answers(90, 2, 1, 7, seed=5)
        turned = [columns[0], [8 - x for x in columns[1]]]
        scale = self.json("reliability", "--ci", "feldt", "--items", "q*", "--in", self.write(turned))["scales"][0]
        self.check(scale, naive_scale(turned))
        self.assertLess(scale["alpha"]["estimate"], 0)
        self.assertTrue(any("reversed" in note for note in scale["alpha"]["notes"]))

    def test_instruments(self):
        for key in self.json("instruments")["instruments"]:
            too_short = any(len(items) < 2 for items in key["subscales"].values())
            if key["usable"] == "none" or "ranges" in key or too_short:
                continue
            raw = self.answers(max(70, 8 * key["n_items"]), key["n_items"], key["min"], key["max"], missing=0.01, seed=6,
                               step=float(key["step"]))
            stored = [[None if x is None else round(key["min"] + key["max"] - x, 6) for x in column]
                      if j + 1 in key["reversed"] else column
                      for j, column in enumerate(raw)]
            found = self.json("reliability", "--ci", "feldt", "--items", "q*", "--instrument", key["id"], "--in", self.write(stored))
            with self.subTest(key["id"]):
                self.has_shape(found, SHAPE)
                scales = dict(key["subscales"])
                if key["total"]:
                    scales = {"total": key["total"]["items"], **scales}
                self.assertEqual([scale["name"] for scale in found["scales"]], list(scales))
                for scale, items in zip(found["scales"], scales.values()):
                    self.assertEqual([item["name"] for item in scale["items"]], [f"q{item}" for item in items])
                    self.check(scale, naive_scale([raw[item - 1] for item in items]))

    def test_groups(self):
        columns = self.answers(120, 5, 1, 5, missing=0.02, seed=8)
        groups = [("early", "late", "")[i % 3] for i in range(120)]
        found = self.json("reliability", "--ci", "feldt", "--items", "q*", "--group", "phase", "--in", self.write(columns, phase=groups))
        self.assertEqual(len(found["scales"]), 3)
        for group, word in (("early", "early"), ("late", "late"), ("", "missing")):
            scale = next(each for each in found["scales"] if word in each["name"])
            self.check(scale, naive_scale([[x for x, g in zip(column, groups) if g == group] for column in columns]))

    def test_csv_says_the_same(self):
        key = next(one for one in self.json("instruments")["instruments"] if one["id"] == "wai-sr-client")
        path = self.write(self.answers(50, 12, 1, 5, missing=0.02))
        call = ["reliability", "--items", "q*", "--instrument", key["id"], "--in", path]
        flat = [(scale["name"], item) for scale in self.json(*call)["scales"] for item in scale["items"]]
        table = self.succeed(*call, "--format", "csv").csv()
        self.assertEqual(len(table), len(flat))
        for cells, (scale, item) in zip(table, flat):
            self.assertEqual((cells["scale"], cells["item"]), (scale, item["name"]))
            for name in ("n", "mean", "sd", "raw_r", "r_drop", "r_cor", "std_r", "alpha_if_dropped"):
                self.assertEqual(number(cells[name]), item[name])

    def test_maximum_likelihood_from_all_answers(self):
        complete = self.write(self.answers(60, 5, 1, 5))
        call = ["reliability", "--items", "q*", "--ci", "feldt"]
        usual = self.json(*call, "--in", complete)["scales"][0]
        same = self.json(*call, "--missing", "fiml", "--in", complete)["scales"][0]
        self.assertAlmostEqual(same["alpha"]["estimate"], usual["alpha"]["estimate"], delta=1e-12)
        self.assertAlmostEqual(same["glb"], usual["glb"], delta=1e-9)
        self.assertIn("fiml", same["alpha"]["method"])
        gaps = self.write(self.answers(60, 5, 1, 5, missing=0.1))
        found = self.json("reliability", "--items", "q*", "--missing", "fiml", "--ci", "feldt,adf", "--in", gaps)
        self.assertEqual(list(found["scales"][0]["alpha"]["ci"]), ["feldt"])
        self.assertIn("adf interval of alpha", found["scales"][0]["not_computed"])

    def test_text_for_people(self):
        columns = self.answers(50, 5, 1, 5)
        path = self.write(columns)
        text = self.succeed("reliability", "--items", "q*", "--ci", "feldt", "--level", 0.9, "--in", path).out
        wanted = naive_scale(columns, level=0.9)
        for part in ("Cronbach's alpha", f"{wanted['alpha']:.3f}",
                     f"[{wanted['feldt'][0]:.3f}, {wanted['feldt'][1]:.3f}]", "90 %", "q5",
                     "50 persons", "5 items", "standard error of measurement", f"{wanted['sem']:.2f}"):
            self.assertIn(part, text)


if __name__ == "__main__":
    main()

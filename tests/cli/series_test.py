#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport chart`, `rapport changepoint` and the sudden changes of `rapport rupture`, recomputed naively."""
import itertools
import math
import pathlib
import random
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import DONE, INCOMPLETE, WRONG_CALL, WRONG_DATA, ProgramTest, csv_text, main, run  # noqa: E402

NAMES = {"mean": lambda part: sum((y - statistics.fmean(part)) ** 2 for y in part),
         "l1": lambda part: sum(abs(y - statistics.median(part)) for y in part)}


def cheapest(values, cost, penalty, least):
    """The smallest penalized cost of all segmentations."""
    best = math.inf
    for n_cuts in range(len(values)):
        for cuts in itertools.combinations(range(1, len(values)), n_cuts):
            ends = [0, *cuts, len(values)]
            parts = [values[a:b] for a, b in zip(ends, ends[1:])]
            if min(map(len, parts)) >= least:
                best = min(best, sum(map(cost, parts)) + penalty * n_cuts)
    return best


class SeriesTest(ProgramTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="rapport-test-")
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "series.csv"

    def write(self, values):
        self.file.write_text(csv_text([["" if v is None else v] for v in values], ["y"]), encoding="utf-8")

    def call(self, command, *options):
        return run(command, "--in", self.file, "--y", "y", "--format", "json", *options)

    def test_individuals_chart(self):
        draw = random.Random(1)
        for _ in range(5):
            values = [draw.randint(0, 9) for _ in range(20)]
            self.write([*values[:4], None, *values[4:]])
            found = self.call("chart").json()
            sigma = statistics.fmean(abs(a - b) for a, b in zip(values, values[1:])) / 1.128
            center = statistics.fmean(values)
            self.assertAlmostEqual(found["center"], center, places=12)
            self.assertAlmostEqual(found["sigma"], sigma, places=12)
            self.assertAlmostEqual(found["lower_limit"], center - 3 * sigma, places=12)
            self.assertEqual(found["statistic"], values)
            beyond = [t + 1 for t, y in enumerate(values) if abs(y - center) > 3 * sigma]
            self.assertEqual([v["index"] for v in found["violations"] if v["rule"] == "W1"], beyond)
            runs = [t + 1 for t in range(7, 20) if all(y > center for y in values[t - 7:t + 1]) or
                    all(y < center for y in values[t - 7:t + 1])]
            self.assertEqual([v["index"] for v in found["violations"] if v["rule"] == "W4"], runs)
            # A line number counts the header and the row left out.
            for violation in found["violations"]:
                self.assertEqual(violation["line"], violation["index"] + (1 if violation["index"] <= 4 else 2))

    def test_cusum_and_ewma(self):
        values = [5, 6, 5, 6, 5, 3, 2, 3, 2, 3]
        self.write(values)
        found = self.call("chart", "--kind", "cusum", "--baseline", 5, "--k", 0.5, "--h", 4).json()
        center, sigma = 5.4, 1 / 1.128
        up = down = 0
        for t, y in enumerate(values):
            up = max(0, up + (y - center) / sigma - 0.5)
            down = max(0, down - (y - center) / sigma - 0.5)
            self.assertAlmostEqual(found["statistic_upper"][t], up, places=12)
            self.assertAlmostEqual(found["statistic_lower"][t], down, places=12)
        self.assertEqual({v["rule"] for v in found["violations"]}, {"lower"})
        found = self.call("chart", "--kind", "ewma", "--baseline", 5, "--lambda", 0.3, "--width", 2.5).json()
        z = center
        for t, y in enumerate(values):
            z = 0.3 * y + 0.7 * z
            half = 2.5 * sigma * math.sqrt(0.3 / 1.7 * (1 - 0.7 ** (2 * t + 2)))
            self.assertAlmostEqual(found["statistic"][t], z, places=12)
            self.assertAlmostEqual(found["lower_limit"][t], center - half, places=12)

    def test_change_points_against_all_segmentations(self):
        draw = random.Random(2)
        for trial in range(12):
            values = [draw.randint(0, 6) for _ in range(9)]
            self.write(values)
            penalty, least = draw.uniform(0, 8), draw.randint(1, 3)
            for cost, naive in NAMES.items():
                wanted = cheapest(values, naive, penalty, least)
                for search in ("pelt", "optimal", "segments"):
                    with self.subTest(trial=trial, cost=cost, search=search):
                        found = self.call("changepoint", "--cost", cost, "--search", search, "--penalty", penalty,
                                          "--min-size", least).json()
                        self.assertAlmostEqual(found["penalized_cost"], wanted, places=9)
                        ends = [0, *found["changepoints"], len(values)]
                        self.assertEqual([(s["from"] - 1, s["to"]) for s in found["segments"]],
                                         list(zip(ends, ends[1:])))
                        total = sum(naive(values[a:b]) for a, b in zip(ends, ends[1:]))
                        self.assertAlmostEqual(found["cost"], total, places=9)

    def test_degenerate_series(self):
        for values, status in (([4], WRONG_DATA), ([None, None], INCOMPLETE), ([4, 4, 4], DONE)):
            self.write(values)
            with self.subTest(values=values):
                found = self.call("chart").status
                self.assertEqual(found, DONE if status == DONE else INCOMPLETE)
        self.write([4, 4, 4])
        self.assertEqual(self.call("chart", "--kind", "cusum").status, INCOMPLETE)
        self.assertEqual(self.call("changepoint").status, INCOMPLETE)
        self.assertEqual(self.call("changepoint", "--penalty", 1).json()["changepoints"], [])
        self.assertEqual(self.call("changepoint", "--penalty", "much").status, WRONG_CALL)
        self.assertEqual(self.call("chart", "--kind", "pie").status, WRONG_CALL)
        self.assertEqual(self.call("chart", "--kind", "ewma", "--lambda", 2).status, WRONG_CALL)

    def test_a_million_values(self):
        """Charts and PELT answer; searches of all pairs say that they do not."""
        draw = random.Random(6)
        values = [round(5 - 2 * (t // 1000 % 2) + draw.gauss(0, 0.3), 2) for t in range(1000000)]
        self.write(values)
        for kind, plotted in (("individuals", "statistic"), ("ewma", "statistic"), ("cusum", "statistic_upper")):
            self.assertEqual(len(self.call("chart", "--kind", kind).json()[plotted]), 1000000)
        self.assertEqual(self.call("changepoint").json()["changepoints"], list(range(1000, 1000000, 1000)))
        for options in (("--search", "optimal"), ("--search", "segments"), ("--max-changes", 3)):
            outcome = self.call("changepoint", "--penalty", "bic", *options)
            self.assertEqual(outcome.status, WRONG_CALL)
            self.assertIn("--search pelt", outcome.err)

    def test_values_that_are_none(self):
        for command in ("chart", "changepoint"):
            for text in ("inf", "-inf", "five", "1e999"):
                self.write([4, text, 5])
                with self.subTest(command=command, value=text):
                    outcome = self.call(command)
                    self.assertEqual(outcome.status, WRONG_DATA)
                    self.assertIn(":3", outcome.err.replace("line 3", ":3"))
            for values in ([], [None], [None, None, None]):
                self.write(values)
                with self.subTest(command=command, values=values):
                    self.assertIn(self.call(command).status, (WRONG_DATA, INCOMPLETE))
            self.write([5, None, 4, None, 6.5, 5, 4.2])
            self.assertEqual(self.call(command).status, DONE)

    def test_sudden_changes(self):
        rows = [("A", s, y) for s, y in enumerate([30, 31, 30, 18, 17, 16, 17, 25, 17], 1)]
        rows += [("B", s, y) for s, y in enumerate([20, 21, 20, 21, 20, 21, 20, 21, 20], 1)]
        self.file.write_text(csv_text(rows, ["client", "session", "score"]), encoding="utf-8")
        columns = ["--in", self.file, "--id", "client", "--time", "session", "--y", "score", "--null", 0, "--format",
                   "json"]
        loss = run("rupture", *columns, "--detector", "sudden-loss", "--option", "cutoff=7").json()
        (episode,) = loss["clients"][0]["episodes"]
        self.assertEqual(loss["clients"][1]["episodes"], [])
        self.assertEqual((episode["onset"], episode["session_n"], episode["magnitude"]), (4, 3, 12))
        self.assertEqual(episode["criteria"], {"1": True, "2": True, "3": True})
        self.assertEqual(episode["around"], [30, 31, 30, 18, 17, 16])
        self.assertEqual((episode["reversal_value"], episode["reversed"]), (24, True))
        self.assertEqual(loss["detectors"][0]["options"]["criteria"], "123")
        # Symptoms: the same fall is an improvement, judged on the scores as they stand in the table.
        gain = run("rupture", *columns, "--detector", "sudden-gain", "--lower-is-better", "--option", "cutoff=7").json()
        (other,) = gain["clients"][0]["episodes"]
        for name in ("onset", "session_n", "magnitude", "around", "reversal_value", "criteria", "depth"):
            self.assertEqual(other[name], episode[name])
        # A rise wants negative numbers, as the package does.
        self.assertEqual(run("rupture", *columns, "--detector", "sudden-gain", "--option", "cutoff=7").status, WRONG_CALL)
        # A cutoff from a reliability: SD of the first scores 30 and 20.
        by_reliability = run("rupture", *columns, "--detector", "sudden-loss", "--reliability", 0.9).json()
        self.assertAlmostEqual(by_reliability["detectors"][0]["options"]["cutoff"],
                               1.96 * math.sqrt(2 * 0.1 * statistics.variance([30, 20])), places=12)

    def test_every_detector_runs_and_lists_itself(self):
        draw = random.Random(3)
        rows = [(c, s, round(5 + draw.gauss(0, 0.4) - (2 if c % 3 == 0 and 7 <= s <= 10 else 0), 1))
                for c in range(1, 13) for s in range(1, 16)]
        self.file.write_text(csv_text(rows, ["client", "session", "score"]), encoding="utf-8")
        names = [one["name"] for one in run("rupture", "--detector", "list", "--format", "json").json()]
        self.assertEqual(len(names), len(set(names)))
        measured = {"reliable-change"}  # ask for the measurement error
        self.assertLessEqual(measured, set(names))
        for name in names:
            with self.subTest(detector=name):
                call = ["rupture", "--in", self.file, "--id", "client", "--time", "session", "--y", "score",
                        "--detector", name, "--null", 9, "--format", "json"]
                if name in measured:
                    refused = run(*call)
                    self.assertEqual(refused.status, INCOMPLETE)
                    self.assertIn("--sem", refused.err)
                    call += ["--sem", 0.3]
                found = run(*call)
                self.assertEqual(found.status, DONE, found.err)
                result = found.json()
                self.assertEqual(result["detectors"][0]["name"], name)
                self.assertIsNotNone(result["summary"][name]["expected_if_stable"])
                for client in result["clients"]:
                    for episode in client["episodes"]:
                        self.assertTrue(0 < episode["p_null"] <= 1)
                        self.assertLess(episode["pre"], episode["onset"])
                        self.assertLessEqual(episode["onset"], episode["nadir"])


if __name__ == "__main__":
    main()

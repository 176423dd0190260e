#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport evaluate` and `rapport simulate --scores`: counts against a naive recount, intervals, refusals, exit statuses."""
import math
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import INCOMPLETE, WRONG_CALL, WRONG_DATA, ProgramTest, main, read_csv, run  # noqa: E402

DETECTORS = ["innovation", "stiles2004-like", "tukey", "segments"]


class Evaluate(ProgramTest):

    def simulate(self, *options):
        scores, truth = self.folder / "scores.csv", self.folder / "truth.csv"
        self.succeed("simulate", "--scores", "--out", scores, "--truth", truth, *options)
        return scores, truth

    def columns(self, scores):
        return "--in", scores, "--id", "client", "--time", "session", "--y", "score", "--min", 1, "--max", 7

    def recount(self, scores, truth, detector, found):
        """Hits by trying all pairings, and stable sessions, from the tables and the episodes that rupture prints."""
        rows = read_csv(scores.read_text())
        episodes = [e for e in read_csv(truth.read_text()) if e.get("seen_by") != "therapist"]
        hits, stable = 0, 0
        for client in found["clients"]:
            sessions = sorted(float(r["session"]) for r in rows if r["client"] == client["id"])
            known = [(float(e["onset"]), float(e["repair"] or math.inf)) for e in episodes if e["client"] == client["id"]]
            seen = [(e["onset"], math.inf if e["repair"] is None else e["repair"]) for e in client["episodes"]
                    if e["detector"] == detector]

            def share(a, b):
                return any(max(a[0], b[0]) <= s < min(a[1], b[1]) for s in sessions)

            def most(k, free):
                if k == len(known):
                    return 0
                return max([most(k + 1, free)] + [1 + most(k + 1, free - {i}) for i in free if share(known[k], seen[i])])

            hits += most(0, frozenset(range(len(seen))))
            if detector not in client["not_evaluable"]:
                stable += sum(not any(a <= s < b for a, b in known) for s in sessions[1:])
        return len(episodes), hits, stable

    def test_counts(self):
        scores, truth = self.simulate("--clients", 80, "--sessions", 14, "--seed", 5)
        options = [x for name in DETECTORS for x in ("--detector", name)]
        table = self.columns(scores)
        evaluated = self.json("evaluate", *table, "--truth", truth, *options, "--bootstrap", 199)
        found = self.json("rupture", *table, *options, "--null", 0)
        self.assertEqual(list(evaluated["evaluation"]), DETECTORS)
        for name, e in evaluated["evaluation"].items():
            with self.subTest(name):
                n_true, hits, stable = self.recount(scores, truth, name, found)
                n_detected = found["summary"][name]["n_episodes"]
                self.assertEqual((e["n_true"], e["n_hits"], e["n_detected"], e["n_stable_sessions"]),
                                 (n_true, hits, n_detected, stable))
                self.assertAlmostEqual(e["sensitivity"]["estimate"], hits / n_true, 12)
                self.assertAlmostEqual(e["precision"]["estimate"], hits / n_detected, 12)
                self.assertAlmostEqual(e["false_alarms_per_100_sessions"]["estimate"],
                                       100 * (n_detected - hits) / stable, 10)
                self.assertEqual(sum(n for row in e["status"].values() for n in row.values()), hits)
                self.assertLessEqual(e["matched"]["false_alarms_per_100_sessions"], 2)
                for measure, value in e.items():
                    if isinstance(value, dict) and "ci" in value:
                        low, high = value["ci"]
                        self.assertLessEqual(low, value["estimate"], measure)
                        self.assertGreaterEqual(high, value["estimate"], measure)

    def test_formats(self):
        call = ["evaluate", "--clients", 60, "--sessions", 12, "--detector", "innovation", "--bootstrap", 99]
        asked = self.json(*call)["evaluation"]["innovation"]
        rows = self.succeed(*call, "--format", "csv").csv()
        by_measure = {row["measure"]: row for row in rows}
        self.assertEqual(float(by_measure["sensitivity"]["estimate"]), asked["sensitivity"]["estimate"])
        self.assertEqual(float(by_measure["matched_sensitivity"]["upper"]), asked["matched"]["sensitivity"]["ci"][1])
        self.assertIn("At each detector's own threshold", self.succeed(*call).out)
        self.assertEqual(self.succeed(*call, "--threads", 1).out, self.succeed(*call, "--threads", 3).out)
        self.assertNotEqual(self.json(*call, "--seed", 3)["evaluation"]["innovation"], asked)

    def test_simulated_first(self):
        """The same as writing the scores and reading them again."""
        scores, truth = self.simulate("--clients", 50, "--sessions", 12, "--rupture-rate", 0.5)
        step = ("--step", repr(1 / 12))
        options = ("--detector", "innovation", "--bootstrap", 99)
        read = self.json("evaluate", *self.columns(scores), *step, "--truth", truth, *options)
        made = self.json("evaluate", "--clients", 50, "--sessions", 12, "--rupture-rate", 0.5, *options)
        self.assertEqual(read["evaluation"], made["evaluation"])
        self.assertTrue(made["truth"]["simulated"])

    def test_dates(self):
        dates = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-09"]
        rows = [[client, date, score] for client, course in (("a", [5, 5, 5, 2, 5, 5]), ("b", [5, 5.5, 5, 5, 5.5, 5]))
                for date, score in zip(dates, course)]
        table = self.table(rows, ["who", "day", "wai"], "dates.csv")
        truth = self.table([["a", dates[3], dates[4]]], ["who", "onset", "repair"], "truth_dates.csv")
        found = self.json("evaluate", "--in", table, "--id", "who", "--time", "day", "--y", "wai", "--truth", truth,
                          "--detector", "stevens2007-like")["evaluation"]["stevens2007-like"]
        self.assertEqual((found["n_hits"], found["n_detected"]), (1, 1))
        self.assertEqual(found["status"]["repaired"]["repaired"], 1)
        self.assertIsNone(found["depth_bias"])

    def test_refusals(self):
        scores, truth = self.simulate("--clients", 5, "--sessions", 8)
        table = self.columns(scores)
        innovation = ("--detector", "innovation")
        self.refuse(WRONG_CALL, "evaluate", *innovation, says="--in and --truth")
        self.refuse(WRONG_CALL, "evaluate", *table, "--truth", truth, "--clients", 5, *innovation, says="--in and --truth")
        self.refuse(WRONG_CALL, "evaluate", *table, *innovation, says="--truth is required")
        self.refuse(WRONG_CALL, "evaluate", "--clients", 5, says="--detector is required")
        self.refuse(WRONG_CALL, "evaluate", "--clients", 5, "--detector", "no-such", says="there is no detector")
        self.refuse(WRONG_CALL, "evaluate", "--clients", 5, *innovation, "--shape", "M", says="--shape")
        self.refuse(WRONG_CALL, "evaluate", "--clients", 5, *innovation, "--false-alarms", 0, says="false_alarms")
        self.refuse(WRONG_CALL, "evaluate", "--clients", 5, *innovation, "--error-sd", -1, says="error_sd")
        self.refuse(WRONG_CALL, "evaluate", *table, "--truth", self.folder / "none.csv", *innovation)
        header = ["client", "onset", "repair"]
        for row, says in ((["nobody", 3, 4], "'nobody' is not in"), (["C1", "", 4], "needs its onset"),
                          (["C1", 4, 4], "does not follow"), (["C1", "x", 4], "'x'")):
            bad = self.table([row], header, "bad.csv")
            self.refuse(WRONG_DATA, "evaluate", *table, "--truth", bad, *innovation, says=[says, "bad.csv:2"])
        bad = self.table([["C1", 3, 4, "better"]], header + ["status"], "bad.csv")
        self.refuse(WRONG_DATA, "evaluate", *table, "--truth", bad, *innovation, says="'better'")
        one = self.table([["C1", s, 5] for s in range(1, 5)], ["client", "session", "score"], "one.csv")
        none = self.table([["C1", 3, 4]], header, "one_truth.csv")
        found = run("evaluate", "--in", one, "--id", "client", "--time", "session", "--y", "score", "--truth", none,
                    *innovation, "--format", "json")
        self.assertEqual(found.status, INCOMPLETE, found.err)
        self.assertEqual(found.json()["evaluation"]["innovation"]["n_hits"], 0)


class SimulatedScores(ProgramTest):

    def test_tables(self):
        truth = self.folder / "truth.csv"
        call = ["simulate", "--scores", "--clients", 40, "--sessions", 10, "--shape", "V", "--ruptures-per-20", 50,
                "--most-ruptures", 1]
        rows = self.succeed(*call, "--truth", truth).csv()
        self.assertEqual(list(rows[0]), ["client", "therapist", "session", "score", "therapist_score"])
        for row in rows:
            for name in ("score", "therapist_score"):
                steps = (float(row[name]) - 1) * 12
                self.assertLess(abs(steps - round(steps)), 1e-9)
                self.assertTrue(1 <= float(row[name]) <= 7)
        planted = read_csv(truth.read_text())
        self.assertEqual(list(planted[0]), ["client", "pre", "onset", "nadir", "repair", "depth", "pattern", "status",
                                            "seen_by"])
        attended = {(row["client"], row["session"]) for row in rows}
        for r in planted:
            self.assertEqual((r["pattern"], int(r["onset"]) - int(r["pre"]), r["nadir"]), ("V", 1, r["onset"]))
            if r["repair"]:
                self.assertEqual(int(r["repair"]), int(r["onset"]) + 1)
            self.assertTrue(any(c == r["client"] and int(s) >= int(r["nadir"]) for c, s in attended))
        self.assertEqual(self.succeed(*call).out, self.succeed(*call).out)

    def test_refusals(self):
        self.refuse(WRONG_CALL, "simulate", "--state-sd", 1, says="needs --scores")
        self.refuse(WRONG_CALL, "simulate", "--scores", "--rupture-rate", 0.5, "--ruptures-per-20", 1, says="give one")
        self.refuse(WRONG_CALL, "simulate", "--scores", "--rupture-rate", 2, says="probability")


if __name__ == "__main__":
    main()

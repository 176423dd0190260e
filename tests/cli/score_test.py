#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport score`: every score recomputed from the published key, the missing rules, the audit, the three formats."""
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import MAYBE, NONE, NUMBER, ProgramTest, csv_text, main, number  # noqa: E402

SCORE_SHAPE = {
    "instrument": str,
    "rows": [{"line": int, "id": dict, "status": str, "n_missing": int, "total": MAYBE, "subscales": dict,
              "flags": [str]}],
    "summary": {"n": int, "n_ok": int, "n_prorated": int, "n_incomplete": int, "n_invalid": int,
                "total": {"mean": MAYBE, "sd": MAYBE, "min": MAYBE, "max": MAYBE}, "subscales": dict},
}
EXACT = 1e-15  # sums of whole units divided once: the same double, or the next one where the order of division differs


class Score(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {one["id"]: one for one in cls().json("instruments")["instruments"]}

    # --- the naive scorer -------------------------------------------------------------------------------------------

    def naive_sum(self, key, answers, items, fraction):
        """A sum of items, or None; and whether it is prorated. Answers are counted in units, so sums are exact."""
        units = round(1 / key["step"])
        counted = []
        for item in items:
            if answers[item - 1] is None:
                continue
            whole = round(answers[item - 1] * units)
            counted.append(round((key["min"] + key["max"]) * units) - whole if item in key["reversed"] else whole)
        if len(counted) == len(items):
            return sum(counted) / units, "ok"
        if counted and fraction is not None and len(counted) >= fraction * len(items) - 1e-9:
            return sum(counted) * len(items) / (len(counted) * units), "prorated"
        return None, "incomplete"

    def naive_row(self, key, answers, fraction=None):
        for answer in answers:
            if answer is None:
                continue
            if not key["min"] <= answer <= key["max"] or abs(answer / key["step"] - round(answer / key["step"])) > 1e-6:
                return "invalid", None, {name: None for name in key["subscales"]}
        total, status = self.naive_sum(key, answers, range(1, key["n_items"] + 1), fraction)
        return status, total, {name: self.naive_sum(key, answers, items, fraction)[0] for name,
                               items in key["subscales"].items()}

    def answers(self, key, n, missing=0.0, illegal=0.0, seed=1):
        random_numbers = random.Random(f"{key['id']} {seed}")
        units = round(1 / key["step"])
        rows = []
        for _ in range(n):
            share = random_numbers.choice([missing, 0.0, missing / 4])
            row = []
            for _ in range(key["n_items"]):
                answer = random_numbers.randint(round(key["min"] * units), round(key["max"] * units)) / units
                if random_numbers.random() < illegal:
                    answer = random_numbers.choice([key["min"] - 1, key["max"] + 1, key["min"] + key["step"] / 4, 1e6,
                                                    -3])
                row.append(None if random_numbers.random() < share else answer)
            rows.append(row)
        return rows

    def run_score(self, key, rows, *options, extra=None):
        header = ["client", "session"] + [f"q{i + 1}" for i in range(key["n_items"])] + (list(extra) if extra else [])
        table = [[f"c{i // 3}", i % 3 + 1] + row + ([extra[name][i] for name in extra] if extra else []) for i,
                 row in enumerate(rows)]
        path = self.table(table, header)
        self.call = ["score", "--instrument", key["id"], "--in", path, "--items", f"q1:q{key['n_items']}", "--id",
                     "client,session", *options]
        return self.json(*self.call)

    # --- tests ------------------------------------------------------------------------------------------------------

    def test_every_instrument_by_its_key(self):
        for key in self.keys.values():
            for options, fraction in (((), None), (("--missing", "complete"), None), (("--missing", "published"), None),
                                      (("--missing", "prorate:0.5"), 0.5), (("--missing", "prorate:0.8"), 0.8),
                                      (("--missing", "prorate:1"), 1.0), (("--missing", "prorate:0.01"), 0.01)):
                rows = self.answers(key, 90, missing=0.5, illegal=0.004, seed=str(options))
                rows[44][0] = key["max"] + 1
                found = self.run_score(key, rows, *options)
                with self.subTest(instrument=key["id"], options=options):
                    self.has_shape(found, SCORE_SHAPE)
                    self.assertEqual(found["instrument"], key["id"])
                    self.assertEqual(len(found["rows"]), len(rows))
                    seen = set()
                    for i, (row, answers) in enumerate(zip(found["rows"], rows)):
                        status, total, subscales = self.naive_row(key, answers, fraction)
                        seen.add(status)
                        self.assertEqual(row["line"], i + 2)
                        self.assertEqual(row["id"], {"client": f"c{i // 3}", "session": str(i % 3 + 1)})
                        self.assertEqual(row["status"], status, answers)
                        self.assertEqual(row["n_missing"], answers.count(None))
                        self.assertEqual(list(row["subscales"]), list(key["subscales"]))
                        self.close(row["total"], total, EXACT, f"row {i}")
                        self.all_close(row["subscales"], subscales, EXACT, f"row {i}")
                    bridged = fraction is not None and fraction * key["n_items"] <= key["n_items"] - 1
                    self.assertLessEqual({"invalid", "ok", "prorated" if bridged else "incomplete"}, seen)

    def test_summary(self):
        key = self.keys["wai-36-client"]
        found = self.run_score(key, self.answers(key, 120, missing=0.1, illegal=0.003), "--missing", "prorate:0.8")
        rows = found["rows"]
        summary = found["summary"]
        self.assertEqual(summary["n"], 120)
        for status in ("ok", "prorated", "incomplete", "invalid"):
            self.assertEqual(summary["n_" + status], sum(row["status"] == status for row in rows))
            self.assertGreater(summary["n_" + status], 0)
        totals = [row["total"] for row in rows if row["total"] is not None]
        # Means and SDs of some hundred numbers, added up in another order.
        self.all_close(summary["total"],
                       {"mean": naive.mean(totals), "sd": naive.sd(totals), "min": min(totals), "max": max(totals)},
                       1e-13)
        for name in key["subscales"]:
            scores = [row["subscales"][name] for row in rows if row["subscales"][name] is not None]
            self.all_close(summary["subscales"][name], {"mean": naive.mean(scores), "sd": naive.sd(scores)}, 1e-13)

    def test_illegal_answers_name_their_item_and_never_enter_a_sum(self):
        key = self.keys["wai-sr-client"]
        good = [3] * 12
        for item, answer in ((1, 0), (5, 6), (12, 3.5), (7, -1), (2, 99), (3, 1e300), (4, 2.0000001)):
            row = list(good)
            row[item - 1] = answer
            found = self.run_score(key, [row, good])
            bad, fine = found["rows"]
            self.assertEqual((bad["status"], bad["total"]), ("invalid", None), answer)
            self.assertEqual(set(bad["subscales"].values()), {None})
            self.assertTrue(any(f"item {item}:" in flag for flag in bad["flags"]), bad["flags"])
            self.assertEqual((fine["status"], fine["total"]), ("ok", 36))
            self.assertEqual(found["summary"]["n_invalid"], 1)
            self.assertEqual(found["summary"]["total"]["mean"], 36)

    def test_flags(self):
        key = self.keys["wai-sr-client"]
        rows = [[3] * 12, [3] * 11 + [None], [3] * 11 + [4], [None] * 12]
        flags = [row["flags"] for row in self.run_score(key, rows, "--flags")["rows"]]
        self.assertEqual(flags[0], ["uniform"])
        self.assertIn("uniform", flags[1])
        self.assertIn("missing items 12", flags[1])
        self.assertEqual(flags[2], ["long-string"])
        self.assertNotIn("uniform", flags[3], "a form without answers has no pattern of answers")
        without = [row["flags"] for row in self.run_score(key, rows)["rows"]]
        self.assertEqual(without[0], [])

    def test_values_that_decimals_cannot_hold(self):
        key = self.keys["srs-3"]
        found = self.run_score(key, [[0.1, 0.2, 0.3, 0.4], [9.9, 9.9, 9.9, 9.9], [3.3, 3.3, 3.3, 0.1]])
        self.assertEqual([row["total"] for row in found["rows"]], [1.0, 39.6, 10.0],
                         "sums of tenths come out as tenths")

    def test_audit(self):
        key = self.keys["wai-36-client"]
        rows = self.answers(key, 60, seed=5)
        rows[7][3] = None
        scored = [self.naive_row(key, row) for row in rows]
        totals = [total if total is not None else 100 for _, total, _ in scored]
        bond = [subscales["bond"] for _, _, subscales in scored]
        wrong_bond = [score + (8 - 2 * row[27]) - (8 - 2 * row[28]) for score, row in zip(bond, rows)]  # 28 for 29
        task = [subscales["task"] for _, _, subscales in scored]
        task[3] += 2
        task[4] = None
        means = [None if subscales["goal"] is None else round(subscales["goal"] / 12, 2) for _, _, subscales in scored]
        stored = {"stored total": totals, "stored bond": wrong_bond,
                  "stored task": [100 if t is None and i == 7 else t for i, t in enumerate(task)],
                  "stored goal": means}
        found = self.run_score(key, rows, "--compare", "stored total=total", "--compare", "stored bond=bond",
                               "--compare", "stored task=task", "--compare", "stored goal=goal", extra=stored)
        self.has_shape(found["audit"],
                       [{"column": str, "score": str, "n": int, "n_equal": int, "max_abs_difference": NUMBER}])
        by_column = {one["column"]: one for one in found["audit"]}
        self.assertEqual(list(by_column), list(stored))
        total = by_column["stored total"]
        self.assertEqual((total["n"], total["n_equal"], total["max_abs_difference"]), (59, 59, 0),
                         "item 4 is missing once")
        self.assertEqual(total["n_incomplete"], 1)
        one = by_column["stored task"]
        complete = [i for i in range(60) if i not in (4, 7)]
        self.assertEqual((one["n"], one["n_equal"], one["max_abs_difference"]), (len(complete), len(complete) - 1, 2))
        self.assertEqual(one["explanation"], "", "one slip of the pen is no other key")
        one = by_column["stored bond"]
        differences = [abs(a - b) for a, b in zip(wrong_bond, bond)]
        self.assertEqual((one["n"], one["n_equal"], one["max_abs_difference"]),
                         (60, differences.count(0), max(differences)))
        self.assertIn("item 28 is reversed", one["explanation"])
        self.assertIn("item 29 is not reversed", one["explanation"])
        self.assertEqual(one["n_explained"], 60)
        self.assertIn("mean", by_column["stored goal"]["explanation"])

    def test_csv_says_the_same(self):
        key = self.keys["wai-36-client"]
        found = self.run_score(key, self.answers(key, 60, missing=0.2, illegal=0.003), "--missing", "prorate:0.7",
                               "--flags")
        table = self.succeed(*self.call, "--format", "csv").csv()
        self.assertEqual(len(table), len(found["rows"]))
        self.assertEqual(list(table[0]),
                         ["client", "session", "line", "status", "n_missing", "total", *key["subscales"], "flags"])
        for cells, row in zip(table, found["rows"]):
            self.assertEqual({"client": cells["client"], "session": cells["session"]}, row["id"])
            self.assertEqual((int(cells["line"]), cells["status"], int(cells["n_missing"])),
                             (row["line"], row["status"], row["n_missing"]))
            self.assertEqual(number(cells["total"]), row["total"])
            for name, score in row["subscales"].items():
                self.assertEqual(number(cells[name]), score)
            self.assertEqual(cells["flags"], "; ".join(row["flags"]))

    def test_text_for_people(self):
        key = self.keys["wai-sr-client"]
        self.run_score(key, self.answers(key, 60, missing=0.1, illegal=0.002))
        text = self.succeed(*self.call).out
        for part in ("wai-sr-client", "c0", "60 forms", "total", "task", "bond", "goal", "mean", "20 more rows"):
            self.assertIn(part, text)
        self.assertEqual(text, self.succeed(*self.call, "--format", "text").out, "text is the default")
        self.assertLess(max(map(len, text.splitlines())), 140)

    def test_numbers_read_back_to_the_same_double(self):
        key = self.keys["wai-sr-client"]
        rows = [[1, 2, 3, 4, 5, 1, 2, None, None, 5, 5, 5]] * 2
        found = self.run_score(key, rows, "--missing", "prorate:0.5")
        self.assertEqual(found["rows"][0]["total"], 33 * 12 / 10)
        self.assertEqual(number(self.succeed(*self.call, "--format", "csv").csv()[0]["total"]), 33 * 12 / 10)

    def test_without_ids(self):
        path = self.table([[1, 2, 3, 4]], ["a", "b", "c", "d"])
        found = self.json("score", "--instrument", "srs-3", "--in", path, "--items", "a:d")
        self.assertEqual(found["rows"],
                         [{"line": 2, "id": {}, "status": "ok", "n_missing": 0, "total": 10, "subscales": {},
                           "flags": []}])
        self.assertEqual(found["summary"]["total"]["sd"], None)
        self.assertIsInstance(found["summary"]["total"]["sd"], NONE)

    def test_reversed_items_are_reversed_before_prorating(self):
        key = self.keys["wai-36-client"]
        answers = [7 if i + 1 not in key["reversed"] else 1 for i in range(36)]
        answers[key["reversed"][0] - 1] = None
        found = self.run_score(key, [answers], "--missing", "prorate:0.9")
        self.assertEqual((found["rows"][0]["status"], found["rows"][0]["total"]), ("prorated", 252))

    def test_every_row_order_gives_the_same_rows(self):
        key = self.keys["wai-36-client"]
        answers = self.answers(key, 40, missing=0.1)
        header = ["form"] + [f"q{i}" for i in range(1, 37)]
        table = [[f"f{i}"] + row for i, row in enumerate(answers)]
        call = ["score", "--instrument", key["id"], "--items", "q*", "--id", "form", "--in"]
        first = self.json(*call, self.file(csv_text(table, header)))
        random.Random(4).shuffle(table)
        second = self.json(*call, self.file(csv_text(table, header)))
        def by_form(result):
            return {row["id"]["form"]: {k: v for k, v in row.items() if k != "line"} for row in result["rows"]}
        self.assertEqual(by_form(first), by_form(second))
        # Running sums in another order.
        self.all_close(second["summary"], first["summary"], 1e-12)
        self.assertTrue(math.isfinite(first["summary"]["total"]["mean"]))


if __name__ == "__main__":
    main()

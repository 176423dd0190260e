#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport score`: every score recomputed from the published key, the missing rules, the audit, the three formats."""
import json
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fuzz"))
import naive  # noqa: E402
import oracle  # noqa: E402
from program import MAYBE, NONE, NUMBER, SOURCE, WRONG_CALL, ProgramTest, csv_text, main, number  # noqa: E402

SCORE_SHAPE = {
    "instrument": str,
    "rows": [{"line": int, "id": dict, "status": str, "n_missing": int, "total": MAYBE, "subscales": dict,
              "flags": [str]}],
    "summary": {"n": int, "n_ok": int, "n_prorated": int, "n_incomplete": int, "n_invalid": int,
                "total": {"mean": MAYBE, "sd": MAYBE, "min": MAYBE, "max": MAYBE}, "subscales": dict},
}


class Score(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {one["id"]: one for one in cls().json("instruments")["instruments"] if one["usable"] != "none"}

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
        """Every score, band, cut-off and risk item against the fractions of tests/fuzz/oracle.py."""
        entries = {e["id"]: e["key"] for e in json.loads((SOURCE / "docs/instruments/catalogue.json").read_text())[
            "instruments"] if e["key"]}
        self.assertEqual(set(entries), {key["id"] for key in self.keys.values()})
        for name, entry in entries.items():
            form = oracle.Form(entry)
            for option, rule in ((None, None), ("complete", {"rule": "complete"}), ("published", None),
                                 ("prorate:0.5", {"rule": "prorate", "fraction": 0.5}),
                                 ("prorate:0.8", {"rule": "prorate", "fraction": 0.8}),
                                 ("at-least:3", {"rule": "at-least", "n": 3}),
                                 ("at-most-missing:2", {"rule": "at-most-missing", "n": 2})):
                rng = random.Random(f"{name} {option}")
                rows = []
                for _ in range(60):
                    share = rng.choice([0, 0, .05, .2, .6])
                    rows.append([None if rng.random() < share else rng.choice(item.legal) for item in form.items])
                rows[44][0] = form.items[0].most + 1
                found = self.run_score(self.keys[name], rows, *(["--missing", option] if option else []))
                with self.subTest(instrument=name, option=option):
                    self.has_shape(found, SCORE_SHAPE)
                    self.assertEqual(found["instrument"], name)
                    self.assertEqual(len(found["rows"]), len(rows))
                    for i, (row, answers) in enumerate(zip(found["rows"], rows)):
                        self.assertEqual(row["line"], i + 2)
                        self.assertEqual(row["id"], {"client": f"c{i // 3}", "session": str(i % 3 + 1)})
                        self.assertEqual(row["n_missing"], answers.count(None))
                        self.check_row(form, entry, row, [oracle.MISSING if x is None else x for x in answers], rule)
                    self.assertEqual(found["rows"][44]["status"], "invalid")

    def check_row(self, form, entry, row, answers, rule):
        record = oracle.RECORD.unpack(form.score(answers, rule))
        code, bands, met, status, scores = record[0], record[9], record[10], record[12], record[13:]
        scores = [None if x != x else x for x in scores]
        names = [s["id"] for s in entry["subscales"]]
        self.assertEqual(list(row["subscales"]), names)
        if code:
            self.assertEqual((row["status"], row["total"], set(row["subscales"].values())),
                             ("invalid", None, {None} if names else set()))
            self.assertIn(f"item {record[1]}:", row["flags"][0])
            return
        if form.has_total:
            self.assertEqual(row["status"], ("ok", "prorated", "incomplete")[status], answers)
        self.assertEqual(row["total"], scores[0], "to the last bit")
        self.assertEqual(list(row["subscales"].values()), scores[1:1 + len(names)])
        combined = [c["id"] for c in entry.get("combined", [])]
        self.assertEqual(row.get("combined", {}), dict(zip(combined, scores[1 + len(names):])))
        banded = {b["score"]: None for b in entry.get("bands", [])}
        banded.update({b["score"]: b["label"] for k, b in enumerate(entry.get("bands", [])) if bands >> k & 1})
        self.assertEqual(row.get("bands", {}), banded)
        self.assertEqual(row.get("cutoffs", []), [c["label"] for k, c in enumerate(entry.get("cutoffs", [])) if met >> k & 1])
        endorsed = [k + 1 for k in range(form.n) if record[7] >> k & 1]
        self.assertEqual(row.get("risk_items", []), endorsed)

    def test_published_rules_of_forms_without_a_total(self):
        """The status is that of the subscale which is worst off."""
        key = self.keys["dass-21"]
        answers = [1] * 21
        found = self.run_score(key, [answers, [None] + answers[1:]], "--missing", "published")["rows"]
        self.assertEqual([row["status"] for row in found], ["ok", "incomplete"])
        self.assertEqual(found[0]["subscales"], {"depression": 14, "anxiety": 14, "stress": 14})
        self.assertEqual(found[0]["bands"], {"depression": "moderate", "anxiety": "moderate", "stress": "normal"})
        self.assertEqual(found[1]["subscales"], {"depression": 14, "anxiety": 14, "stress": None})
        found = self.run_score(key, [[None] + answers[1:]], "--missing", "at-least:6")["rows"]
        self.assertEqual((found[0]["status"], found[0]["subscales"]["stress"]), ("prorated", 14))

    def test_a_key_from_a_file(self):
        description = {"id": "my-scale", "n_items": 4, "scale": {"min": 1, "max": 7}, "reversed": [2],
                       "subscales": [{"id": "trust", "items": [1, 2]}]}
        path = self.file(json.dumps(description), "my.json")
        table = self.table([[7, 1, 3, 3]], ["a", "b", "c", "d"])
        call = ["score", "--in", table, "--items", "a:d", "--instrument"]
        row = self.json(*call, path)["rows"][0]
        self.assertEqual((row["total"], row["subscales"]), (20, {"trust": 14}))
        for change, says in (({"reversed": [2, 5]}, ["/reversed/1", "item 5 does not exist"]),
                             ({"n_items": "4"}, ["/n_items", "whole number"]), ({"items": 4}, ["/items", "no such field"]),
                             ({"scale": {"min": 1}}, ["/scale/max", "missing"]),
                             ({"subscales": [{"id": "trust", "items": []}]}, ["/subscales/0"])):
            wrong = self.file(json.dumps({**description, **change}), "wrong.json")
            self.refuse(WRONG_CALL, *call, wrong, says=["wrong.json", *says])
        self.refuse(WRONG_CALL, *call, self.file("{", "broken.json"), says="not JSON")
        self.refuse(WRONG_CALL, *call, self.file('{"id": "a", "id": "b"}', "twice.json"), says="twice")
        self.refuse(WRONG_CALL, *call, self.folder / "none.json", says="no such file")

    def test_no_key_no_score(self):
        table = self.table([[1] * 24], [f"q{i}" for i in range(24)])
        call = ["--in", table, "--items", "q*", "--instrument", "calpas-p"]
        says = "the key of CALPAS-P is not established here: supply one"
        self.refuse(WRONG_CALL, "score", *call, says=says)
        self.refuse(WRONG_CALL, "reliability", *call, says=says)
        self.refuse(WRONG_CALL, "simulate", "--instrument", "calpas-p", says=says)

    def test_risk_items_of_incomplete_forms(self):
        key = self.keys["phq-9"]
        found = self.run_score(key, [[None] * 8 + [1], [0] * 9, [3] * 8 + [None]])["rows"]
        self.assertEqual([(row["total"], row["risk_items"]) for row in found], [(None, [9]), (0, []), (None, [])])
        text = self.succeed(*self.call).out
        self.assertIn("risk items endorsed: 9", text)
        self.assertEqual(self.succeed(*self.call, "--format", "csv").csv()[0]["risk_items"], "9")

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
        self.assertEqual(flags[2], ["long-string"], "eleven equal answers in a row, but not all")
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

    def test_audit_of_scores_under_other_names(self):
        key = self.keys["dass-21"]
        rows = self.answers(key, 60, seed=6)
        sums = {name: [2 * sum(row[item - 1] for item in items) for row in rows]
                for name, items in key["subscales"].items()}
        found = self.run_score(key, rows, "--compare", "dep=depression", "--compare", "anx=anxiety",
                               extra={"dep": sums["anxiety"], "anx": sums["depression"]})
        by_column = {one["column"]: one for one in found["audit"]}
        self.assertEqual(by_column["dep"]["explanation"], "the stored scores are those of anxiety")
        self.assertEqual(by_column["anx"]["n_explained"], 60)
        self.assertIn("60 of 60 (100.0 %) agree if the stored scores are those of depression",
                      by_column["anx"]["sentence"])
        self.assertEqual(found["audit_together"], "depression and anxiety are exchanged")
        self.assertEqual(self.run_score(key, rows, "--compare", "x=stress", extra={"x": sums["stress"]})
                         ["audit_together"], "")

    def test_audit_of_a_key_without_reversal_and_of_illegal_answers(self):
        key = self.keys["wai-36-client"]
        rows = self.answers(key, 60, seed=7)
        for row in rows[:4]:
            row[5] = 66
        found = self.run_score(key, rows, "--compare", "raw=total", "--compare", "mine=bond", extra={
            "raw": [sum(row) for row in rows],
            "mine": [self.naive_row(key, row[:5] + [1] + row[6:])[2]["bond"] for row in rows]})
        raw, mine = found["audit"]
        self.assertEqual((raw["explanation"], raw["n"], raw["n_explained"], raw["n_invalid"]),
                         ("no item is reversed", 60, 60, 4))
        self.assertEqual((mine["n"], mine["n_equal"], mine["n_invalid"], mine["max_abs_difference"]), (60, 56, 4, 0),
                         "a form that the key refuses is not reproduced by it")
        self.assertIn("no score of 4 of 60 (6.7 %)", mine["sentence"])

    def test_audit_of_a_combined_score(self):
        key = self.keys["who-5"]
        rows = self.answers(key, 40, seed=8)
        percent = [4 * sum(row) for row in rows]
        audit = self.run_score(key, rows, "--compare", "p=percentage", extra={"p": percent})["audit"]
        self.assertEqual((audit[0]["score"], audit[0]["n_equal"]), ("percentage", 40))
        audit = self.run_score(key, rows, "--compare", "p=percentage", extra={"p": [p / 4 for p in percent]})["audit"]
        self.assertEqual(audit[0]["explanation"], "the stored scores are sums as they are")

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
                           "bands": {"total": "poor"}, "cutoffs": ["discuss the alliance"], "flags": []}])
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

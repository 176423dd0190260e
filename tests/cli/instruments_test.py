#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport instruments`: the catalogue is complete, consistent, and says where every key comes from."""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import MAYBE, NONE, SOURCE, ProgramTest, main, number  # noqa: E402

SHAPE = {"instruments": [{
    "id": str, "name": str, "perspective": str, "n_items": MAYBE, "min": MAYBE, "max": MAYBE, "usable": str,
    "subscales": dict, "reversed": [int], "score": (str, NONE), "verification": str, "sources": [str], "licence": str,
    "family": str, "measures": [str], "provenance": dict, "caveat": str, "validated": bool}]}
FACTORS = ("alliance", "hope", "empowerment", "new-learning", "emotional-processing", "practice", "empathy", "regard",
           "congruence", "cultural-humility", "first-feel", "first-understood", "first-present", "first-invested")


class Instruments(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all = cls().json("instruments")["instruments"]
        cls.catalogue = json.loads((SOURCE / "docs/instruments/catalogue.json").read_text())

    def test_shape(self):
        self.has_shape({"instruments": self.all}, SHAPE)
        ids = [one["id"] for one in self.all]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(sorted(ids), sorted(one["id"] for one in self.catalogue["instruments"]))

    def test_every_key_is_consistent(self):
        for one in self.all:
            with self.subTest(one["id"]):
                self.assertIn(one["perspective"], ("client", "therapist", "observer"))
                self.assertIn(one["usable"], ("all", "total", "none"))
                self.assertIn(one["verification"], ("verified", "single-source", "unverified"))
                self.assertEqual(one["usable"] == "none", one["verification"] == "unverified",
                                 "what is unverified does not score")
                self.assertTrue(one["sources"])
                self.assertTrue(all(source.strip() for source in one["sources"]))
                self.assertTrue(one["licence"].strip())
                if one["usable"] == "none":
                    self.assertEqual((one["subscales"], one["reversed"], one["score"]), ({}, [], None))
                    self.assertNotIn("bands", one)
                    continue
                items = set(range(1, one["n_items"] + 1))
                self.assertLess(one["min"], one["max"])
                self.assertIn(one["score"], ("sum", "mean", "weighted"))
                self.assertTrue(set(one["reversed"]) <= items)
                self.assertEqual(one["reversed"], sorted(set(one["reversed"])))
                for listed in one["subscales"].values():
                    self.assertTrue(listed)
                    self.assertEqual(listed, sorted(set(listed)))
                    self.assertTrue(set(listed) <= items)

    def test_the_program_says_what_the_catalogue_says(self):
        mine = {one["id"]: one for one in self.all}
        for wanted in self.catalogue["instruments"]:
            one = mine[wanted["id"]]
            with self.subTest(wanted["id"]):
                for name in ("name", "year", "family", "perspective", "usable", "verification", "doi", "measures",
                             "provenance"):
                    self.assertEqual(one[name], wanted[name], name)
                self.assertEqual(one["caveat"], " ".join(wanted["caveats"]))
                self.assertEqual(one["sources"][1:], wanted["sources"])
                self.assertEqual((one["licence"], one["licence_class"]),
                                 (wanted["licence"]["status"], wanted["licence"]["class"]))
                self.assertEqual([(n["score"], n["mean"], n["sd"], n["n"]) for n in one["norms"]],
                                 [(n["score"], n["mean"], n["sd"], n["n"]) for n in wanted["norms"]])
                self.assertEqual([(c["score"], c["value"]) for c in one["reliable_change"]],
                                 [(c["score"], c["value"]) for c in wanted["reliable_change"]])
                self.assertEqual(len(one["reliability"]), len(wanted["reliability"]))
                key = wanted["key"]
                if key is None:
                    continue
                self.assertEqual((one["n_items"], one["min"], one["max"], one["step"]),
                                 (key["n_items"], *key["scale"].values()))
                self.assertEqual(one["reversed"], key["reversed"])
                self.assertEqual(one["unscored"], key.get("unscored", []))
                self.assertEqual(one["subscales"], {s["id"]: s["items"] for s in key["subscales"]})
                self.assertEqual(one["missing"], key.get("missing"))
                self.assertEqual(one["total"] is None, key["total"] is None)
                self.assertEqual(one["risk_items"], key.get("risk_items", []))
                self.assertEqual([(b["score"], b["label"], b["from"], b["to"], b["to_open"]) for b in one["bands"]],
                                 [(b["score"], b["label"], b["from"], b["to"], b.get("to_open", False))
                                  for b in key.get("bands", [])])
                self.assertEqual(one["cutoffs"], key.get("cutoffs", []))

    def test_every_factor_of_good_therapy_has_an_instrument(self):
        for factor in FACTORS:
            self.assertTrue(any(factor in one["measures"] for one in self.all), factor)
        check_list = next(one for one in self.all if one["id"] == "first-session-4")
        self.assertFalse(check_list["validated"])
        self.assertEqual((check_list["bands"], check_list["cutoffs"], check_list["total"]), ([], [], None))
        for early_sign in ("srs-3", "wai-sr-client"):
            self.assertIn(early_sign, check_list["caveat"])

    def test_the_keys_that_the_first_version_promises(self):
        by_id = {one["id"]: one for one in self.all}
        long_form = by_id["wai-36-client"]
        self.assertEqual((long_form["n_items"], long_form["min"], long_form["max"]), (36, 1, 7))
        self.assertEqual(long_form["reversed"], [1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34])
        self.assertEqual(long_form["subscales"], {"task": [2, 4, 7, 11, 13, 15, 16, 18, 24, 31, 33, 35],
                                                  "bond": [1, 5, 8, 17, 19, 20, 21, 23, 26, 28, 29, 36],
                                                  "goal": [3, 6, 9, 10, 12, 14, 22, 25, 27, 30, 32, 34]})
        short = by_id["wai-sr-client"]
        self.assertEqual((short["n_items"], short["min"], short["max"], short["reversed"]), (12, 1, 5, []))
        self.assertEqual(short["subscales"], {"task": [1, 2, 10, 12], "bond": [3, 5, 7, 9], "goal": [4, 6, 8, 11]})
        srs = by_id["srs-3"]
        self.assertEqual((srs["n_items"], srs["min"], srs["max"], srs["reversed"], srs["subscales"]),
                         (4, 0, 10, [], {}))

    def test_show(self):
        for one in self.all:
            self.assertEqual(self.json("instruments", "--show", one["id"]), {"instruments": [one]})
            text = self.succeed("instruments", "--show", one["id"]).out
            for part in (one["id"], one["name"], one["licence"], *one["sources"], *one["subscales"]):
                self.assertIn(part, text)

    def test_csv(self):
        table = self.succeed("instruments", "--format", "csv").csv()
        self.assertEqual([row["id"] for row in table], [one["id"] for one in self.all])
        for row, one in zip(table, self.all):
            self.assertEqual((row["name"], row["perspective"], row["verification"]),
                             (one["name"], one["perspective"], one["verification"]))
            self.assertEqual(row["usable"], one["usable"])
            self.assertEqual((number(row["n_items"]), number(row["min"]), number(row["max"])),
                             (one["n_items"], one["min"], one["max"]))

    def test_text(self):
        text = self.succeed("instruments").out
        for one in self.all:
            line = next(line for line in text.splitlines() if line.split()[:1] == [one["id"]])
            for part in (one["name"], one["perspective"], one["usable"], one["licence"], one["verification"],
                         *one["subscales"]):
                self.assertIn(part, line)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport instruments`: the catalogue is complete, consistent, and says where every key comes from."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import NUMBER, ProgramTest, main, number  # noqa: E402

SHAPE = {"instruments": [{
    "id": str, "name": str, "perspective": str, "n_items": int, "min": NUMBER, "max": NUMBER, "usable": str,
    "subscales": dict,
    "reversed": [int], "score": str, "verification": str, "sources": [str], "licence": str}]}


class Instruments(ProgramTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all = cls().json("instruments")["instruments"]

    def test_shape(self):
        self.has_shape({"instruments": self.all}, SHAPE)
        ids = [one["id"] for one in self.all]
        self.assertEqual(len(ids), len(set(ids)))
        for wanted in ("wai-36-client", "wai-sr-client", "srs-3"):
            self.assertIn(wanted, ids)

    def test_every_key_is_consistent(self):
        for one in self.all:
            with self.subTest(one["id"]):
                items = set(range(1, one["n_items"] + 1))
                self.assertLess(one["min"], one["max"])
                self.assertIn(one["perspective"], ("client", "therapist", "observer"))
                self.assertIn(one["usable"], ("all", "total", "none"))
                self.assertIn(one["score"], ("sum", "mean", "weighted"))
                self.assertIn(one["verification"], ("verified", "single-source"), "what is unverified does not score")
                self.assertTrue(set(one["reversed"]) <= items)
                self.assertEqual(one["reversed"], sorted(set(one["reversed"])))
                for listed in one["subscales"].values():
                    self.assertTrue(listed)
                    self.assertEqual(listed, sorted(set(listed)))
                    self.assertTrue(set(listed) <= items)
                self.assertTrue(one["sources"])
                self.assertTrue(all(source.strip() for source in one["sources"]))
                self.assertTrue(one["licence"].strip())

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
            self.assertEqual((number(row["n_items"]), number(row["min"]), number(row["max"])),
                             (one["n_items"], one["min"], one["max"]))

    def test_text(self):
        text = self.succeed("instruments").out
        for one in self.all:
            line = next(line for line in text.splitlines() if line.split()[:1] == [one["id"]])
            for part in (one["name"], str(one["n_items"]), one["licence"], one["verification"], *one["subscales"]):
                self.assertIn(part, line)


if __name__ == "__main__":
    main()

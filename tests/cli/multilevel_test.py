#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport multilevel`: reliability of repeated measures from mean squares in plain Python, and what it refuses."""
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import MAYBE, NUMBER, WRONG_CALL, WRONG_DATA, ProgramTest, main, number  # noqa: E402

NAMES = ("R1F", "RkF", "R1R", "RkR", "Rc", "RkRn", "Rcn", "omega_within", "omega_between", "alpha_within",
         "alpha_between")
SHAPE = {**{name: MAYBE for name in NAMES}, "variance": {"nested": {"id": NUMBER, "time": NUMBER, "residual": NUMBER}},
         "warnings": [str]}
CLOSED_FORM = 1e-10  # sums of a few thousand squares, and differences of mean squares


def components(cell, n, k, m):
    """Variances of a complete table cell[client][session][item], by expected mean squares."""
    def mean(i=None, t=None, j=None):
        values = [cell[a][b][c] for a in (range(n) if i is None else [i]) for b in (range(k) if t is None else [t])
                  for c in (range(m) if j is None else [j])]
        return math.fsum(values) / len(values)
    grand = mean()
    a = [mean(i=i) - grand for i in range(n)]
    b = [mean(t=t) - grand for t in range(k)]
    c = [mean(j=j) - grand for j in range(m)]
    ab = [[mean(i=i, t=t) - grand - a[i] - b[t] for t in range(k)] for i in range(n)]
    ac = [[mean(i=i, j=j) - grand - a[i] - c[j] for j in range(m)] for i in range(n)]
    bc = [[mean(t=t, j=j) - grand - b[t] - c[j] for j in range(m)] for t in range(k)]
    rest = [cell[i][t][j] - grand - a[i] - b[t] - c[j] - ab[i][t] - ac[i][j] - bc[t][j]
            for i in range(n) for t in range(k) for j in range(m)]

    def squares(values):
        return math.fsum(x * x for x in values)
    e = squares(rest) / ((n - 1) * (k - 1) * (m - 1))
    ms_ab = m * squares(x for row in ab for x in row) / ((n - 1) * (k - 1))
    ms_ac = k * squares(x for row in ac for x in row) / ((n - 1) * (m - 1))
    ms_bc = n * squares(x for row in bc for x in row) / ((k - 1) * (m - 1))
    ms_a = k * m * squares(a) / (n - 1)
    ms_b = n * m * squares(b) / (k - 1)
    return {"id": (ms_a - ms_ab - ms_ac + e) / (k * m), "time": (ms_b - ms_ab - ms_bc + e) / (n * m),
            "id_time": (ms_ab - e) / m, "id_item": (ms_ac - e) / k, "residual": e}


class Multilevel(ProgramTest):
    def sessions(self, n, k, m, seed=1):
        source = random.Random(seed)
        cell = []
        for _ in range(n):
            level = source.gauss(0, 1)
            own = [source.gauss(0, 0.4) for _ in range(m)]
            cell.append([])
            for _ in range(k):
                state = source.gauss(0, 0.7)
                cell[-1].append([round(3 + level + state + own[j] + source.gauss(0, 0.9), 3) for j in range(m)])
        return cell

    def rows(self, cell):
        return [[f"c{i}", t + 1, *items] for i, client in enumerate(cell) for t, items in enumerate(client)]

    def call(self, rows, *options):
        header = ["id", "session", *(f"q{j + 1}" for j in range(len(rows[0]) - 2))]
        return ["multilevel", "--in", self.table(rows, header), "--id", "id", "--time", "session", "--items", "q*",
                *options]

    def test_complete(self):
        n, k, m = 20, 5, 4
        cell = self.sessions(n, k, m)
        found = self.json(*self.call(self.rows(cell)))
        self.has_shape(found, SHAPE)
        v = components(cell, n, k, m)
        for name, value in v.items():
            self.close(found["variance"][name], value, CLOSED_FORM, name, floor=0.01)
        stable = v["id"] + v["id_item"] / m
        e = v["residual"]
        wanted = {"R1F": stable / (stable + e / m), "RkF": stable / (stable + e / (k * m)),
                  "R1R": stable / (stable + v["time"] + v["id_time"] + e / m),
                  "RkR": stable / (stable + (v["time"] + v["id_time"]) / k + e / (k * m)),
                  "Rc": v["id_time"] / (v["id_time"] + e / m)}
        for name, value in wanted.items():
            self.close(found[name], value, CLOSED_FORM, name)
            low, high = found["ci"][name]
            self.assertTrue(low < found[name] < high < 1)
        nested = found["variance"]["nested"]
        self.close(found["Rcn"], nested["time"] / (nested["time"] + nested["residual"] / m), CLOSED_FORM)
        # Balanced: the nested variances are those of mean squares too.
        within = [x - sum(items) / m for client in cell for items in client for x in items]
        self.close(nested["residual"], math.fsum(x * x for x in within) / (n * k * (m - 1)), 1e-7)
        self.assertTrue(0 < found["omega_within"] < 1 and 0 < found["omega_between"] < 1)

    def test_unequal_sessions_in_any_order(self):
        rows = self.rows(self.sessions(15, 6, 3))
        source = random.Random(3)
        rows = [row for row in rows if source.random() > 0.2]
        rows[4][3] = None
        found = self.json(*self.call(rows))
        self.assertIsNone(found["Rc"])
        self.assertIsNotNone(found["Rcn"])
        self.assertTrue(any("crossed" in note for note in found["notes"]))
        self.assertEqual(found["n_incomplete"], 1)
        source.shuffle(rows)
        self.assertEqual(self.json(*self.call(rows)), found)

    def test_csv_and_text(self):
        call = self.call(self.rows(self.sessions(12, 4, 3)))
        found = self.json(*call)
        table = self.succeed(*call, "--format", "csv").csv()
        self.assertEqual({row["coefficient"] for row in table}, set(found["ci"]))
        for row in table:
            self.assertEqual(number(row["estimate"]), found[row["coefficient"]])
        self.assertIn(f"{found['Rc']:.3f}", self.succeed(*call).out)

    def test_refusals(self):
        rows = self.rows(self.sessions(6, 3, 3))
        self.refuse(WRONG_DATA, *self.call([*rows, rows[0]]), says="two rows")
        self.refuse(WRONG_DATA, *self.call([["", 1, 1, 2, 3], *rows]), says="no client")
        self.refuse(WRONG_CALL, *self.call(rows, "--level", "1"), says="--level")
        one = self.give_up(*self.call(rows[:3]), says="too few clients")
        self.assertIsNone(one["Rcn"])
        pair = self.give_up(*self.call([row[:4] for row in rows]), says="three items")
        self.assertIsNone(pair["omega_within"])
        self.assertIsNotNone(pair["alpha_within"])


if __name__ == "__main__":
    main()

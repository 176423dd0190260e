#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""`rapport growth`: likelihood, optimum, degrees of freedom and clients' curves recomputed with dense matrices."""
import datetime
import itertools
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import naive  # noqa: E402
from program import MAYBE, NONE, NUMBER, ProgramTest, main, number  # noqa: E402

SHAPE = {
    "n_obs": int, "n_clients": int, "n_therapists": int, "method": str, "converged": bool, "gradient_norm": NUMBER,
    "singular": bool,
    "log_likelihood": NUMBER, "criterion": NUMBER, "aic": NUMBER, "bic_n_obs": NUMBER, "bic_n_clients": NUMBER,
    "fixed": [{"name": str, "estimate": NUMBER, "se": NUMBER, "df": MAYBE, "t": NUMBER, "p": NUMBER, "ci": [NUMBER]}],
    "fixed_covariance": [[NUMBER]], "random": {"client": {"sd": dict, "corr": [[MAYBE]]}},
    "residual": {"sd": NUMBER, "phi": (float, NONE)},
    "r2": {"marginal": NUMBER, "conditional": NUMBER}, "icc": NUMBER,
    "clients": [{"id": str, "n": int, "coefficients": dict, "se": dict, "ols": dict}], "warnings": [str],
}
# Dense solves of small, well-conditioned systems in double precision on both sides.
DENSE = 1e-9
# Second differences, extrapolated after Richardson; where a correlation is near its bound they are good to a few 1e-6.
NUMERIC_DERIVATIVES = 1e-5
DEGREE = {"intercept": 0, "linear": 1, "quadratic": 2, "cubic": 3}


class DenseModel:
    """A linear mixed model, one dense covariance matrix per client; scores are lists of (id, times, scores)."""

    def __init__(self, clients, degree, n_random, center, method):
        self.method = method
        self.ids = [client for client, _, _ in clients]
        self.x = [[[(t - center) ** j for j in range(degree + 1)] for t in times] for _, times, _ in clients]
        self.z = [[row[:n_random] for row in rows] for rows in self.x]
        self.y = [scores for _, _, scores in clients]
        self.n = sum(map(len, self.y))
        self.p = degree + 1
        self.q = n_random

    def solve(self, g, residual_var):
        """Factors of V, (X'V^-1X)^-1 and beta."""
        factors = []
        information = [[0.0] * self.p for _ in range(self.p)]
        right = [0.0] * self.p
        for x, z, y in zip(self.x, self.z, self.y):
            v = naive.multiply(naive.multiply(z, g), naive.transpose(z))
            for i in range(len(y)):
                v[i][i] += residual_var
            lower = naive.cholesky(v)
            factors.append(lower)
            solved = [naive.cholesky_solve(lower, column) for column in naive.transpose(x)]  # V^-1 X, by columns
            for j in range(self.p):
                right[j] += naive.dot(solved[j], y)
                for k in range(self.p):
                    information[j][k] += naive.dot(solved[j], [row[k] for row in x])
        covariance = naive.inverse(information)
        return factors, covariance, naive.times(covariance, right)

    def criterion(self, g, residual_var):
        factors, covariance, beta = self.solve(g, residual_var)
        value = 0.0
        for x, y, lower in zip(self.x, self.y, factors):
            r = [a - naive.dot(row, beta) for row, a in zip(x, y)]
            value += naive.log_determinant(lower) + naive.dot(r, naive.cholesky_solve(lower, r))
        if self.method == "ml":
            return value + self.n * math.log(2 * math.pi)
        return value - naive.log_determinant(naive.cholesky(covariance)) + (self.n - self.p) * math.log(2 * math.pi)

    def client_curves(self, g, residual_var):
        """Empirical-Bayes coefficients and their standard errors, beta being estimated."""
        factors, covariance, beta = self.solve(g, residual_var)
        out = []
        for x, z, y, lower in zip(self.x, self.z, self.y, factors):
            r = [a - naive.dot(row, beta) for row, a in zip(x, y)]
            z_columns = naive.transpose(z)
            inverse_z = [naive.cholesky_solve(lower, column) for column in z_columns]
            b = naive.times(g, [naive.dot(column, r) for column in inverse_z])
            zvz = [[naive.dot(a, c) for c in z_columns] for a in inverse_z]
            zvx = [[naive.dot(a, c) for c in naive.transpose(x)] for a in inverse_z]
            zpz = [[zvz[i][j] - naive.dot(naive.times(covariance, zvx[i]), zvx[j]) for j in range(self.q)]
                   for i in range(self.q)]
            gzpzg = naive.multiply(naive.multiply(g, zpz), g)
            cross = naive.multiply(covariance, naive.transpose(naive.multiply(g, zvx)))  # minus Cov(beta, b)
            variance = [covariance[j][j] + (g[j][j] - gzpzg[j][j] - 2 * cross[j][j] if j < self.q else 0)
                        for j in range(self.p)]
            out.append(([beta[j] + (b[j] if j < self.q else 0) for j in range(self.p)],
                        [math.sqrt(v) for v in variance]))
        return out

    def satterthwaite(self, g, residual_var, correlated):
        """Degrees of freedom of each coefficient by numerical derivatives in G and the residual variance."""
        entries = [(i, j) for i in range(self.q) for j in range(i + 1) if correlated or i == j]
        scale = [math.sqrt(g[i][i] * g[j][j]) for i, j in entries] + [residual_var]

        def at(shift):
            moved = [list(row) for row in g]
            for (i, j), by in zip(entries, shift):
                moved[i][j] += by
                if i != j:
                    moved[j][i] += by
            return moved, residual_var + shift[-1]

        def along(directions, function, h):
            """Mixed central difference of a function along one or two directions."""
            total = None
            for signs in itertools.product((1, -1), repeat=len(directions)):
                shift = [0.0] * len(scale)
                for sign, a in zip(signs, directions):
                    shift[a] += sign * h * scale[a]
                value = [math.prod(signs) * each for each in function(shift)]
                total = value if total is None else [x + y for x, y in zip(total, value)]
            return [each / (2 * h) ** len(directions) for each in total]

        def derivative(directions, function, h=0.004):
            coarse, fine = along(directions, function, h), along(directions, function, h / 2)
            return [(4 * b - a) / 3 for a, b in zip(coarse, fine)]

        def deviance(shift):
            return [self.criterion(*at(shift))]

        def variances(shift):
            covariance = self.solve(*at(shift))[1]
            return [covariance[j][j] for j in range(self.p)]
        m = len(scale)
        hessian = [[0.0] * m for _ in range(m)]
        for a in range(m):
            for b in range(a + 1):
                hessian[a][b] = hessian[b][a] = derivative((a, b), deviance)[0]
        slopes = [derivative((a,), variances) for a in range(m)]
        a_matrix = [[2 * each for each in row] for row in naive.inverse(hessian)]
        v = variances([0.0] * m)
        out = []
        for j in range(self.p):
            slope = [slopes[a][j] for a in range(m)]
            out.append(2 * v[j] ** 2 / naive.dot(slope, naive.times(a_matrix, slope)))
        return out


def simulated(n_clients=14, seed=1, slope_sd=1.2, level_sd=6.0, error_sd=3.0, curve=(40.0, 0.8), sessions=10,
              missing=0.2):
    """Long rows, some sessions without a row, some without a score; and the same by client."""
    random_numbers = random.Random(seed)
    rows = []
    clients = []
    for c in range(1, n_clients + 1):
        level = random_numbers.gauss(0, level_sd)
        slope = 0.3 * level / level_sd * slope_sd + random_numbers.gauss(0, slope_sd)
        times, scores = [], []
        for t in range(1, random_numbers.randint(5, sessions) + 1):
            y = round(sum(b * t ** j for j, b in enumerate(curve)) + level + slope * t
                      + random_numbers.gauss(0, error_sd), 2)
            kind = random_numbers.random()
            if kind < missing / 2:
                continue
            rows.append([f"c{c}", t, None if kind < missing else y])
            if kind >= missing:
                times.append(t)
                scores.append(y)
        if times:
            clients.append((f"c{c}", times, scores))
    clients.sort(key=lambda client: client[0])  # words are ordered byte by byte
    return rows, clients


class Growth(ProgramTest):

    def fit(self, rows, *options, names=("client", "session", "score")):
        path = self.table(rows, names)
        self.call = ["growth", "--in", path, "--id", names[0], "--time", names[1], "--y", names[2], *options]
        return self.json(*self.call)

    def covariance(self, found):
        sd = list(found["random"]["client"]["sd"].values())
        corr = found["random"]["client"]["corr"]
        return [[sd[i] * sd[j] * (corr[i][j] if corr[i][j] is not None else 0) for j in range(len(sd))]
                for i in range(len(sd))]

    def check(self, found, clients, shape, random_part, method, center):
        degree = DEGREE[shape]
        n_random = {"intercept": 1, "slope": 2, "slope-uncorrelated": 2, "all": degree + 1}[random_part]
        model = DenseModel(clients, degree, n_random, center, method)
        g = self.covariance(found)
        residual_var = found["residual"]["sd"] ** 2
        correlated = random_part != "slope-uncorrelated"

        self.has_shape(found, SHAPE)
        self.assertTrue(found["converged"])
        self.assertFalse(found["singular"])
        self.assertLess(found["gradient_norm"], 1e-6)
        self.assertEqual((found["n_obs"], found["n_clients"], found["method"]), (model.n, len(clients), method))
        names = ["(Intercept)", "session", "session^2", "session^3"][:degree + 1]
        self.assertEqual([each["name"] for each in found["fixed"]], names)
        self.assertEqual(list(found["random"]["client"]["sd"]), names[:n_random])

        # The criterion at the reported parameters, and what follows from it.
        criterion = model.criterion(g, residual_var)
        self.close(found["criterion"], criterion, 1e-11, "criterion")
        self.close(found["log_likelihood"], -criterion / 2, 1e-11, "log-likelihood")
        n_parameters = degree + 1 + (n_random * (n_random + 1) // 2 if correlated else n_random) + 1
        self.close(found["aic"], criterion + 2 * n_parameters, 1e-11, "AIC")
        self.close(found["bic_n_obs"], criterion + math.log(model.n) * n_parameters, 1e-11, "BIC")
        self.close(found["bic_n_clients"], criterion + math.log(len(clients)) * n_parameters, 1e-11, "BIC of clients")

        # It is stationary: the vertex of a parabola through three points lies at the reported parameter.
        entries = [(i, j) for i in range(n_random) for j in range(i + 1) if correlated or i == j]
        h = 1e-4
        for entry in [*entries, None]:
            def moved(by):
                shifted = [list(row) for row in g]
                if entry is None:
                    return model.criterion(shifted, residual_var * (1 + by))
                i, j = entry
                shifted[i][j] += by * math.sqrt(g[i][i] * g[j][j])
                shifted[j][i] = shifted[i][j]
                return model.criterion(shifted, residual_var)
            below, above = moved(-h), moved(h)
            curvature = below + above - 2 * criterion
            self.assertGreater(curvature, 0, f"a minimum along {entry}")
            # h^2 = 1e-8 is what the third derivative does to a parabola; rounding of the criterion does less.
            self.assertLess(abs(h * (below - above) / (2 * curvature)), 1e-6, f"stationary along {entry}")

        # Fixed effects.
        _, covariance, beta = model.solve(g, residual_var)
        self.all_close(found["fixed_covariance"], covariance, DENSE, "covariance of the fixed effects",
                       floor=max(map(max, covariance)) * 1e-3)
        df = model.satterthwaite(g, residual_var, correlated)
        for j, each in enumerate(found["fixed"]):
            self.close(each["estimate"], beta[j], DENSE, each["name"])
            self.close(each["se"], math.sqrt(covariance[j][j]), DENSE, f"SE of {each['name']}")
            self.close(each["t"], each["estimate"] / each["se"], 1e-14, "t")
            self.close(each["df"], df[j], NUMERIC_DERIVATIVES, f"df of {each['name']}")
            self.close(each["p"], naive.t_two_sided(each["t"], each["df"]), 1e-9, "p")
            half = naive.t_quantile(0.975, each["df"]) * each["se"]
            self.all_close(each["ci"], [each["estimate"] - half, each["estimate"] + half], 1e-10, "interval",
                           floor=half)

        # Variance explained.
        fitted = [naive.dot(row, beta) for x in model.x for row in x]
        fixed_var = naive.sd(fitted) ** 2
        random_var = naive.mean([naive.dot(row, naive.times(g, row)) for z in model.z for row in z])
        everything = fixed_var + random_var + residual_var
        self.close(found["r2"]["marginal"], fixed_var / everything, DENSE, "marginal R2", floor=1e-6)
        self.close(found["r2"]["conditional"], (fixed_var + random_var) / everything, DENSE, "conditional R2")
        self.close(found["icc"], random_var / (random_var + residual_var), DENSE, "ICC")

        # Clients.
        self.assertEqual([(each["id"], each["n"]) for each in found["clients"]],
                         [(client, len(times)) for client, times, _ in clients])
        for each, (coefficients, errors), x, y in zip(found["clients"], model.client_curves(g, residual_var), model.x,
                                                      model.y):
            self.assertEqual(list(each["coefficients"]), names)
            self.all_close(list(each["coefficients"].values()), coefficients, DENSE, f"curve of {each['id']}",
                           floor=1e-3)
            self.all_close(list(each["se"].values()), errors, DENSE, f"SE of {each['id']}")
            columns = naive.transpose(x)
            if len(y) > degree:
                normal = [[naive.dot(a, b) for b in columns] for a in columns]
                ols = naive.times(naive.inverse(normal), [naive.dot(a, y) for a in columns])
                self.all_close(list(each["ols"].values()), ols, DENSE, f"least squares of {each['id']}", floor=1e-3)
            else:
                self.assertEqual(each["ols"], {}, "too few scores for least squares")

    def test_models(self):
        cases = [("linear", "slope", "reml", 0), ("linear", "slope", "ml", 3), ("linear", "intercept", "reml", 0),
                 ("linear", "intercept", "ml", 0), ("linear", "slope-uncorrelated", "reml", 4),
                 ("linear", "slope-uncorrelated", "ml", 4),
                 ("intercept", "intercept", "reml", 0), ("intercept", "intercept", "ml", 0),
                 ("quadratic", "slope", "reml", 5),
                 ("quadratic", "intercept", "ml", 5), ("cubic", "slope", "reml", 5), ("linear", "all", "reml", 2)]
        for i, (shape, random_part, method, center) in enumerate(cases):
            rows, clients = simulated(seed=20 + i)
            with self.subTest(shape=shape, random=random_part, method=method):
                found = self.fit(rows, "--shape", shape, "--random", random_part, "--method", method, "--center",
                                 center)
                self.check(found, clients, shape, random_part, method, center)

    def test_every_term_random(self):
        random_numbers = random.Random(6)
        rows, clients = [], []
        for c in range(40):
            b = [random_numbers.gauss(0, s) for s in (5, 1.0, 0.3)]
            times = list(range(1, 11))
            scores = [round(40 + b[0] + (0.5 + b[1]) * (t - 5) + (0.1 + b[2]) * (t - 5) ** 2
                            + random_numbers.gauss(0, 2), 2) for t in times]
            clients.append((f"c{c:02}", times, scores))
            rows += [[f"c{c:02}", t, y] for t, y in zip(times, scores)]
        found = self.fit(rows, "--shape", "quadratic", "--random", "all", "--center", 5)
        self.check(found, clients, "quadratic", "all", "reml", 5)

    def test_defaults(self):
        rows, _ = simulated()
        found = self.fit(rows)
        spelled_out = self.fit(rows, "--shape", "linear", "--random", "slope", "--method", "reml", "--center", 0,
                               "--df", "satterthwaite",
                               "--ci", "wald", "--level", 0.95)
        self.assertEqual(found, spelled_out)
        level_alone = self.fit(rows, "--shape", "intercept")
        self.assertEqual(level_alone, self.fit(rows, "--shape", "intercept", "--random", "intercept"))

    def test_normal_distribution_instead_of_t(self):
        rows, _ = simulated()
        with_t = self.fit(rows)
        found = self.fit(rows, "--df", "none")
        for plain, each in zip(found["fixed"], with_t["fixed"]):
            self.assertIsNone(plain["df"])
            self.assertEqual((plain["estimate"], plain["se"], plain["t"]), (each["estimate"], each["se"], each["t"]))
            self.close(plain["p"], 2 * naive.normal_upper(abs(plain["t"])), 1e-10, "p")
            half = naive.normal_quantile(0.975) * plain["se"]
            self.all_close(plain["ci"], [plain["estimate"] - half, plain["estimate"] + half], 1e-12, "interval",
                           floor=half)

    def test_level(self):
        rows, _ = simulated()
        for level in (0.5, 0.9, 0.99):
            for each in self.fit(rows, "--level", level)["fixed"]:
                half = naive.t_quantile((1 + level) / 2, each["df"]) * each["se"]
                self.all_close(each["ci"], [each["estimate"] - half, each["estimate"] + half], 1e-10, "interval",
                               floor=half)
            self.assertIn(f"{100 * level:g} % interval", self.succeed(*self.call).out)

    def test_profile_intervals_end_where_the_deviance_says(self):
        rows, clients = simulated(seed=21)
        wald = self.fit(rows, "--method", "ml")
        found = self.fit(rows, "--ci", "profile")
        self.assertEqual(found["ci_method"], "profile")
        # Without the term for time, scores less an end of its interval times time: the deviance is a quantile higher.
        for end in found["fixed"][1]["ci"]:
            moved = [[c, t, None if y is None else y - end * t] for c, t, y in rows]
            restricted = self.fit(moved, "--method", "ml", "--shape", "intercept", "--random", "intercept")
            # Clients' slopes belong to both models, so only the intercept model can be asked for by itself.
            self.assertGreater(restricted["criterion"] - wald["criterion"], 3.84)
            self.assertLess(abs(end - found["fixed"][1]["estimate"]), 5 * found["fixed"][1]["se"])
        level = self.fit(rows, "--ci", "profile", "--random", "intercept")
        free = self.fit(rows, "--random", "intercept", "--method", "ml")
        for end in level["fixed"][1]["ci"]:
            moved = [[c, t, None if y is None else y - end * t] for c, t, y in rows]
            restricted = self.fit(moved, "--method", "ml", "--shape", "intercept")
            self.close(restricted["criterion"] - free["criterion"], 3.841458820694124, 1e-7, "rise of the deviance")

    def test_bootstrap_intervals_are_reproducible(self):
        rows, _ = simulated(seed=22)
        options = ("--ci", "bootstrap", "--bootstrap", 200, "--seed", 5)
        one = self.fit(rows, *options, "--threads", 1)
        two = self.fit(rows, *options, "--threads", 2)
        self.assertEqual(one, two)
        other = self.fit(rows, "--ci", "bootstrap", "--bootstrap", 200, "--seed", 6)
        wald = self.fit(rows)
        for a, b, c in zip(one["fixed"], other["fixed"], wald["fixed"]):
            self.assertNotEqual(a["ci"], b["ci"])
            half = (c["ci"][1] - c["ci"][0]) / 2
            for end, known in zip(a["ci"], c["ci"]):
                self.assertLess(abs(end - known), 0.5 * half)

    def test_the_origin_and_the_unit_of_time_do_not_matter(self):
        rows, _ = simulated(seed=8)
        here = self.fit(rows)
        for center in (1, 7.5, -3, 100):
            there = self.fit(rows, "--center", center)
            # The same likelihood surface in other coordinates; 100 is far outside the data.
            self.close(there["criterion"], here["criterion"], 1e-10, f"criterion at {center}")
            self.close(there["fixed"][1]["estimate"], here["fixed"][1]["estimate"], 1e-7, "slope")
            self.close(there["fixed"][0]["estimate"],
                       here["fixed"][0]["estimate"] + center * here["fixed"][1]["estimate"], 1e-7, "level")
            self.close(there["residual"]["sd"], here["residual"]["sd"], 1e-7, "residual")
            for one, other in zip(there["clients"], here["clients"]):
                self.close(one["coefficients"]["session"], other["coefficients"]["session"], 1e-6, "client's slope",
                           floor=1e-3)
        weeks = self.fit([[c, 7 * t, y] for c, t, y in rows])
        # (X'V^-1X) of REML contains the unit once per slope.
        self.close(weeks["criterion"], here["criterion"] + 2 * math.log(7), 1e-10, "criterion in days")
        self.close(7 * weeks["fixed"][1]["estimate"], here["fixed"][1]["estimate"], 1e-8, "slope in days")
        far = self.fit([[c, t, None if y is None else y + 1e6] for c, t, y in rows])
        # Scores of a million in steps of a hundredth keep eight digits less of what differs.
        self.close(far["criterion"], here["criterion"], 1e-8, "criterion of large scores")
        self.close(far["fixed"][0]["estimate"], here["fixed"][0]["estimate"] + 1e6, 1e-12, "level of large scores")

    def test_boundaries(self):
        """No variance between clients: said, and no legal covariance matrix does better."""
        random_numbers = random.Random(11)
        rows, clients = [], []
        for c in range(12):
            noise = [random_numbers.gauss(0, 2) for _ in range(6)]
            scores = [round(30 + 0.5 * t + e - naive.mean(noise), 3) for t, e in zip(range(1, 7), noise)]
            clients.append((f"c{c:02}", list(range(1, 7)), scores))
            rows += [[f"c{c:02}", t, y] for t, y in zip(range(1, 7), scores)]
        for random_part, n_random in (("intercept", 1), ("slope-uncorrelated", 2), ("slope", 2)):
            found = self.fit(rows, "--random", random_part)
            with self.subTest(random_part):
                self.assertTrue(found["converged"] and found["singular"])
                self.assertIn("boundary", found["report"])
                g = self.covariance(found)
                residual_var = found["residual"]["sd"] ** 2
                model = DenseModel(clients, 1, n_random, 0, "reml")
                at_optimum = model.criterion(g, residual_var)
                self.close(found["criterion"], at_optimum, 1e-10, "criterion")
                for _ in range(40):
                    v = [random_numbers.gauss(0, 1) for _ in range(n_random)]
                    if random_part == "slope-uncorrelated":
                        v[random_numbers.randrange(2)] = 0.0
                    size = 10 ** random_numbers.uniform(-6, 1)
                    other = [[g[i][j] + size * v[i] * v[j] for j in range(n_random)] for i in range(n_random)]
                    change = 1 + random_numbers.choice((0, 0.01, -0.01)) * size
                    # 1e-9 of a criterion of some hundreds is rounding.
                    self.assertGreater(model.criterion(other, residual_var * max(change, 0.1)), at_optimum - 1e-9)

    def test_dates(self):
        rows, _ = simulated(seed=13)
        first = {}
        for client, t, _ in rows:
            first[client] = min(first.get(client, t), t)
        begin = datetime.date(2026, 2, 20)
        dated = [[c, (begin + datetime.timedelta(days=int(c[1:]) + 7 * t)).isoformat(), y] for c, t, y in rows]
        counted = [[c, 7 * (t - first[c]), y] for c, t, y in rows]
        self.assertEqual(self.fit(dated), self.fit(counted))

    def test_clients_without_scores_are_left_out(self):
        rows, clients = simulated(seed=14)
        more = rows + [["c0", t, None] for t in (1, 2, 3)]
        found = self.fit(more)
        self.assertEqual(found["n_clients"], len(clients))
        self.assertEqual(found, self.fit(rows))

    def test_one_score_of_a_client(self):
        rows, clients = simulated(seed=15)
        rows.append(["c99", 4, 55.5])
        clients.append(("c99", [4], [55.5]))
        self.check(self.fit(rows), clients, "linear", "slope", "reml", 0)

    def test_column_names_become_terms(self):
        rows, _ = simulated()
        found = self.fit(rows, names=("who", "week no", "WAI, total"))
        self.assertEqual([each["name"] for each in found["fixed"]], ["(Intercept)", "week no"])
        self.assertEqual(list(found["clients"][0]["coefficients"]), ["(Intercept)", "week no"])

    def test_csv_says_the_same(self):
        rows, _ = simulated()
        for options in ((), ("--shape", "quadratic", "--df", "none")):
            found = self.fit(rows, *options)
            table = self.succeed(*self.call, "--format", "csv").csv()
            self.assertEqual([row["name"] for row in table], [each["name"] for each in found["fixed"]])
            for cells, each in zip(table, found["fixed"]):
                for key in ("estimate", "se", "df", "t", "p"):
                    self.assertEqual(number(cells[key]), each[key])
                self.assertEqual([number(cells["lower"]), number(cells["upper"])], each["ci"])

    def test_text_for_people(self):
        rows, _ = simulated()
        found = self.fit(rows)
        text = self.succeed(*self.call).out
        for part in ("restricted maximum likelihood", "14 clients", "(Intercept)", "session",
                     f"{found['fixed'][1]['estimate']:.4f}",
                     "Satterthwaite", "95 % interval", "optimum certified", f"{found['residual']['sd']:.4f}",
                     f"{found['icc']:.3f}"):
            self.assertIn(part, text)
        self.assertNotIn("Satterthwaite", self.succeed(*self.call, "--df", "none").out)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSL-1.0
"""Deliberately naive statistics in plain Python: the second formula that guards the clever one.

Matrices are lists of rows. Nothing here is fast, and nothing here is shared with the library.
"""
import math


# --- matrices -------------------------------------------------------------------------------------------------------

def transpose(a):
    return [list(column) for column in zip(*a)]


def multiply(a, b):
    columns = transpose(b)
    return [[math.fsum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def times(a, v):
    return [math.fsum(x * y for x, y in zip(row, v)) for row in a]


def dot(u, v):
    return math.fsum(x * y for x, y in zip(u, v))


def identity(n):
    return [[1.0 if i == j else 0.0 for j in range(n)] for i in range(n)]


def cholesky(a):
    """L with a = L L'; raises ValueError if the matrix is not positive definite."""
    n = len(a)
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i][j] - math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j:
                if rest <= 0:
                    raise ValueError("not positive definite")
                lower[i][i] = math.sqrt(rest)
            else:
                lower[i][j] = rest / lower[j][j]
    return lower


def cholesky_solve(lower, v):
    n = len(lower)
    y = [0.0] * n
    for i in range(n):
        y[i] = (v[i] - math.fsum(lower[i][k] * y[k] for k in range(i))) / lower[i][i]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (y[i] - math.fsum(lower[k][i] * x[k] for k in range(i + 1, n))) / lower[i][i]
    return x


def log_determinant(lower):
    return 2 * math.fsum(math.log(lower[i][i]) for i in range(len(lower)))


def inverse(a):
    """By Gauss and Jordan with row exchanges, for symmetric matrices that need not be positive definite."""
    n = len(a)
    work = [list(row) + unit for row, unit in zip(a, identity(n))]
    for j in range(n):
        pivot = max(range(j, n), key=lambda i: abs(work[i][j]))
        work[j], work[pivot] = work[pivot], work[j]
        scale = work[j][j]
        work[j] = [x / scale for x in work[j]]
        for i in range(n):
            if i != j and work[i][j] != 0:
                factor = work[i][j]
                work[i] = [x - factor * y for x, y in zip(work[i], work[j])]
    return [row[n:] for row in work]


# --- samples --------------------------------------------------------------------------------------------------------

def mean(x):
    return math.fsum(x) / len(x)


def sd(x):
    centre = mean(x)
    return math.sqrt(math.fsum((each - centre) ** 2 for each in x) / (len(x) - 1))


def covariance(x, y):
    """Of the pairs of which both are there; divisor n - 1."""
    pairs = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    mean_x = mean([a for a, _ in pairs])
    mean_y = mean([b for _, b in pairs])
    return math.fsum((a - mean_x) * (b - mean_y) for a, b in pairs) / (len(pairs) - 1)


def correlation(x, y):
    pairs = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    x = [a for a, _ in pairs]
    y = [b for _, b in pairs]
    return covariance(x, y) / (sd(x) * sd(y))


# --- distributions --------------------------------------------------------------------------------------------------

def beta_ratio(a, b, x):
    """The regularized incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_ratio(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    fraction = d
    for m in range(1, 10000):
        for numerator in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                          -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * fraction


def quantile(distribution, p, low, high):
    """The x at which an increasing function reaches p, by bisection between bounds that are widened as needed."""
    while distribution(high) < p:
        high = 2 * high + 1
    while distribution(low) > p:
        low = 2 * low - 1
    for _ in range(200):
        middle = (low + high) / 2
        if distribution(middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def f_probability(x, df1, df2):
    return beta_ratio(df1 / 2, df2 / 2, df1 * x / (df1 * x + df2)) if x > 0 else 0.0


def f_quantile(p, df1, df2):
    return quantile(lambda x: f_probability(x, df1, df2), p, 0.0, 10.0)


def t_two_sided(t, df):
    return beta_ratio(df / 2, 0.5, df / (df + t * t))


def t_quantile(p, df):
    """For p of at least one half."""
    return quantile(lambda t: 1 - t_two_sided(t, df) / 2 if t > 0 else 0.0, p, 0.0, 10.0)


def normal_upper(z):
    return 0.5 * math.erfc(z / math.sqrt(2))


def normal_quantile(p):
    return quantile(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)), p, -10.0, 10.0)

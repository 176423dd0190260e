# SPDX-License-Identifier: BSL-1.0
"""Times MixedLM of statsmodels on linear growth with random intercept and slope. The answer is the REML criterion.

Called and answered as the R scripts beside it are; see common.R. The optimiser is L-BFGS: with its default chain of
optimisers MixedLM takes longer and ends no closer.
"""
import pathlib
import statistics
import sys
import time
import warnings

try:
    import numpy
    import pandas
    import statsmodels
    import statsmodels.api
except ImportError:
    sys.exit(77)

folder, tables, limit = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
warnings.filterwarnings("ignore")


def seconds_of(call):
    begun = time.thread_time()
    result = call()
    return time.thread_time() - begun, result


def fit(data):
    x = numpy.column_stack([numpy.ones(len(data)), data.session.to_numpy(float)])
    model = statsmodels.api.MixedLM(data.score.to_numpy(float), x, groups=data.client.to_numpy(), exog_re=x)
    return model.fit(reml=True, method="lbfgs")


def criterion(result):
    """-2 log-likelihood as lme4 has it: MixedLM leaves out log det(X'X), which depends on no parameter, with its sign."""
    return -2 * result.llf


lines = [line.split("\t") for line in (folder / tables).read_text().splitlines()]
rate = 0.0
for name, file in sorted(lines, key=lambda line: (folder / line[1]).stat().st_size):
    size = (folder / file).stat().st_size
    if rate * size > limit:
        continue
    data = pandas.read_csv(folder / file)
    first, result = seconds_of(lambda: fit(data))
    if first > limit:
        break
    seconds = statistics.median(seconds_of(lambda: fit(data))[0] for _ in range(5))
    rate = seconds / size
    print(name, f"statsmodels MixedLM {statsmodels.__version__}", f"{seconds:.6g}", repr(float(criterion(result))), sep="\t")

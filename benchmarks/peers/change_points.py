# SPDX-License-Identifier: BSL-1.0
"""Times PELT of the Python package ruptures on long series of steps. The answer is the number of changes.

Called and answered as the R scripts beside it are; see common.R.
"""
import math
import pathlib
import statistics
import sys
import time

try:
    import numpy
    import ruptures
except ImportError:
    sys.exit(77)

folder, tables, limit = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])


def seconds_of(call):
    begun = time.thread_time()
    result = call()
    return time.thread_time() - begun, result


rate = 0
lines = [line.split("\t") for line in (folder / tables).read_text().splitlines()]
for name, file in sorted(lines, key=lambda line: (folder / line[1]).stat().st_size):
    size = (folder / file).stat().st_size
    if rate * size > limit:
        continue
    y = numpy.loadtxt(folder / file, skiprows=1)
    call = lambda: ruptures.Pelt(model="l2", jump=1, min_size=1).fit_predict(y, pen=2 * math.log(len(y)))  # noqa: E731
    first, found = seconds_of(call)
    if first > limit:
        break
    seconds = statistics.median(seconds_of(call)[0] for _ in range(3))
    rate = seconds / size
    print(name, f"ruptures.Pelt, l2, jump 1 {ruptures.__version__ if hasattr(ruptures, '__version__') else ''}".strip(),
          f"{seconds:.6g}", len(found) - 1, sep="\t", flush=True)

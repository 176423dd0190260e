// SPDX-License-Identifier: BSL-1.0
// Every exact search against all segmentations of random series with ties; usage: PROGRAM [series], 100 000 by default.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "naive_segmentation.hpp"

int main(int argc, char** argv) {
  const long n_series = argc > 1 ? std::atol(argv[1]) : 100000;
  rapport::random_stream random(20240229);
  long failed = 0;
  for (long trial = 0; trial < n_series; ++trial) {
    const rapport::index n = 1 + random.below(12);
    const bool ties = trial % 2 == 0;
    std::vector<double> y;
    for (rapport::index t = 0; t < n; ++t) y.push_back(ties ? static_cast<double>(random.below(4)) : random.normal());
    if (rapport_test::naive_searches_agree(y, random)) continue;
    if (++failed <= 5) std::printf("series %ld differs\n", trial);
  }
  std::printf("%ld series, six costs each: %ld differ\n", n_series, failed);
  return failed == 0 ? 0 : 1;
}

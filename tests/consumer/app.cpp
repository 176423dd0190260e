// SPDX-License-Identifier: BSL-1.0
// A program of another project that uses the library: a score, and a covariance through Eigen.
#include <array>
#include <cstdio>

#include <rapport/scoring.hpp>
#include <rapport/stats/covariance.hpp>

int main() {
  const auto card = rapport::score(rapport::instruments::wai_sr_client, std::array{4, 5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5});
  Eigen::MatrixXd x(3, 2);
  x << 1, 2, 2, 4, 3, 6;
  const auto c = rapport::stats::covariance(x);
  const bool right = card && *card->total() == 50 && c && c->covariance(0, 1) == 2;
  std::puts(right ? "rapport works here" : "wrong numbers");
  return right ? 0 : 1;
}

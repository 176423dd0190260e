// SPDX-License-Identifier: BSL-1.0
// How many of double's digits alpha, omega, the intraclass correlations and covariances lose to rounding.
//
// usage: rounding [DATA SETS]     1000 random ones unless told otherwise; prints the table of docs/accuracy.md
//
// Each data set is a table of doubles. The same functions compute from it in double and in fifty digits; the difference,
// in units of double's rounding 2^-53 and relative to the larger of the value and one (a covariance: to the two standard
// deviations), has log10 digits. Exit status 1 if a random data set loses more than three digits; of omega,
// those count that its condition does not explain.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>

#include "rounding.hpp"

using big = boost::multiprecision::cpp_bin_float_50;

int main(int argc, char** argv) {
  const int n_random = argc > 1 ? std::atoi(argv[1]) : 1000;
  std::map<std::string, std::vector<double>> lost;
  for (int s = 0; s < n_random; ++s) {
    for (const auto& [quantity, digits] : rounding::digits_lost<big>(rounding::random_table(s)))
      lost[quantity].push_back(digits);
  }
  std::printf("| quantity | random data sets | median | 99 %% | most |\n|---|---|---|---|---|\n");
  bool good = true;
  for (auto& [quantity, digits] : lost) {
    std::sort(digits.begin(), digits.end());
    const auto at = [&](double share) { return digits[std::size_t(share * double(digits.size() - 1))]; };
    std::printf("| %s | %zu | %.1f | %.1f | %.1f |\n", quantity.c_str(), digits.size(), at(0.5), at(0.99), at(1));
    good = good && (quantity == "omega" || at(1) <= rounding::most_digits_lost);
  }
  std::printf("\n| nasty data set | covariance | alpha | omega | ICC |\n|---|---|---|---|---|\n");
  for (int kind = 0; kind < rounding::n_nasty; ++kind) {
    const auto digits = rounding::digits_lost<big>(rounding::nasty_table(kind));
    std::printf("| %s |", rounding::nasty_name(kind).c_str());
    for (const char* quantity : {"covariance", "alpha", "omega", "ICC"}) {
      const auto found = std::find_if(digits.begin(), digits.end(), [&](const auto& d) { return d.first == quantity; });
      found == digits.end() ? std::printf(" - |") : std::printf(" %.1f |", found->second);
    }
    std::printf("\n");
  }
  return good ? 0 : 1;
}

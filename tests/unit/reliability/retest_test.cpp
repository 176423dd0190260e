// SPDX-License-Identifier: BSL-1.0
// Test-retest reliability against formulas as written, and its intervals against simulated truth.
#include "rapport_test.hpp"

#include <rapport/reliability/retest.hpp>

#include <vector>

namespace {

using rapport::errc;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct twice {
  std::vector<double> first{};
  std::vector<double> second{};
};

twice measured(std::uint64_t seed, int n, double reliability, double shift = 0) {
  rapport::random_stream random(seed);
  twice out;
  for (int i = 0; i < n; ++i) {
    const double truth = std::sqrt(reliability) * random.normal();
    const double error = std::sqrt(1 - reliability);
    out.first.push_back(truth + error * random.normal());
    out.second.push_back(truth + error * random.normal() + shift);
  }
  return out;
}

}  // namespace

TEST_CASE("correlation, concordance and error by the formulas", "[retest]") {
  const auto x = measured(1, 40, 0.7, 0.5);
  const auto found = rapport::test_retest<double>(x.first, x.second).value();
  double m1 = 0;
  double m2 = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    m1 += x.first[i] / 40;
    m2 += x.second[i] / 40;
  }
  double s11 = 0;
  double s22 = 0;
  double s12 = 0;
  double sdd = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    s11 += std::pow(x.first[i] - m1, 2);
    s22 += std::pow(x.second[i] - m2, 2);
    s12 += (x.first[i] - m1) * (x.second[i] - m2);
    sdd += std::pow(x.second[i] - x.first[i] - (m2 - m1), 2);
  }
  const double r = s12 / std::sqrt(s11 * s22);
  CHECK_CLOSE(found.correlation.estimate, r, 1e-13);
  const double z = 1.959963984540054;
  CHECK_CLOSE(found.correlation.interval.lower, std::tanh(std::atanh(r) - z / std::sqrt(37)), 1e-13);
  CHECK_CLOSE(found.correlation.interval.upper, std::tanh(std::atanh(r) + z / std::sqrt(37)), 1e-13);
  CHECK_CLOSE(found.concordance.estimate, 2 * s12 / 40 / (s11 / 40 + s22 / 40 + std::pow(m2 - m1, 2)), 1e-13);
  CHECK(found.concordance.interval.contains(found.concordance.estimate));
  CHECK_CLOSE(found.standard_error_of_measurement, std::sqrt(s11 / 39) * std::sqrt(1 - r), 1e-13);
  CHECK_CLOSE(found.error_of_differences.estimate, std::sqrt(sdd / 39 / 2), 1e-13);
  CHECK_CLOSE(found.mean_change.estimate, m2 - m1, 1e-12);
  CHECK_CLOSE(*found.mean_change.standard_error, std::sqrt(sdd / 39 / 40), 1e-13);
  CHECK(found.n == 40);
}

TEST_CASE("intervals cover the truth as often as they should", "[retest]") {
  int r_covered = 0;
  int c_covered = 0;
  int error_covered = 0;
  constexpr int n_samples = 2000;
  const double reliability = 0.8;
  const double shift = 0.3;
  for (int s = 0; s < n_samples; ++s) {
    const auto x = measured(static_cast<std::uint64_t>(100 + s), 60, reliability, shift);
    const auto found = rapport::test_retest<double>(x.first, x.second).value();
    r_covered += found.correlation.interval.contains(reliability);
    c_covered += found.concordance.interval.contains(2 * reliability / (2 + shift * shift));
    error_covered += found.error_of_differences.interval.contains(std::sqrt(1 - reliability));
  }
  // 95 % of 2000 is 1900, standard error 9.7; five of them, and a little more for Fisher's approximations.
  CHECK(r_covered > 1845);
  CHECK(r_covered < 1955);
  CHECK(c_covered > 1830);
  CHECK(c_covered < 1960);
  CHECK(error_covered > 1851);
  CHECK(error_covered < 1949);
}

TEST_CASE("persons measured once are left out and counted", "[retest]") {
  auto x = measured(3, 30, 0.8);
  auto complete = x;
  complete.first.erase(complete.first.begin() + 4);
  complete.second.erase(complete.second.begin() + 4);
  x.second[4] = missing;
  const auto found = rapport::test_retest<double>(x.first, x.second).value();
  CHECK(found.n == 29);
  CHECK(found.n_incomplete == 1);
  CHECK_CLOSE(found.correlation.estimate,
              rapport::test_retest<double>(complete.first, complete.second)->correlation.estimate, 1e-14);
}

TEST_CASE("test-retest at its limits", "[retest]") {
  const std::vector<double> a = {1, 2, 3, 4, 5};
  const std::vector<double> shifted = {3, 4, 5, 6, 7};
  const auto same = rapport::test_retest<double>(a, a).value();
  CHECK(same.correlation.estimate == 1);
  CHECK(same.concordance.estimate == 1);
  CHECK(same.error_of_differences.estimate == 0);
  CHECK_FALSE(same.mean_change_p);
  CHECK_FALSE(same.correlation_p);
  CHECK(same.correlation.notes.size() == 1);
  const auto moved = rapport::test_retest<double>(a, shifted).value();
  CHECK(moved.correlation.estimate == 1);
  CHECK_CLOSE(moved.concordance.estimate, 4.0 / 8);
  const std::vector<double> three = {1, 2, 4};
  const auto few = rapport::test_retest<double>(three, std::vector<double>{2, 1, 4}).value();
  CHECK(few.correlation.interval.lower == -1);
  CHECK(few.correlation.interval.upper == 1);
  CHECK(few.correlation.notes.size() == 1);
  const std::vector<double> flat(5, 2.0);
  CHECK(rapport::test_retest<double>(a, flat).error().code == errc::zero_variance);
  CHECK(rapport::test_retest<double>(flat, a).error().code == errc::zero_variance);
  CHECK(rapport::test_retest<double>(a, three).error().code == errc::size_mismatch);
  CHECK(rapport::test_retest<double>(a, shifted, 2).error().code == errc::invalid_option);
  CHECK(rapport::test_retest<double>({}, {}).error().code == errc::too_few_rows);
}

// SPDX-License-Identifier: BSL-1.0
// Simple trends of one series: worked by hand, by counting, and where there is none.
#include "rapport_test.hpp"

#include <rapport/stats/trend.hpp>

namespace rp = rapport;

using namespace rapport::stats;

namespace {

using numbers = std::vector<double>;
const double missing = std::numeric_limits<double>::quiet_NaN();

template <class Function>
auto of(const Function& function, const numbers& time, const numbers& score) {
  return function(std::span<const double>(time), std::span<const double>(score));
}
const auto line = [](auto t, auto y) { return least_squares_trend_of<double>(t, y); };
const auto sen = [](auto t, auto y) { return theil_sen<double>(t, y); };
const auto kendall = [](auto t, auto y) { return mann_kendall<double>(t, y); };

}  // namespace

TEST_CASE("least squares of four points", "[trend]") {
  // Times 1 to 4, scores 1, 3, 2, 6: slope 7 / 5, intercept 3 - 1.4 * 2.5, squared residuals 4.2.
  const auto found = of(line, {1, 2, 3, 4}, {1, 3, 2, 6}).value();
  CHECK(found.n == 4);
  CHECK_CLOSE(found.slope, 1.4);
  CHECK_CLOSE(found.intercept, -0.5);
  CHECK_CLOSE(found.residual_sd, std::sqrt(4.2 / 2));
  CHECK_CLOSE(found.slope_se, std::sqrt(4.2 / 2 / 5));
  // With 2 degrees of freedom P(|T| > t) = 1 - t / sqrt(2 + t^2).
  const double t = found.slope / found.slope_se;
  CHECK_CLOSE(found.p, 1 - t / std::sqrt(2 + t * t), 1e-10);
  CHECK(found.interval.contains(1.4));
}

TEST_CASE("a line without error", "[trend]") {
  CHECK(of(line, {1, 2, 3}, {2, 4, 6})->p < 1e-10);
  const auto flat = of(line, {1, 2, 3}, {2, 2, 2}).value();
  CHECK(flat.slope == 0);
  CHECK(flat.p == 1);
  CHECK(of(sen, {1, 2, 3}, {2, 2, 2})->slope == 0);
  CHECK(of(sen, {1, 2, 3}, {2, 4, 6})->interval.lower == 2);
}

TEST_CASE("the median of slopes does not heed one wild score", "[trend]") {
  const auto found = of(sen, {1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 40, 5, 6, 7}).value();
  CHECK(found.slope == 1);
  CHECK(found.intercept == 0);
  CHECK(std::fabs(of(line, {1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 40, 5, 6, 7})->intercept) > 3);
}

TEST_CASE("rises and falls counted by hand", "[trend]") {
  // Pairs of 1, 3, 2, 2: three rises, two falls, one tie. Variance (4 3 13 - 2 1 9) / 18.
  const auto found = of(kendall, {1, 2, 3, 4}, {1, 3, 2, 2}).value();
  CHECK(found.s == 1);
  CHECK_CLOSE(found.variance, (156.0 - 18.0) / 18.0);
  CHECK(found.z == 0);
  CHECK_CLOSE(found.p, 1);
  CHECK_CLOSE(found.tau_a, 1.0 / 6);
  CHECK_CLOSE(found.tau_b, 1 / std::sqrt(30.0));
}

TEST_CASE("the order of rows, missing scores and the unit of time change what they should", "[trend]") {
  rapport::random_stream random(3);
  numbers time;
  numbers score;
  for (int i = 0; i < 15; ++i) {
    time.push_back(i + (i > 7 ? 2 : 0));
    score.push_back(0.3 * i + random.normal());
  }
  const auto l = of(line, time, score).value();
  const auto s = of(sen, time, score).value();
  const auto k = of(kendall, time, score).value();
  numbers weeks;
  numbers backwards(score.rbegin(), score.rend());
  for (const double t : numbers(time.rbegin(), time.rend())) weeks.push_back(t / 7 + 100);
  weeks.push_back(3);
  backwards.push_back(missing);
  CHECK_CLOSE(of(line, weeks, backwards)->slope, 7 * l.slope, 1e-9);
  CHECK_CLOSE(of(sen, weeks, backwards)->slope, 7 * s.slope, 1e-9);
  CHECK_CLOSE(of(sen, weeks, backwards)->interval.upper, 7 * s.interval.upper, 1e-9);
  CHECK(of(kendall, weeks, backwards)->s == k.s);
  CHECK(of(kendall, weeks, backwards)->n == 15);
  CHECK(s.interval.contains(s.slope));
}

TEST_CASE("the test of a trend holds its level", "[trend]") {
  // Of 2000 stable series of 12 scores, 5 % are called trends, within three standard errors and the correction's caution.
  rapport::random_stream random(4);
  int found = 0;
  const numbers time{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (int repeat = 0; repeat < 2000; ++repeat) {
    numbers score;
    for (int i = 0; i < 12; ++i) score.push_back(random.normal());
    found += of(kendall, time, score)->p < 0.05 ? 1 : 0;
  }
  CHECK(found < 130);
  CHECK(found > 60);
}

TEST_CASE("a series without a trend to speak of is refused", "[trend]") {
  CHECK(of(line, {1, 2}, {1, 2}).error().code == rp::errc::too_few_rows);
  CHECK(of(sen, {1, 2, 3}, {1, missing, 2}).error().code == rp::errc::too_few_rows);
  CHECK(of(kendall, {1, 1, 1}, {1, 2, 3}).error().code == rp::errc::zero_variance);
  CHECK(of(kendall, {1, 2, 3}, {4, 4, 4}).error().code == rp::errc::zero_variance);
  CHECK(of(line, {1, 2, 3}, {1, 2}).error().code == rp::errc::size_mismatch);
  CHECK(of(line, {1, 2, 3}, {1, 2, std::numeric_limits<double>::infinity()}).error().code == rp::errc::not_finite);
  const numbers t{1, 2, 3};
  CHECK(theil_sen<double>(t, t, 1.0).error().code == rp::errc::invalid_option);
}

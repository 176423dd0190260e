// SPDX-License-Identifier: BSL-1.0
// Kaplan and Meier's curve: published data, a naive recount, ties, censored ends, refusals.
#include "rapport_test.hpp"

#include <rapport/core/random.hpp>
#include <rapport/stats/survival.hpp>

namespace stats = rapport::stats;
using rapport::errc;
using times = std::vector<stats::survival_time<double>>;

namespace {

/// Remission of leukemia patients, weeks, maintained chemotherapy: Miller (1981), Survival Analysis; R survival::aml.
const times maintained = {{9, true},  {13, true}, {13, false}, {18, true}, {23, true},  {28, false},
                          {31, true}, {34, true}, {45, false}, {48, true}, {161, false}};

auto curve_of(const times& of, double level = 0.95) {
  return stats::kaplan_meier<double>(std::span<const stats::survival_time<double>>(of), level);
}

}  // namespace

TEST_CASE("the leukemia data give the published curve", "[survival]") {
  const auto curve = curve_of(maintained).value();
  CHECK(curve.n == 11);
  CHECK(curve.n_events == 7);
  REQUIRE(curve.steps.size() == 7);
  // Products by hand: 10/11, 9/10, 7/8, 6/7, 4/5, 3/4, 1/2.
  const double shares[] = {10.0 / 11,
                           9.0 / 11,
                           9.0 / 11 * 7 / 8,
                           9.0 / 11 * 6 / 8,
                           9.0 / 11 * 6 / 8 * 4 / 5,
                           9.0 / 11 * 6 / 8 * 3 / 5,
                           9.0 / 11 * 6 / 8 * 3 / 10};
  const rapport::index at_risk[] = {11, 10, 8, 7, 5, 4, 2};
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK_CLOSE(curve.steps[i].survival, shares[i], 1e-14);
    CHECK(curve.steps[i].n_at_risk == at_risk[i]);
  }
  // R 4.2.2, survival 3.5-3, 2026-11-26: f <- survfit(Surv(time, status) ~ 1, subset(aml, x == "Maintained"));
  // summary(f)$std.err, $lower, $upper
  const double errors[] = {0.08667841720414475, 0.11629129983033294, 0.13966497055722782, 0.15263233102731200,
                           0.16419326722113581, 0.16266888582709479, 0.15349274578629368};
  const double lower[] = {0.754133845081525478, 0.619248987399363515, 0.488426287422128458, 0.376867059501679758,
                          0.254859951199317314, 0.154877117897191052, 0.035917898489185258};
  const double upper[] = {1, 1, 1, 0.99915760022847266, 0.94558495520042918, 0.87526067814390762, 0.94352576947455202};
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK_CLOSE(curve.steps[i].standard_error, errors[i], 1e-12);
    CHECK_CLOSE(curve.steps[i].interval.lower, lower[i], 1e-12);
    CHECK_CLOSE(curve.steps[i].interval.upper, upper[i], 1e-12);
  }
  CHECK(curve.median.value() == 31);
  CHECK(curve.median_lower.value() == 18);
  CHECK_FALSE(curve.median_upper);
  CHECK(curve.at(8.9) == 1);
  CHECK_CLOSE(curve.at(13), 9.0 / 11);
  CHECK_CLOSE(curve.at(1000), shares[6]);
}

TEST_CASE("without censoring the curve is the empirical one, with binomial errors", "[survival]") {
  rapport::random_stream random(3);
  times all;
  for (int i = 0; i < 40; ++i) all.push_back({static_cast<double>(1 + random.below(12)), true});
  const auto curve = curve_of(all).value();
  for (const auto& step : curve.steps) {
    const auto later =
        static_cast<double>(std::count_if(all.begin(), all.end(), [&](const auto& t) { return t.time > step.time; }));
    CHECK_CLOSE(step.survival, later / 40, 1e-12);
    CHECK_CLOSE(step.standard_error, std::sqrt(later / 40 * (1 - later / 40) / 40), 1e-12);
  }
}

TEST_CASE("with censoring the curve is that of redistribution to the right", "[survival]") {
  // A second definition (Efron 1967): the mass of a censored time is shared by all later ones.
  rapport::random_stream random(4);
  for (int round = 0; round < 50; ++round) {
    times all;
    for (int i = 0; i < 25; ++i) all.push_back({static_cast<double>(1 + random.below(9)), random.chance(0.6)});
    auto sorted = all;
    // Events before censored times of the same length.
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.time != b.time ? a.time < b.time : a.event > b.event; });
    std::vector<double> mass(25, 1.0 / 25);
    for (std::size_t i = 0; i < 25; ++i) {
      if (sorted[i].event) continue;
      for (std::size_t k = i + 1; k < 25; ++k) mass[k] += mass[i] / static_cast<double>(24 - i);
      if (i < 24) mass[i] = 0;
    }
    const auto curve = curve_of(all).value();
    for (const auto& step : curve.steps) {
      double dead = 0;
      for (std::size_t i = 0; i < 25; ++i) dead += sorted[i].event && sorted[i].time <= step.time ? mass[i] : 0;
      CHECK_CLOSE(1 - step.survival, dead, 1e-12, 1e-13);
    }
  }
}

TEST_CASE("a share of exactly one half puts the median in the middle", "[survival]") {
  CHECK(curve_of({{1, true}, {2, true}, {5, true}, {8, true}}).value().median.value() == 3.5);
  CHECK_FALSE(curve_of({{1, true}, {2, false}, {5, false}, {8, false}}).value().median);
}

TEST_CASE("ends: all censored, all at once, nothing, illegal times", "[survival]") {
  const auto none = curve_of({{3, false}, {4, false}}).value();
  CHECK(none.steps.empty());
  CHECK(none.at(10) == 1);
  const auto all = curve_of({{3, true}, {3, true}}).value();
  CHECK(all.steps[0].survival == 0);
  CHECK(all.steps[0].standard_error == 0);
  CHECK(all.median.value() == 3);
  CHECK(curve_of({}).error().code == errc::no_data);
  CHECK(curve_of({{1, true}, {-1, true}}).error().row == 1);
  CHECK(curve_of({{std::numeric_limits<double>::quiet_NaN(), true}}).error().code == errc::not_finite);
  CHECK(curve_of(maintained, 1).error().code == errc::invalid_option);
}

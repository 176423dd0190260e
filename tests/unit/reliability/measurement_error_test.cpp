// SPDX-License-Identifier: BSL-1.0
// Errors of measurement: formulas, intervals, and how often unchanged persons exceed the smallest detectable change.
#include "rapport_test.hpp"

#include <rapport/reliability/measurement_error.hpp>

#include <span>
#include <vector>

namespace {
using rapport::errc;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double z95 = 1.959963984540054;  // qnorm(.975)
}  // namespace

TEST_CASE("standard error of measurement and smallest detectable change", "[measurement_error]") {
  CHECK_CLOSE(rapport::standard_error_of_measurement(10.0, 0.84).value(), 4);
  CHECK_CLOSE(rapport::smallest_detectable_change(4.0).value(), z95 * std::sqrt(2.0) * 4, 1e-14);
  CHECK(rapport::standard_error_of_measurement(10.0, 1.0).value() == 0);
  CHECK_CLOSE(rapport::standard_error_of_measurement(10.0, 0.0).value(), 10);
  for (const double r : {-0.01, 1.01, missing})
    CHECK(rapport::standard_error_of_measurement(10.0, r).error().code == errc::invalid_option);
  for (const double sd : {0.0, -1.0, missing})
    CHECK(rapport::standard_error_of_measurement(sd, 0.5).error().code == errc::invalid_option);
  CHECK(rapport::smallest_detectable_change(0.0).error().code == errc::invalid_option);
  CHECK(rapport::smallest_detectable_change(1.0, 1.0).error().code == errc::invalid_option);
}

TEST_CASE("the interval of the reliability becomes that of the error", "[measurement_error]") {
  rapport::basic_estimate<double> r;
  r.estimate = 0.84;
  r.interval = {0.75, 0.91, 0.95};
  r.method = "alpha";
  r.n = 80;
  const auto sem = rapport::standard_error_of_measurement(10.0, r).value();
  CHECK_CLOSE(sem.estimate, 4);
  CHECK_CLOSE(sem.interval.lower, 3);
  CHECK_CLOSE(sem.interval.upper, 5);
  CHECK(sem.n == 80);
  CHECK(sem.method == "SD sqrt(1 - reliability), the SD as known; reliability: alpha");
  const auto sdc = rapport::smallest_detectable_change(sem).value();
  CHECK_CLOSE(sdc.estimate, z95 * std::sqrt(2.0) * 4, 1e-14);
  CHECK_CLOSE(sdc.interval.lower, z95 * std::sqrt(2.0) * 3, 1e-14);
  CHECK_CLOSE(sdc.interval.upper, z95 * std::sqrt(2.0) * 5, 1e-14);
  r.interval.upper = 1.1;
  CHECK(rapport::standard_error_of_measurement(10.0, r)->interval.lower == 0);
  r.estimate = -0.2;
  CHECK(rapport::standard_error_of_measurement(10.0, r).error().code == errc::invalid_option);
}

TEST_CASE("one unchanged person in twenty differs by more than the smallest detectable change", "[measurement_error]") {
  rapport::random_stream random(11);
  const double sem = 2.5;
  const double limit = rapport::smallest_detectable_change(sem).value();
  int beyond = 0;
  constexpr int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double difference = sem * random.normal() - sem * random.normal();
    if (std::fabs(difference) > limit) ++beyond;
  }
  // 5 % of 20 000 is 1000, standard error 31; four of them either way.
  CHECK(beyond > 876);
  CHECK(beyond < 1124);
}

TEST_CASE("the true score is drawn towards the mean", "[measurement_error]") {
  const auto t = rapport::true_score(40.0, 30.0, 5.0, 0.8).value();
  CHECK_CLOSE(t.estimate, 38);
  CHECK_CLOSE(*t.standard_error, 2);
  CHECK_CLOSE(t.interval.upper, 38 + 2 * z95, 1e-14);
  CHECK(rapport::true_score(40.0, 30.0, 5.0, 1.0)->estimate == 40);
  CHECK(rapport::true_score(missing, 30.0, 5.0, 0.8).error().code == errc::not_finite);
  CHECK(rapport::true_score(40.0, 30.0, 5.0, 1.2).error().code == errc::invalid_option);
  CHECK(rapport::true_score(40.0, 30.0, 0.0, 0.8).error().code == errc::invalid_option);
  CHECK(rapport::true_score(40.0, 30.0, 5.0, 0.8, 0).error().code == errc::invalid_option);
}

TEST_CASE("the error of one form, from its own answers", "[measurement_error]") {
  const std::vector<double> answers = {4, 5, missing, 3, 4};
  CHECK_CLOSE(rapport::form_measurement_error(std::span<const double>(answers)).value(),
              std::sqrt(2.0 / 3) / std::sqrt(4.0));
  CHECK(rapport::form_measurement_error(std::span<const double>(answers).first(1)).error().code ==
        errc::too_few_columns);
  const std::vector<double> infinite = {1, 2, std::numeric_limits<double>::infinity()};
  CHECK(rapport::form_measurement_error(std::span<const double>(infinite)).error().column == 2);
}

TEST_CASE("a session's change is tested against its error, and the result says what that is not",
          "[measurement_error]") {
  const auto fall = rapport::session_change(5.0, 4.0, 0.25).value();
  CHECK_CLOSE(fall.index, -1 / (std::sqrt(2.0) * 0.25));
  CHECK_CLOSE(fall.critical, 1.6448536269514722, 1e-14);
  CHECK(fall.exceeds_error);
  CHECK(fall.note.find("not the ordinary variation between sessions") != std::string_view::npos);
  CHECK_FALSE(rapport::session_change(5.0, 4.5, 0.25)->exceeds_error);
  CHECK(rapport::session_change(5.0, missing, 0.25).error().code == errc::not_finite);
  CHECK(rapport::session_change(5.0, 4.0, 0.0).error().code == errc::invalid_option);
  CHECK(rapport::session_change(5.0, 4.0, 0.25, 1.5).error().code == errc::invalid_option);
  // The figure of the documentation: states that vary by .30 beside an error of .25.
  rapport::random_stream random(5);
  int falls = 0;
  constexpr int n = 20000;
  const double spread = std::sqrt(0.25 * 0.25 + 0.3 * 0.3);
  for (int i = 0; i < n; ++i) {
    const auto moved = rapport::session_change(spread * random.normal(), spread * random.normal(), 0.25).value();
    if (moved.exceeds_error && moved.change < 0) ++falls;
  }
  const double expected = 0.5 * std::erfc(1.6448536269514722 * 0.25 / spread / std::sqrt(2.0));
  CHECK_CLOSE(falls / static_cast<double>(n), expected, 0, 0.01);  // four standard errors
  CHECK_CLOSE(expected, 1.0 / 7, 0, 0.02);
}

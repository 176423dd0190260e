// SPDX-License-Identifier: BSL-1.0
// The shape of an estimate: what an empty one says, and which numbers an interval contains.
#include "rapport_test.hpp"

#include <rapport/core/estimate.hpp>

TEST_CASE("an interval contains its ends and what lies between", "[core][estimate]") {
  constexpr rapport::basic_interval<double> interval{0.2, 0.7, 0.9};
  STATIC_REQUIRE(interval.contains(0.2));
  STATIC_REQUIRE(interval.contains(0.5));
  STATIC_REQUIRE(interval.contains(0.7));
  STATIC_REQUIRE(!interval.contains(0.19999999));
  STATIC_REQUIRE(!interval.contains(0.70000001));
  STATIC_REQUIRE(interval.level == 0.9);
  CHECK(!interval.contains(std::numeric_limits<double>::quiet_NaN()));
  CHECK(!interval.contains(std::numeric_limits<double>::infinity()));
  CHECK(!interval.contains(-std::numeric_limits<double>::infinity()));
}

TEST_CASE("an interval of one point contains that point alone", "[core][estimate]") {
  constexpr rapport::basic_interval<double> point{1.5, 1.5};
  STATIC_REQUIRE(point.contains(1.5));
  STATIC_REQUIRE(!point.contains(1.25));
  STATIC_REQUIRE(point.level == 0.95);
}

TEST_CASE("the shape of an estimate is the same in every scalar", "[core][estimate]") {
  STATIC_REQUIRE(rapport::basic_interval<float>{1.0F, 2.0F}.contains(1.5F));
  STATIC_REQUIRE(rapport::basic_interval<long double>{1.0L, 2.0L}.contains(2.0L));

  const rapport::basic_estimate<long double> untouched;
  CHECK(untouched.estimate == 0.0L);
  CHECK(!untouched.standard_error.has_value());
  CHECK(untouched.interval.level == 0.95);
  CHECK(untouched.method.empty());
  CHECK(untouched.n == 0);
  CHECK(untouched.notes.empty());

  const rapport::basic_estimate<double> full{
      .estimate = 0.8, .standard_error = 0.05, .interval = {0.7, 0.9}, .method = "alpha", .n = 60, .notes = {"one"}};
  CHECK(full.interval.contains(full.estimate));
  CHECK(*full.standard_error == 0.05);
}

TEST_CASE("a confidence level lies strictly between 0 and 1", "[core][estimate]") {
  for (const double level : {0.95, 0.5, 1e-300, 0.9999999999999999}) CHECK(rapport::check_level(level, "alpha"));
  for (const double level : {0.0, 1.0, -0.1, 95.0, -0.0, std::numeric_limits<double>::infinity()}) {
    const auto checked = rapport::check_level(level, "alpha");
    CAPTURE(level);
    REQUIRE(!checked);
    CHECK(checked.error().code == rapport::errc::invalid_option);
    CHECK(checked.error().function == std::string("alpha"));
    CHECK(checked.error().value == level);
    CHECK(checked.error().lower == 0);
    CHECK(checked.error().upper == 1);
    CHECK(checked.error().subject == "the confidence level");
  }
  CHECK(!rapport::check_level(std::numeric_limits<double>::quiet_NaN(), "alpha"));
  STATIC_REQUIRE(rapport::check_level(0.9, ""));
}

// SPDX-License-Identifier: BSL-1.0
// Missing is not skipped, neither is a number, and everything that can hold an answer says so alike.
#include "rapport_test.hpp"

#include <optional>
#include <type_traits>

#include <rapport/core/missing.hpp>

using rapport::answer;
using rapport::detail::as_answer;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("an answer is given, missing or skipped", "[core][missing]") {
  constexpr answer<int> given = 3;
  STATIC_REQUIRE(given.is_given());
  STATIC_REQUIRE(!given.is_skipped());
  STATIC_REQUIRE(given.value() == 3);

  constexpr answer<int> absent[] = {answer<int>(), rapport::missing, std::nullopt};
  for (const answer<int>& each : absent) {
    CHECK(!each.is_given());
    CHECK(!each.is_skipped());
  }

  constexpr answer<int> left_out = rapport::skipped;
  STATIC_REQUIRE(!left_out.is_given());
  STATIC_REQUIRE(left_out.is_skipped());

  constexpr answer<int> zero = 0;  // 0 is a number like any other
  STATIC_REQUIRE(zero.is_given());
}

TEST_CASE("missing and skipped are not made of numbers", "[core][missing]") {
  STATIC_REQUIRE(!std::is_convertible_v<int, rapport::missing_t>);
  STATIC_REQUIRE(!std::is_convertible_v<int, rapport::skipped_t>);
  STATIC_REQUIRE(!std::is_convertible_v<rapport::missing_t, int>);
  STATIC_REQUIRE(!std::is_same_v<rapport::missing_t, rapport::skipped_t>);
}

TEST_CASE("whatever holds an answer becomes an answer", "[core][missing]") {
  SECTION("integers are always given") {
    STATIC_REQUIRE(as_answer(0).is_given());
    STATIC_REQUIRE(as_answer(-999).is_given());
    STATIC_REQUIRE(as_answer(static_cast<unsigned char>(4)).value() == 4);
    STATIC_REQUIRE(std::is_same_v<decltype(as_answer(short{1})), answer<short>>);
  }
  SECTION("a NaN of every floating-point type is missing, infinity is not") {
    STATIC_REQUIRE(!as_answer(not_a_number).is_given());
    STATIC_REQUIRE(!as_answer(not_a_number).is_skipped());
    STATIC_REQUIRE(!as_answer(-not_a_number).is_given());
    STATIC_REQUIRE(!as_answer(std::numeric_limits<float>::quiet_NaN()).is_given());
    STATIC_REQUIRE(!as_answer(std::numeric_limits<long double>::quiet_NaN()).is_given());
    STATIC_REQUIRE(as_answer(inf).is_given());
    STATIC_REQUIRE(as_answer(0.5).value() == 0.5);
    STATIC_REQUIRE(std::is_same_v<decltype(as_answer(0.5F)), answer<float>>);
  }
  SECTION("optionals") {
    STATIC_REQUIRE(as_answer(std::optional<int>(2)).value() == 2);
    STATIC_REQUIRE(!as_answer(std::optional<int>()).is_given());
    STATIC_REQUIRE(!as_answer(std::optional<double>(not_a_number)).is_given());
    STATIC_REQUIRE(as_answer(std::optional<double>(0.0)).is_given());
    STATIC_REQUIRE(std::is_same_v<decltype(as_answer(std::optional<float>())), answer<float>>);
  }
  SECTION("answers stay what they are, but a NaN in one is missing") {
    STATIC_REQUIRE(as_answer(answer<int>(5)).value() == 5);
    STATIC_REQUIRE(as_answer(answer<int>(rapport::skipped)).is_skipped());
    STATIC_REQUIRE(as_answer(answer<double>(rapport::skipped)).is_skipped());
    STATIC_REQUIRE(!as_answer(answer<double>(not_a_number)).is_given());
    STATIC_REQUIRE(!as_answer(answer<double>(not_a_number)).is_skipped());
    STATIC_REQUIRE(as_answer(answer<double>(inf)).is_given());
    STATIC_REQUIRE(!as_answer(answer<int>()).is_given());
  }
}

TEST_CASE("in tables of numbers a NaN is missing and nothing else", "[core][missing]") {
  STATIC_REQUIRE(rapport::is_missing(not_a_number));
  STATIC_REQUIRE(rapport::is_missing(-not_a_number));
  STATIC_REQUIRE(!rapport::is_missing(inf));
  STATIC_REQUIRE(!rapport::is_missing(-inf));
  STATIC_REQUIRE(!rapport::is_missing(0.0));
  STATIC_REQUIRE(!rapport::is_missing(std::numeric_limits<double>::denorm_min()));
  STATIC_REQUIRE(!rapport::is_missing(7));
  STATIC_REQUIRE(rapport::is_missing(rapport::missing_value<float>()));
  STATIC_REQUIRE(rapport::is_missing(rapport::missing_value<double>()));
  STATIC_REQUIRE(rapport::is_missing(rapport::missing_value<long double>()));
}

// SPDX-License-Identifier: BSL-1.0
// Numbers as text: the shortest that read back to the same double, and rounded ones.
#include "rapport_test.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <rapport/core/number_text.hpp>
#include <rapport/core/random.hpp>

using rapport::number_text;

namespace {

/// A double of random bits: every exponent alike, no infinity and no NaN.
double random_finite(rapport::random_stream& random) {
  for (;;) {
    const auto x = std::bit_cast<double>(random.bits64());
    if (std::isfinite(x)) return x;
  }
}

/// The naive way to the shortest text: more and more digits until it reads back, plain unless that is longer.
std::string shortest_text(double x) {
  for (int digits = 1; digits <= 17; ++digits) {
    char scientific[64];
    std::snprintf(scientific, sizeof scientific, "%.*e", digits - 1, x);
    if (std::strtod(scientific, nullptr) != x) continue;
    const std::string text = scientific;
    const int exponent = std::stoi(text.substr(text.find('e') + 1));
    char plain[1100];
    std::snprintf(plain, sizeof plain, "%.*f", (std::max)(0, digits - 1 - exponent), x);
    return std::string(plain).size() <= text.size() ? plain : text;
  }
  return "does not read back";
}

}  // namespace

TEST_CASE("known numbers as text", "[core][number_text]") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(-0.0) == "-0");
  CHECK(number_text(12) == "12");
  CHECK(number_text(-7.5) == "-7.5");
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(number_text(1e-7) == "1e-07");
  CHECK(number_text(12345) == "12345");
  CHECK(number_text(1200) == "1200");
  CHECK(number_text(5e-324) == "5e-324");
  CHECK(number_text(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
  CHECK(number_text(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(number_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("a number's text is the shortest that reads back to the same number", "[core][number_text]") {
  rapport::random_stream random(20260401);
  std::string first_difference;
  for (int i = 0; i < 100000 && first_difference.empty(); ++i) {
    // Alternately any double, and a decimal as it stands in a data file.
    const double x = i % 2 == 0 ? random_finite(random) : static_cast<double>(random.below(2000001) - 1000000) / 1000.0;
    const auto written = number_text(x);
    const bool same =
        std::bit_cast<std::uint64_t>(std::strtod(written.c_str(), nullptr)) == std::bit_cast<std::uint64_t>(x);
    const std::string expected = shortest_text(x);
    if (!same || written.truncated() || written.view() != expected) {
      first_difference = std::string(written.view()) + " instead of " + expected;
    }
  }
  CHECK(first_difference == "");
}

TEST_CASE("known numbers rounded to significant digits", "[core][number_text]") {
  CHECK(number_text(0.85349, 3) == "0.853");
  CHECK(number_text(0.8530001, 4) == "0.853");  // no zeros at the end
  CHECK(number_text(95, 3) == "95");
  CHECK(number_text(0.000012, 2) == "1.2e-05");
  CHECK(number_text(0, 3) == "0");
  CHECK(number_text(-1234.5, 6) == "-1234.5");
  CHECK(number_text(2.5, 1) == "2");  // halfway, to the even digit
  CHECK(number_text(3.5, 1) == "4");
  CHECK(number_text(0.1, 17) == "0.10000000000000001");
  CHECK(number_text(std::numeric_limits<double>::infinity(), 3) == "inf");
  CHECK(number_text(std::numeric_limits<double>::quiet_NaN(), 3) == "nan");
}

TEST_CASE("rounding to significant digits is that of printf", "[core][number_text]") {
  rapport::random_stream random(20260402);
  std::string first_difference;
  for (int i = 0; i < 100000 && first_difference.empty(); ++i) {
    const double x = i % 2 == 0 ? random_finite(random) : random.normal();
    const int digits = 1 + static_cast<int>(random.below(17));
    char expected[64];
    std::snprintf(expected, sizeof expected, "%.*g", digits, x);
    const auto written = number_text(x, digits);
    if (!(written == expected)) first_difference = std::string(written.view()) + " instead of " + expected;
  }
  CHECK(first_difference == "");
}

TEST_CASE("17 digits of the longest number fit", "[core][number_text]") {
  const double longest = -std::numeric_limits<double>::min();
  CHECK(number_text(longest, 17) == "-2.2250738585072014e-308");
  CHECK(!number_text(longest, 17).truncated());
  CHECK(!number_text(longest).truncated());
}

// SPDX-License-Identifier: BSL-1.0
// What every test includes first: names that other headers take as macros, and the test framework.
#pragma once

// <windows.h> and <complex.h> define these; whoever forgets the parentheses in (std::min)(a, b) fails here. They are
// poisoned while the library is read and released for the test framework.
#define min(a, b) min_must_be_written_in_parentheses
#define max(a, b) max_must_be_written_in_parentheses
#define I I_is_a_macro_of_complex_h

#include <rapport/core/failure.hpp>
#include <rapport/scoring.hpp>
#if !defined(RAPPORT_TEST_LIGHT)
#include <rapport/rapport.hpp>
#endif

#undef min
#undef max
#undef I

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_templated.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <cmath>
#include <limits>
#include <string>

namespace rapport_test {

/// Whether two numbers agree: relatively, or absolutely where the expected one is near zero.
inline bool close(double found, double expected, double relative = 1e-12, double absolute = 1e-14) {
  if (std::isnan(found) || std::isnan(expected)) return std::isnan(found) && std::isnan(expected);
  if (found == expected) return true;
  const double difference = std::fabs(found - expected);
  return difference <= absolute || difference <= relative * std::fabs(expected);
}

}  // namespace rapport_test

/// CHECK that two numbers agree, showing both with all digits if they do not.
#define CHECK_CLOSE(found, expected, ...)                                               \
  do {                                                                                  \
    const double found_value = static_cast<double>(found);                              \
    const double expected_value = static_cast<double>(expected);                        \
    INFO(#found << " = " << rapport::number_text(found_value).view() << ", expected "   \
                << rapport::number_text(expected_value).view());                        \
    CHECK(rapport_test::close(found_value, expected_value __VA_OPT__(, ) __VA_ARGS__)); \
  } while (false)

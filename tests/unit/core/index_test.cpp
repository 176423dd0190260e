// SPDX-License-Identifier: BSL-1.0
// Positions are signed, and casting them to a size changes no value.
#include "rapport_test.hpp"

#include <cstddef>
#include <type_traits>

#include <rapport/core/index.hpp>

TEST_CASE("a position is signed and casts to a size without change", "[core][index]") {
  STATIC_REQUIRE(std::is_same_v<rapport::index, std::ptrdiff_t>);
  STATIC_REQUIRE(std::is_same_v<decltype(rapport::as_size(0)), std::size_t>);
  STATIC_REQUIRE(rapport::as_size(0) == 0U);
  STATIC_REQUIRE(rapport::as_size(41) == 41U);
  const rapport::index largest = std::numeric_limits<rapport::index>::max();
  CHECK(static_cast<rapport::index>(rapport::as_size(largest)) == largest);
}

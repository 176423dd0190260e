// SPDX-License-Identifier: BSL-1.0
// The key of the Session Rating Scale.
#include "rapport_test.hpp"

#include <rapport/instruments/srs.hpp>

TEST_CASE("the key of the SRS: four lines of 10 cm in millimetres", "[instruments][srs]") {
  constexpr const rapport::instrument& srs = rapport::instruments::srs_3;
  STATIC_REQUIRE(srs.check());
  STATIC_REQUIRE(srs.id() == "srs-3");
  STATIC_REQUIRE(srs.n_items() == 4);
  STATIC_REQUIRE(srs.min() == 0);
  STATIC_REQUIRE(srs.max() == 10);
  STATIC_REQUIRE(srs.step() == 0.1);
  STATIC_REQUIRE(srs.units_per_point() == 10);
  STATIC_REQUIRE(srs.reversed_items().empty());
  STATIC_REQUIRE(srs.n_subscales() == 0);
  STATIC_REQUIRE(srs.perspective() == rapport::perspective::client);
}

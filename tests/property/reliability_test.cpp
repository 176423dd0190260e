// SPDX-License-Identifier: BSL-1.0
// What must hold of every reliability coefficient, on random ordinal tables; tests/long/reliability_properties does many.
#include "rapport_test.hpp"

#include "reliability_properties.hpp"

TEST_CASE("reliability coefficients keep their ranges, orders and invariances", "[property]") {
  const auto r = properties::check_tables(0, 500);
  CHECK(r.checks().size() > 60);
  for (const auto& [property, n] : r.checks()) {
    INFO(property << ": first broken by table " << n.first_broken);
    CHECK(n.broken == 0);
  }
  CHECK(r.refusals().size() > 5);  // the tables are bad enough that some coefficients do not exist
}

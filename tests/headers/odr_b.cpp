// SPDX-License-Identifier: BSL-1.0
// The other half of a program that includes everything twice.
#include <rapport/fwd.hpp>
#include <rapport/instruments/metadata.hpp>
#include <rapport/rapport.hpp>

double total_elsewhere() {
  const auto card = rapport::score(rapport::instruments::wai_sr_client, std::array{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4});
  return card->total().value_or(-1);
}

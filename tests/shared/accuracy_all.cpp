// SPDX-License-Identifier: BSL-1.0
// Calls the parts of the comparison.
#include "accuracy_parts.hpp"

namespace accuracy {

void compare_all(const data_set& d, table& out) {
  compare_factors(d, out);
  compare_scale(d, out);
  compare_ordinal(d, out);
  compare_agreement(d, out);
  compare_sessions(d, out);
}

}  // namespace accuracy

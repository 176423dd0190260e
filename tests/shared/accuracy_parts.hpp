// SPDX-License-Identifier: BSL-1.0
// The parts of the comparison, one for each area.
#pragma once

#include "accuracy.hpp"

namespace accuracy {

void compare_agreement(const data_set& d, table& out);
void compare_factors(const data_set& d, table& out);
void compare_ordinal(const data_set& d, table& out);
void compare_scale(const data_set& d, table& out);
void compare_sessions(const data_set& d, table& out);

}  // namespace accuracy

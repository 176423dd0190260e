// SPDX-License-Identifier: BSL-1.0
// says: an_instrument_needs_between_1_and_128_items
#include <rapport/instruments.hpp>

#if defined(WRONG)
constexpr int n_items = 129;
#else
constexpr int n_items = 128;
#endif
constexpr auto scale = rapport::instrument("my-scale", n_items);

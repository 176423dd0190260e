// SPDX-License-Identifier: BSL-1.0
// The signed type of every size and position in the library, and the casts that go with it.
#pragma once

#include <cstddef>

namespace rapport {

/// Sizes and 0-based positions; signed, the same type as Eigen::Index.
using index = std::ptrdiff_t;

/// A signed position as the unsigned number that standard containers want; the position is not negative.
[[nodiscard]] constexpr std::size_t as_size(index position) noexcept { return static_cast<std::size_t>(position); }

}  // namespace rapport

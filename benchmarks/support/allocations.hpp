// SPDX-License-Identifier: BSL-1.0
// Counts the allocations that a call makes, and the most memory it holds at once.
#pragma once

#include <rapport/core/index.hpp>

namespace bench {

/// What was allocated since start_counting().
struct allocation_count {
  rapport::index allocations = 0;
  rapport::index bytes_peak = 0;  ///< largest sum of bytes held at once, beyond what was held at the start; -1: unknown
};

/// Begins to count, in all threads. Without it nothing is counted and allocation costs one test of a flag.
void start_counting() noexcept;
/// Ends counting.
[[nodiscard]] allocation_count stop_counting() noexcept;
/// What is counted, in words.
[[nodiscard]] const char* what_is_counted() noexcept;

}  // namespace bench

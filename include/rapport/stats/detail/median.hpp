// SPDX-License-Identifier: BSL-1.0
// The median of a few numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace rapport::stats::detail {

/// The median of numbers, at least one.
template <class Scalar>
[[nodiscard]] Scalar median_of(std::vector<Scalar> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const std::size_t half = numbers.size() / 2;
  return numbers.size() % 2 == 1 ? numbers[half] : Scalar((numbers[half - 1] + numbers[half]) / 2);
}

}  // namespace rapport::stats::detail

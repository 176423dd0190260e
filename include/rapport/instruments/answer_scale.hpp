// SPDX-License-Identifier: BSL-1.0
// The legal answers of an item, and what each of them counts: whole numbers of a unit, so that 0.1 + 0.2 is 0.3.
#pragma once

#include <cstdint>

namespace rapport {

/// The legal answers of an item: min, min + step, ..., max.
struct answer_scale {
  double min = 1;   ///< a multiple of step
  double max = 5;   ///< a multiple of step, above min
  double step = 1;  ///< 1 for whole numbers, 0.1 for a 10 cm line read in millimetres; a whole number or 1 over one

  friend constexpr bool operator==(const answer_scale&, const answer_scale&) noexcept = default;
};

namespace detail {

/// A fraction of two whole numbers; the lower one is positive.
struct ratio {
  std::int32_t top;
  std::int32_t bottom;
};

/// The largest factor of a score.
inline constexpr double most_factor = 1e6;

/// The number as a fraction with a denominator of at most 1000; bottom is 0 if there is none.
[[nodiscard]] constexpr ratio to_ratio(double x) noexcept {
  if (!(x >= -most_factor && x <= most_factor)) return {0, 0};
  for (int bottom = 1; bottom <= 1000; ++bottom) {
    const double exact = x * bottom;
    const auto top = static_cast<std::int32_t>(exact < 0 ? exact - 0.5 : exact + 0.5);
    if (static_cast<double>(top) / bottom == x) return {top, bottom};
  }
  return {0, 0};
}

[[nodiscard]] constexpr std::int64_t greatest_common_divisor(std::int64_t a, std::int64_t b) noexcept {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    const std::int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// The largest number of units between 0 and the end of a scale; sums of 128 items stay far inside 64 bits.
inline constexpr double most_units = 1e9;

/// A scale in whole numbers. An answer is min + k * step for some k = 0, 1, ..., n_steps; it counts base + k * slope in
/// the units of its instrument, and base + (n_steps - k) * slope if the item is reversed.
struct scale_key {
  answer_scale shown;
  answer_scale counted;   // what the ends count; the same as shown unless the answers are rescaled
  std::int64_t parts;     // 1 / step where the step is below 1
  std::int64_t n_steps;   // (max - min) / step
  std::int64_t first;     // min * parts
  std::int64_t stride;    // step * parts
  std::int64_t base;      // in units of the instrument
  std::int64_t slope;     // likewise
  std::uint64_t gaps[2];  // bit k: the answer min + k * step is not legal
  bool has_gaps;

  /// Whether the ends and the step fit together; sets the whole numbers.
  [[nodiscard]] constexpr bool read(const answer_scale& given) noexcept {
    shown = counted = given;
    parts = n_steps = first = stride = 1;
    const bool fine = given.step >= 1e-6 && given.step < 1;
    const bool coarse = given.step >= 1 && given.step <= most_units;
    if (!fine && !coarse) return false;
    if (fine) parts = static_cast<std::int64_t>(1.0 / given.step + 0.5);
    const auto per_point = static_cast<double>(parts);
    if (!(given.min * per_point >= -most_units && given.max * per_point <= most_units)) return false;
    stride = fine ? 1 : static_cast<std::int64_t>(given.step);
    first = to_whole(given.min * per_point);
    const std::int64_t last = to_whole(given.max * per_point);
    n_steps = (last - first) / stride;
    const bool exact = static_cast<double>(first) / per_point == given.min &&
                       static_cast<double>(last) / per_point == given.max &&
                       static_cast<double>(stride) / per_point == given.step && first + n_steps * stride == last &&
                       first % stride == 0;
    return exact && n_steps >= 1;
  }

  /// The answer of k steps.
  [[nodiscard]] constexpr double answer(std::int64_t k) const noexcept {
    return static_cast<double>(first + k * stride) / static_cast<double>(parts);
  }
  [[nodiscard]] constexpr bool is_gap(std::int64_t k) const noexcept {
    return has_gaps && k < 128 && (gaps[k / 64] >> (k % 64) & 1) != 0;
  }

  [[nodiscard]] static constexpr std::int64_t to_whole(double x) noexcept {
    return static_cast<std::int64_t>(x < 0 ? x - 0.5 : x + 0.5);
  }
};

/// So many units per point make every answer of the scale count a whole number of units; 0 if there is no such number.
[[nodiscard]] constexpr std::int64_t units_needed(const scale_key& scale) noexcept {
  if (scale.counted == scale.shown) return scale.parts;
  // (max - min) / n_steps must be whole, in units: units = n_steps / gcd(max - min, n_steps) for whole ends.
  const ratio low = to_ratio(scale.counted.min);
  const ratio high = to_ratio(scale.counted.max);
  if (low.bottom == 0 || high.bottom == 0) return 0;
  const std::int64_t common = std::int64_t{low.bottom} * high.bottom;
  const std::int64_t width = std::int64_t{high.top} * low.bottom - std::int64_t{low.top} * high.bottom;
  return common * (scale.n_steps / greatest_common_divisor(width, scale.n_steps));
}

}  // namespace detail
}  // namespace rapport

// SPDX-License-Identifier: BSL-1.0
// Seeded random numbers that are the same bytes with every compiler, library and processor.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include <rapport/core/config.hpp>
#include <rapport/core/index.hpp>

namespace rapport {

/// A stream of random numbers, given by a seed and a stream number.
///
/// Engine: Philox4x32-10, a keyed counter. Streams of one seed are independent, so replicate r of a simulation takes
/// stream r and its numbers do not depend on how the replicates are shared between threads.
///
/// Transforms: ours, because those of the standard library differ between implementations. What a transform returns is
/// made of integer arithmetic and single correctly rounded operations, never of a library logarithm or a sum that a
/// compiler may fuse: the bits do not depend on the mathematical library or on -march either. (A logarithm decides one
/// in eighty normals between acceptance and rejection; it would have to err exactly at the boundary to matter.)
///
/// Not for: cryptography.
/// Reference: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, doi 10.1145/2063384.2063405
class random_stream {
 public:
  constexpr explicit random_stream(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, 0, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)} {}

  /// 32 random bits.
  constexpr std::uint32_t bits32() noexcept {
    if (used_ == 4) {
      block_ = philox(counter_, key_);
      if (++counter_[0] == 0) ++counter_[1];
      used_ = 0;
    }
    return block_[used_++];
  }

  /// 64 random bits.
  constexpr std::uint64_t bits64() noexcept {
    const std::uint64_t high = bits32();
    return (high << 32) | bits32();
  }

  /// Uniform on the open interval (0, 1): an odd multiple of 2^-53.
  constexpr double uniform() noexcept { return static_cast<double>((bits64() >> 11) | 1U) * 0x1p-53; }

  /// True with the given probability.
  constexpr bool chance(double probability) noexcept { return uniform() < probability; }

  /// Uniform on {0, ..., n - 1} without bias; 0 < n < 2^32.
  /// Reference: Lemire (2019), Fast random integer generation in an interval, doi 10.1145/3230636
  constexpr index below(index n) noexcept {
    RAPPORT_ASSERT(n > 0 && n <= 0xffffffffLL);
    const auto range = static_cast<std::uint32_t>(n);
    std::uint64_t product = std::uint64_t{bits32()} * range;
    if (static_cast<std::uint32_t>(product) < range) {
      const std::uint32_t reject_below = (0U - range) % range;
      while (static_cast<std::uint32_t>(product) < reject_below) product = std::uint64_t{bits32()} * range;
    }
    return static_cast<index>(product >> 32);
  }

  /// Standard normal, by the ratio of two uniforms: the value returned is one division.
  /// Reference: Leva (1992), A fast normal random number generator, doi 10.1145/138351.138364
  double normal() noexcept {
    for (;;) {
      const double u = uniform();
      const double v = 1.7156 * (uniform() - 0.5);
      // Two ellipses around the acceptance region decide nearly always without a logarithm.
      const double x = u - 0.449871;
      const double y = std::fabs(v) + 0.386595;
      const double q = x * x + y * (0.19600 * y - 0.25472 * x);
      if (q < 0.27597) return v / u;
      if (q > 0.27846) continue;
      if (v * v <= -4.0 * std::log(u) * u * u) return v / u;
    }
  }

 private:
  using words = std::array<std::uint32_t, 4>;

  static constexpr words philox(words counter, std::array<std::uint32_t, 2> key) noexcept {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
      const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
      counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                 static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
      key[0] += 0x9E3779B9U;
      key[1] += 0xBB67AE85U;
    }
    return counter;
  }

  std::array<std::uint32_t, 2> key_;
  words counter_;
  words block_{};
  unsigned used_ = 4;
};

}  // namespace rapport

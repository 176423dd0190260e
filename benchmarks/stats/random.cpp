// SPDX-License-Identifier: BSL-1.0
// Random numbers, beside the simplest generator that fills the same memory.
#include <cstdint>
#include <vector>

#include <rapport/core/random.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;
using rapport::random_stream;

constexpr index n_numbers = 4096;  // fits into the first-level cache

/// A linear congruential generator modulo 2^64: a multiplication and an addition per number.
struct congruential {
  std::uint64_t state = bench::seed;
  std::uint64_t next() noexcept { return state = state * 6364136223846793005U + 1442695040888963407U; }
};

void bits(benchmark::State& state) {
  // The first block of Philox4x32-10 for key 0 and counter 0, as its authors publish it (Random123, kat_vectors).
  constexpr std::uint32_t published[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  random_stream known(0, 0);
  for (const std::uint32_t word : published) bench::check(known.bits32() == word, "a word of the first Philox block");

  std::vector<std::uint64_t> numbers(as_size(n_numbers));
  random_stream random(bench::seed);
  congruential simple;
  bench::compare(
      state,
      {.n = {{"numbers", n_numbers}},
       .floor = "a linear congruential generator filling the same array",
       .operations = n_numbers},
      [&] {
        for (auto& each : numbers) each = random.bits64();
      },
      [&] {
        for (auto& each : numbers) each = simple.next();
      });
}

void normal(benchmark::State& state) {
  std::vector<double> numbers(as_size(n_numbers));
  random_stream random(bench::seed);
  double mean = 0;
  double square = 0;
  double fourth = 0;
  constexpr index n = 1000000;
  for (index i = 0; i < n; ++i) {
    const double z = random.normal();
    mean += z / n;
    square += z * z / n;
    fourth += z * z * z * z / n;
  }
  // Five standard errors: the variances of z, z^2 and z^4 are 1, 2 and 96.
  bench::check_close(mean, 0, 5 * 1e-3, "the mean of a million normal numbers");
  bench::check_close(square, 1, 5 * std::sqrt(2.0) * 1e-3, "their second moment");
  bench::check_close(fourth, 3, 5 * std::sqrt(96.0) / 3 * 1e-3, "their fourth moment");

  congruential simple;
  bench::compare(
      state,
      {.n = {{"numbers", n_numbers}},
       .floor = "a linear congruential generator filling the same array",
       .operations = n_numbers},
      [&] {
        for (double& each : numbers) each = random.normal();
      },
      [&] {
        for (double& each : numbers) each = static_cast<double>(simple.next() >> 11) * 0x1p-53;
      });
}

const bench::registration add_all([] {
  bench::add("stats/random_bits64", bits);
  bench::add("stats/random_normal", normal);
});

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Random numbers: the published vectors of the engine, a naive second engine, the distributions, and a digest of bytes.
#include "rapport_test.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <rapport/core/random.hpp>

using rapport::random_stream;

namespace {

using block = std::array<std::uint32_t, 4>;

/// The upper half of a product, by schoolbook multiplication of 16-bit digits.
std::uint32_t upper_half(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t a_low = a & 0xffffU;
  const std::uint32_t a_high = a >> 16;
  const std::uint32_t b_low = b & 0xffffU;
  const std::uint32_t b_high = b >> 16;
  const std::uint32_t middle = a_high * b_low + ((a_low * b_low) >> 16);
  const std::uint32_t cross = a_low * b_high + (middle & 0xffffU);
  return a_high * b_high + (middle >> 16) + (cross >> 16);
}

/// Philox4x32, written from the paper as a recursion: so many more rounds with this key.
block naive_philox(const block& c, std::uint32_t key_0, std::uint32_t key_1, int rounds = 10) {
  if (rounds == 0) return c;
  const std::uint32_t m0 = 0xD2511F53;
  const std::uint32_t m1 = 0xCD9E8D57;
  const block next = {upper_half(m1, c[2]) ^ c[1] ^ key_0, m1 * c[2], upper_half(m0, c[0]) ^ c[3] ^ key_1, m0 * c[0]};
  return naive_philox(next, key_0 + 0x9E3779B9, key_1 + 0xBB67AE85, rounds - 1);
}

/// The digest FNV-1a of a sequence of bytes; the numbers are fed from the lowest byte to the highest on any machine.
class digest {
 public:
  void add(std::uint64_t number, int n_bytes) {
    for (int byte = 0; byte < n_bytes; ++byte) {
      hash_ ^= (number >> (8 * byte)) & 0xffU;
      hash_ *= 0x100000001b3ULL;
    }
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

constexpr int n_digested = 100000;
constexpr std::uint64_t digested_seed = 20260331;
constexpr std::uint64_t digested_stream = 5;

/// Pearson's statistic against equal frequencies.
double chi_squared(const std::vector<long>& counts) {
  double total = 0;
  for (const long count : counts) total += static_cast<double>(count);
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const long count : counts)
    sum += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  return sum;
}

/// The largest distance between the empirical distribution function and the given one, times the root of n.
template <class Cdf>
double kolmogorov(std::vector<double> sample, const Cdf& cdf) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double largest = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double p = cdf(sample[i]);
    largest = std::max({largest, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return largest * std::sqrt(n);
}

// The statistic above exceeds this in one case of 1000 if the distribution is right.
constexpr double kolmogorov_limit = 1.9495;

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("the naive Philox gives the published vectors", "[core][random]") {
  // The known answers distributed with Random123 (file kat_vectors): counter, key, output.
  const std::uint32_t ones = 0xffffffff;
  CHECK((naive_philox({0, 0, 0, 0}, 0, 0) == block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  CHECK((naive_philox({ones, ones, ones, ones}, ones, ones) == block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  CHECK((naive_philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0) ==
         block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST_CASE("the first bits of seed 0 are the published vector", "[core][random]") {
  random_stream random(0, 0);
  CHECK(random.bits32() == 0x6627e8d5U);
  CHECK(random.bits32() == 0xe169c58dU);
  CHECK(random.bits32() == 0xbc57ac4cU);
  CHECK(random.bits32() == 0x9b00dbd8U);

  random_stream pairs(0);
  CHECK(pairs.bits64() == 0x6627e8d5e169c58dU);
  CHECK(pairs.bits64() == 0xbc57ac4c9b00dbd8U);
}

TEST_CASE("the 10000th number of the standard's seed is the standard's number", "[core][random]") {
  // C++26 [rand.predef]: the 10000th invocation of a default-constructed std::philox4x32 yields 1955073260; its default
  // seed is 20111115, and seeding, counting and the order of words are those of random_stream.
  random_stream random(20111115);
  for (int i = 1; i < 10000; ++i) random.bits32();
  CHECK(random.bits32() == 1955073260U);
}

TEST_CASE("a stream is the naive Philox over a counter, for seeds and stream numbers of 64 bits", "[core][random]") {
  random_stream choose(77);
  for (int repetition = 0; repetition < 200; ++repetition) {
    const std::uint64_t seed = repetition == 0 ? ~std::uint64_t{0} : choose.bits64() >> choose.below(64);
    const std::uint64_t stream = repetition == 0 ? ~std::uint64_t{0} : choose.bits64() >> choose.below(64);
    random_stream random(seed, stream);
    bool same = true;
    for (std::uint32_t counter = 0; counter < 5; ++counter) {
      const block expected =
          naive_philox({counter, 0, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)},
                       static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
      for (const std::uint32_t word : expected) same = same && random.bits32() == word;
    }
    CAPTURE(seed, stream);
    CHECK(same);
  }
}

TEST_CASE("the digest is FNV-1a", "[core][random]") {
  // Published values of the 64-bit FNV-1a: of no bytes, of "a", and of "foobar".
  CHECK(digest().value() == 0xcbf29ce484222325ULL);
  digest a;
  a.add('a', 1);
  CHECK(a.value() == 0xaf63dc4c8601ec8cULL);
  digest foobar;
  for (const char c : std::string("foobar")) foobar.add(static_cast<std::uint64_t>(c), 1);
  CHECK(foobar.value() == 0x85944171f73967e8ULL);
}

// The four digests were computed by a program in another language with multiplication of unlimited width.
TEST_CASE("random bytes are the same with every compiler and processor", "[core][random]") {
  digest d;
  random_stream random(digested_seed, digested_stream);
  SECTION("32 bits") {
    for (int i = 0; i < n_digested; ++i) d.add(random.bits32(), 4);
    CHECK(d.value() == 0x526f0ce144dcca60ULL);
  }
  SECTION("uniform") {
    for (int i = 0; i < n_digested; ++i) d.add(std::bit_cast<std::uint64_t>(random.uniform()), 8);
    CHECK(d.value() == 0x5311fe5801336309ULL);
  }
  SECTION("below 7") {
    for (int i = 0; i < n_digested; ++i) d.add(static_cast<std::uint64_t>(random.below(7)), 8);
    CHECK(d.value() == 0x2b0a4af09f0f9086ULL);
  }
  SECTION("normal") {
    for (int i = 0; i < n_digested; ++i) d.add(std::bit_cast<std::uint64_t>(random.normal()), 8);
    CHECK(d.value() == 0x3743e10a5b2e5dc6ULL);
  }
}

TEST_CASE("all but the normals can be drawn in a constant expression", "[core][random]") {
  constexpr auto drawn = [] {
    random_stream random(0);
    return std::array<std::uint32_t, 2>{random.bits32(), random.bits32()};
  }();
  STATIC_REQUIRE(drawn[0] == 0x6627e8d5U);
  STATIC_REQUIRE(drawn[1] == 0xe169c58dU);
  STATIC_REQUIRE(random_stream(3).uniform() < 1);
  STATIC_REQUIRE(random_stream(3).below(1) == 0);
  STATIC_REQUIRE(random_stream(3).chance(1));
}

TEST_CASE("a copy of a stream continues as the original does", "[core][random]") {
  random_stream random(9);
  random.bits32();
  random_stream copy = random;
  for (int i = 0; i < 10; ++i) CHECK(random.bits32() == copy.bits32());
}

TEST_CASE("uniform numbers are the upper 53 bits of two words, made odd", "[core][random]") {
  random_stream random(31, 4);
  random_stream bits(31, 4);
  bool same = true;
  bool open = true;
  for (int i = 0; i < 20000; ++i) {
    const double u = random.uniform();
    const std::uint64_t high = bits.bits32();
    const std::uint64_t word = (high << 32) + bits.bits32();
    same = same && u == std::ldexp(static_cast<double>((word / 4096) * 2 + 1), -53);
    open = open && u > 0 && u < 1;
  }
  CHECK(same);
  CHECK(open);
}

TEST_CASE("uniform numbers are uniform", "[core][random]") {
  random_stream random(20260403);
  std::vector<double> sample;
  double sum = 0;
  double sum_of_products = 0;
  for (int i = 0; i < 100000; ++i) {
    sample.push_back(random.uniform());
    sum += sample.back() - 0.5;
    if (i > 0) sum_of_products += (sample.back() - 0.5) * (sample[sample.size() - 2] - 0.5);
  }
  CHECK(kolmogorov(sample, [](double x) { return x; }) < kolmogorov_limit);
  // Four standard errors: that of the mean is sqrt(1/12 / n), that of the mean product of neighbours (1/12) / sqrt(n).
  CHECK(std::fabs(sum / 100000) < 4 * std::sqrt(1.0 / 12 / 100000));
  CHECK(std::fabs(sum_of_products / 100000) < 4 / 12.0 / std::sqrt(100000.0));
}

TEST_CASE("chance happens as often as it should", "[core][random]") {
  for (const double p : {0.0, 0.03, 0.5, 0.9, 1.0}) {
    random_stream random(20260404, static_cast<std::uint64_t>(100 * p));
    int happened = 0;
    for (int i = 0; i < 50000; ++i) happened += random.chance(p) ? 1 : 0;
    CAPTURE(p, happened);
    // Four standard errors of a proportion; none at 0 and 1.
    CHECK(std::fabs(happened / 50000.0 - p) <= 4 * std::sqrt(p * (1 - p) / 50000));
  }
}

TEST_CASE("below() reaches every number equally often", "[core][random]") {
  // The limits are the 99.9 % points of chi-squared with n - 1 degrees of freedom.
  struct expectation {
    rapport::index n;
    double limit;
  };
  for (const expectation each : {expectation{2, 10.828}, {7, 22.458}, {10, 27.877}, {100, 148.230}}) {
    random_stream random(20260405);
    std::vector<long> counts(rapport::as_size(each.n));
    bool in_range = true;
    for (int i = 0; i < 100000; ++i) {
      const rapport::index k = random.below(each.n);
      in_range = in_range && k >= 0 && k < each.n;
      if (in_range) ++counts[rapport::as_size(k)];
    }
    CAPTURE(each.n);
    CHECK(in_range);
    CHECK(chi_squared(counts) < each.limit);
  }
}

TEST_CASE("below() has no bias where 2^32 is far from a multiple of n", "[core][random]") {
  // Without rejection, 2^32 words fall on 3 * 2^30 numbers: every third of them would come twice as often.
  const rapport::index n = 3LL << 30;
  random_stream random(20260406);
  std::vector<long> counts(3);
  for (int i = 0; i < 30000; ++i) ++counts[rapport::as_size(random.below(n) % 3)];
  CHECK(chi_squared(counts) < 13.816);  // 99.9 %, 2 degrees of freedom
}

TEST_CASE("below() at the ends of what it takes", "[core][random]") {
  random_stream one(5);
  for (int i = 0; i < 100; ++i) CHECK(one.below(1) == 0);
  const rapport::index largest = 0xffffffffLL;
  random_stream random(6);
  rapport::index seen = 0;
  for (int i = 0; i < 1000; ++i) {
    const rapport::index k = random.below(largest);
    CHECK((k >= 0 && k < largest));
    seen = std::max(seen, k);
  }
  CHECK(seen > largest - largest / 100);  // fails by chance once in 23000 seeds
}

TEST_CASE("normal numbers are normal", "[core][random]") {
  const int n = 100000;
  random_stream random(20260407);
  std::vector<double> sample;
  double power[5] = {};
  for (int i = 0; i < n; ++i) {
    const double z = random.normal();
    sample.push_back(z);
    for (int k = 1; k <= 4; ++k) power[k] += std::pow(z, k) / n;
  }
  // Four standard errors; the variances of z, z^2, z^3, z^4 are 1, 2, 15 and 96.
  const double root = std::sqrt(static_cast<double>(n));
  CHECK(std::fabs(power[1]) < 4 * std::sqrt(1.0) / root);
  CHECK(std::fabs(power[2] - 1) < 4 * std::sqrt(2.0) / root);
  CHECK(std::fabs(power[3]) < 4 * std::sqrt(15.0) / root);
  CHECK(std::fabs(power[4] - 3) < 4 * std::sqrt(96.0) / root);
  CHECK(kolmogorov(sample, normal_cdf) < kolmogorov_limit);
  // The tail, where a wrong boundary of the acceptance region would show: beyond 3 lie 2.7 in 1000.
  double beyond = 0;
  for (const double z : sample) beyond += std::fabs(z) > 3 ? 1.0 / n : 0;
  const double expected = std::erfc(3 / std::sqrt(2.0));
  CHECK(std::fabs(beyond - expected) < 4 * std::sqrt(expected * (1 - expected) / n));
}

TEST_CASE("seeds and streams differ from each other", "[core][random]") {
  std::vector<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (std::uint64_t stream = 0; stream < 50; ++stream) {
      first.push_back(random_stream(seed, stream).bits64());
      first.push_back(random_stream(seed << 32, 1000 + (stream << 32)).bits64());
    }
  }
  std::sort(first.begin(), first.end());
  const auto distinct = std::unique(first.begin(), first.end()) - first.begin();
  CHECK(distinct == 5000);  // two of 5000 words of 64 bits agree by chance once in 10^12 seeds
}

TEST_CASE("neighbouring streams are uncorrelated", "[core][random]") {
  const int n = 50000;
  for (std::uint64_t stream = 0; stream < 5; ++stream) {
    random_stream a(1, stream);
    random_stream b(1, stream + 1);
    double product = 0;
    for (int i = 0; i < n; ++i) product += (a.uniform() - 0.5) * (b.uniform() - 0.5);
    CAPTURE(stream);
    CHECK(std::fabs(12 * product / n) < 4 / std::sqrt(static_cast<double>(n)));  // four standard errors
  }
}

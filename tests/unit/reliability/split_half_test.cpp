// SPDX-License-Identifier: BSL-1.0
// Guttman's lambdas and split halves against enumeration with subsets written as bits, and against each other.
#include "rapport_test.hpp"

#include <set>

#include <Eigen/LU>

namespace rp = rapport;

using rapport::errc;
using rapport::stats::covariance_estimate;
using rapport::stats::matrix;
using rapport::stats::vector;

namespace {

covariance_estimate<double> sample(std::uint64_t seed, rp::index n, rp::index k) {
  rapport::random_stream random(seed);
  matrix<double> x(n, k);
  for (rp::index i = 0; i < n; ++i) {
    const double factor = random.normal();
    for (rp::index j = 0; j < k; ++j) x(i, j) = factor * (0.3 + 0.1 * static_cast<double>(j % 5)) + random.normal();
  }
  return rapport::stats::covariance(x).value();
}

/// Every split once: the subsets of half the items (rounded down); with an even number those without the first item.
std::vector<double> naive_splits(const matrix<double>& c) {
  const auto k = static_cast<unsigned>(c.cols());
  std::vector<double> out;
  for (unsigned subset = 0; subset < (1U << k); ++subset) {
    if (static_cast<unsigned>(__builtin_popcount(subset)) != k / 2) continue;
    if (k % 2 == 0 && (subset & 1U) != 0) continue;
    double between = 0;
    for (unsigned i = 0; i < k; ++i) {
      for (unsigned j = 0; j < k; ++j) {
        if ((subset >> i & 1U) != 0 && (subset >> j & 1U) == 0) between += c(i, j);
      }
    }
    out.push_back(4 * between / c.sum());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("all splits are visited, each once", "[split_half]") {
  for (const rp::index k : {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
    const auto c = sample(static_cast<std::uint64_t>(k), 40, k);
    if (!(c.covariance.sum() > 0)) continue;
    const auto found = rapport::split_half(c).value();
    const auto wanted = naive_splits(c.covariance);
    INFO(k << " items");
    REQUIRE(found.is_exhaustive);
    REQUIRE(found.values.size() == wanted.size());
    CHECK(static_cast<double>(wanted.size()) == rapport::number_of_splits(k));
    for (std::size_t s = 0; s < wanted.size(); ++s) CHECK_CLOSE(found.values[s], wanted[s], 1e-12, 1e-12);
    CHECK_CLOSE(found.max, wanted.back(), 1e-12);
    CHECK_CLOSE(found.min, wanted.front(), 1e-12, 1e-13);
    CHECK(std::ssize(found.best_half) >= k / 2);
    CHECK(std::ssize(found.best_half) <= k - k / 2);
  }
}

TEST_CASE("the mean of all splits of an even number of items is alpha; all 6435 of 16", "[split_half]") {
  const auto c = sample(16, 200, 16);
  const auto found = rapport::split_half(c).value();
  CHECK(found.values.size() == 6435);
  CHECK_CLOSE(found.mean, rapport::cronbach_alpha(c)->estimate, 1e-12);
  CHECK(found.min < found.mean);
  CHECK(found.mean < found.max);
}

TEST_CASE("too many splits are sampled, the same ones for the same seed", "[split_half]") {
  const auto c = sample(30, 100, 24);
  const auto a = rapport::split_half(c, {.sampled_splits = 2000, .seed = 5}).value();
  CHECK_FALSE(a.is_exhaustive);
  CHECK(a.values.size() == 2000);
  CHECK(a.values == rapport::split_half(c, {.sampled_splits = 2000, .seed = 5})->values);
  CHECK(a.values != rapport::split_half(c, {.sampled_splits = 2000, .seed = 6})->values);
  // The mean over all splits is alpha; 2000 of them have a mean within a few hundredths of their SD.
  CHECK_CLOSE(a.mean, rapport::cronbach_alpha(c)->estimate, 0, 0.005);
  // With few items a sample reaches the extremes.
  const auto small = sample(31, 60, 6);
  const auto sampled = rapport::split_half(small, {.most_splits = 1, .sampled_splits = 500}).value();
  CHECK_CLOSE(sampled.max, rapport::split_half(small)->max, 1e-12);
  CHECK_CLOSE(sampled.min, rapport::split_half(small)->min, 1e-12, 1e-13);
}

TEST_CASE("the lambdas as Guttman wrote them", "[guttman]") {
  for (const rp::index k : {2, 5, 12}) {
    const auto c = sample(static_cast<std::uint64_t>(40 + k), 80, k);
    const auto g = rapport::guttman_lambdas(c).value();
    const double total = c.covariance.sum();
    double variances = 0;
    double squares = 0;
    double largest = 0;
    double errors = 0;
    const matrix<double> inverse = c.covariance.inverse();
    for (rp::index i = 0; i < k; ++i) {
      double own = 0;
      for (rp::index j = 0; j < k; ++j) {
        if (i != j) own += c.covariance(i, j) * c.covariance(i, j);
      }
      variances += c.covariance(i, i);
      squares += own;
      largest = std::max(largest, own);
      errors += 1 / inverse(i, i);
    }
    const double kk = static_cast<double>(k);
    CHECK_CLOSE(g.lambda1, 1 - variances / total, 1e-12);
    CHECK_CLOSE(g.lambda2, 1 - variances / total + std::sqrt(kk / (kk - 1) * squares) / total, 1e-12);
    CHECK_CLOSE(g.lambda3, rapport::cronbach_alpha(c)->estimate, 1e-14);
    CHECK_CLOSE(g.lambda5, 1 - variances / total + 2 * std::sqrt(largest) / total, 1e-12);
    CHECK_CLOSE(*g.lambda6, 1 - errors / total, 1e-11);
  }
}

TEST_CASE("alpha never exceeds lambda 2, nor any split lambda 4", "[guttman]") {
  rapport::random_stream random(77);
  int checked = 0;
  for (int s = 0; s < 3000; ++s) {
    const rp::index k = 2 + random.below(7);
    const rp::index n = 2 + random.below(12);
    matrix<double> x(n, k);
    for (rp::index i = 0; i < x.size(); ++i) x(i) = static_cast<double>(random.below(5));
    const auto c = rapport::stats::covariance(x).value();
    const auto g = rapport::guttman_lambdas(c);
    if (!g) {
      CHECK(g.error().code == errc::negative_total_variance);
      continue;
    }
    ++checked;
    CHECK(g->lambda3 <= g->lambda2 + 1e-12 * (1 + std::fabs(g->lambda3)));
    const auto halves = rapport::split_half(c).value();
    CHECK(halves.min <= halves.mean + 1e-9 * (1 + std::fabs(halves.mean)));
    CHECK(halves.mean <= halves.max + 1e-9 * (1 + std::fabs(halves.max)));
  }
  CHECK(checked > 2500);
}

TEST_CASE("odd against even items, halves written out", "[split_half]") {
  for (const rp::index k : {4, 5}) {
    const auto c = sample(static_cast<std::uint64_t>(60 + k), 50, k);
    vector<double> a = vector<double>::Zero(k);
    for (rp::index i = 0; i < k; i += 2) a(i) = 1;
    const vector<double> b = 1 - a.array();
    const double va = a.dot(c.covariance * a);
    const double vb = b.dot(c.covariance * b);
    const double ab = a.dot(c.covariance * b);
    const auto s = rapport::odd_even_split(c).value();
    const double r = ab / std::sqrt(va * vb);
    CHECK_CLOSE(*s.correlation, r, 1e-12);
    CHECK_CLOSE(*s.spearman_brown, 2 * r / (1 + r), 1e-12);
    CHECK_CLOSE(s.flanagan, 4 * ab / (va + vb + 2 * ab), 1e-12);
    if (k == 4) CHECK_CLOSE(*s.horst, *s.spearman_brown, 1e-12);
    if (k == 5) CHECK(*s.horst > *s.spearman_brown);
  }
  CHECK_CLOSE(rapport::spearman_brown(0.6, 2.0).value(), 0.75, 1e-14);
  CHECK_CLOSE(rapport::spearman_brown(0.75, 0.5).value(), 0.6, 1e-14);
  CHECK(rapport::spearman_brown(0.6, 0.0).error().code == errc::invalid_option);
  CHECK(rapport::spearman_brown(-0.6, 5.0).error().code == errc::invalid_option);
}

TEST_CASE("split halves refuse what they cannot use", "[split_half]") {
  const auto one = sample(1, 20, 1);
  CHECK(rapport::split_half(one).error().code == errc::too_few_columns);
  CHECK(rapport::guttman_lambdas(one).error().code == errc::too_few_columns);
  CHECK(rapport::odd_even_split(one).error().code == errc::too_few_columns);
  auto c = sample(2, 20, 4);
  CHECK(rapport::split_half(c, {.most_splits = 0}).error().code == errc::invalid_option);
  CHECK(rapport::split_half(c, {.sampled_splits = 0}).error().code == errc::invalid_option);
  c.covariance.setZero();
  CHECK(rapport::split_half(c).error().code == errc::negative_total_variance);
  // A copied item leaves no inverse, and no lambda 6.
  auto copied = sample(3, 20, 3);
  copied.covariance.row(2) = copied.covariance.row(1);
  copied.covariance.col(2) = copied.covariance.col(1);
  CHECK_FALSE(rapport::guttman_lambdas(copied)->lambda6);
}

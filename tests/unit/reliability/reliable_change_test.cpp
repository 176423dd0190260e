// SPDX-License-Identifier: BSL-1.0
// Reliable change against the formulas as they stand in papers, and against what must hold whatever the numbers.
#include "rapport_test.hpp"

#include <rapport/reliability/reliable_change.hpp>

#include <span>
#include <vector>

namespace {

using rapport::better_scores;
using rapport::change_method;
using rapport::change_options;
using rapport::change_reference;
using rapport::change_verdict;
using rapport::errc;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr change_method all_methods[] = {change_method::jacobson_truax,  change_method::gulliksen_lord_novick,
                                         change_method::hsu_linn_lord,   change_method::edwards_nunnally,
                                         change_method::nunnally_kotsch, change_method::hageman_arrindell};

change_reference<double> group() {
  change_reference<double> to;
  to.mean = 29;
  to.sd = 7.5;
  to.reliability = 0.88;
  to.mean_post = 22;
  to.sd_post = 9.5;
  to.reliability_post = 0.8;
  to.correlation = 0.55;
  return to;
}

/// The indices once more, each as its paper writes it.
double by_hand(change_method method, const change_reference<double>& g, double x, double y) {
  const double r = g.reliability;
  const double s = g.sd;
  const double sem = s * std::sqrt(1 - r);
  const double predicted = r * (x - g.mean) + g.mean;
  switch (method) {
    case change_method::jacobson_truax: return (y - x) / std::sqrt(2 * sem * sem);
    case change_method::gulliksen_lord_novick: return (y - predicted) / (s * std::sqrt(1 - r * r));
    case change_method::hsu_linn_lord: return (y - *g.mean_post - r * (x - g.mean)) / std::sqrt(s * s - s * s * r * r);
    case change_method::edwards_nunnally: return (y - predicted) / sem;
    case change_method::nunnally_kotsch:
      return (y - predicted) / std::sqrt(r * r * s * s * (1 - r) + s * s * (1 - *g.reliability_post));
    case change_method::hageman_arrindell: {
      const double sp = *g.sd_post;
      const double r_post = (sp * sp - sem * sem) / (sp * sp);
      const double c = 2 * s * sp * *g.correlation;
      const double rdd = (s * s * r + sp * sp * r_post - c) / (s * s + sp * sp - c);
      return ((y - x) * rdd + (*g.mean_post - g.mean) * (1 - rdd)) / (std::sqrt(rdd) * std::sqrt(2 * sem * sem));
    }
  }
  return missing;
}

}  // namespace

TEST_CASE("each index is what its paper says", "[reliable_change]") {
  const auto g = group();
  for (const auto method : all_methods) {
    for (const double x : {18.0, 29.0, 41.5}) {
      for (const double y : {10.0, 29.0, 40.0}) {
        const auto found = rapport::reliable_change(g, x, y, {.method = method}).value();
        CHECK_CLOSE(found.index, by_hand(method, g, x, y), 1e-13, 1e-14);
        CHECK(found.critical == (method == change_method::hageman_arrindell ? 1.65 : 1.96));
        CHECK_FALSE(found.interval);
        CHECK_FALSE(found.depends_on_reliability);
      }
    }
  }
}

TEST_CASE("indices do not see shift nor unit, and change sign with the direction of the scale", "[reliable_change]") {
  const auto g = group();
  auto moved = g;
  moved.mean = 3 * g.mean + 100;
  moved.sd = 3 * g.sd;
  moved.mean_post = 3 * *g.mean_post + 100;
  moved.sd_post = 3 * *g.sd_post;
  for (const auto method : all_methods) {
    const double before = rapport::reliable_change(g, 31.0, 20.0, {.method = method})->index;
    CHECK_CLOSE(rapport::reliable_change(moved, 193.0, 160.0, {.method = method})->index, before, 1e-12);
  }
}

TEST_CASE("verdicts: strictly beyond the critical value, in the better direction", "[reliable_change]") {
  change_reference<double> to{.mean = 0, .sd = 1, .reliability = 0.5};  // the denominator is 1
  const auto verdict = [&](double y, change_options options = {}) {
    return rapport::reliable_change(to, 0.0, y, options).value().verdict;
  };
  CHECK(verdict(2) == change_verdict::improved);
  CHECK(verdict(1.9) == change_verdict::unchanged);
  CHECK(verdict(-2) == change_verdict::deteriorated);
  CHECK(verdict(-2, {.better = better_scores::lower}) == change_verdict::improved);
  CHECK(verdict(2, {.better = better_scores::lower}) == change_verdict::deteriorated);
  CHECK(verdict(1.5, {.critical = 1.5}) == change_verdict::unchanged);
  CHECK(verdict(1.6, {.critical = 1.5}) == change_verdict::improved);
  CHECK(to_string(change_verdict::deteriorated) == "deteriorated");
  CHECK(to_string(change_method::jacobson_truax) == "Jacobson-Truax");
}

TEST_CASE("an estimated reliability gives the index a range, and says if the verdict hangs on it",
          "[reliable_change]") {
  auto g = group();
  g.reliability_interval = rapport::basic_interval<double>{0.70, 0.95, 0.95};
  const auto jt = rapport::reliable_change(g, 30.0, 24.0).value();
  REQUIRE(jt.interval);
  // Jacobson and Truax's index grows with the reliability: its range ends where the interval does.
  const auto at = [&](double r) { return -6 / (7.5 * std::sqrt(2 * (1 - r))); };
  CHECK_CLOSE(jt.interval->lower, at(0.95), 1e-12);
  CHECK_CLOSE(jt.interval->upper, at(0.70), 1e-12);
  CHECK(jt.verdict == change_verdict::unchanged);
  CHECK(jt.depends_on_reliability);
  CHECK_FALSE(rapport::reliable_change(g, 30.0, 29.0).value().depends_on_reliability);
  for (const auto method : all_methods) {
    const auto found = rapport::reliable_change(g, 36.0, 20.0, {.method = method}).value();
    REQUIRE(found.interval);
    CHECK(found.interval->contains(found.index));
  }
  g.reliability_interval->lower = -0.2;  // counts as 0
  CHECK_CLOSE(rapport::reliable_change(g, 30.0, 24.0)->interval->upper, at(0), 1e-12);
}

TEST_CASE("the reference of a group comes from its complete pairs", "[reliable_change]") {
  const std::vector<double> pre = {30, 25, missing, 41, 18, 22, 7};
  const std::vector<double> post = {12, 24, 20, 39, 20, 10, missing};
  rapport::basic_estimate<double> r;
  r.estimate = 0.88;
  r.interval = {0.8, 0.93, 0.95};
  const auto found = rapport::change_reference_from<double>(pre, post, r, 0.8).value();
  CHECK(found.n == 5);
  CHECK_CLOSE(found.mean, (30 + 25 + 41 + 18 + 22) / 5.0);
  CHECK_CLOSE(*found.mean_post, 21);
  double squares = 0;
  double cross = 0;
  double squares_post = 0;
  for (const std::size_t i : {0U, 1U, 3U, 4U, 5U}) {
    squares += std::pow(pre[i] - found.mean, 2);
    squares_post += std::pow(post[i] - 21, 2);
    cross += (pre[i] - found.mean) * (post[i] - 21);
  }
  CHECK_CLOSE(found.sd, std::sqrt(squares / 4));
  CHECK_CLOSE(*found.sd_post, std::sqrt(squares_post / 4));
  CHECK_CLOSE(*found.correlation, cross / std::sqrt(squares * squares_post));
  CHECK(found.reliability_interval->upper == 0.93);

  const std::vector<double> constant(7, 3.0);
  CHECK(rapport::change_reference_from<double>(pre, constant, r).error().code == errc::zero_variance);
  CHECK(rapport::change_reference_from<double>(pre, std::span(post).first(3), r).error().code == errc::size_mismatch);
  const std::vector<double> nothing(7, missing);
  CHECK(rapport::change_reference_from<double>(pre, nothing, r).error().code == errc::too_few_rows);
  std::vector<double> infinite = post;
  infinite[3] = std::numeric_limits<double>::infinity();
  const auto refused = rapport::change_reference_from<double>(pre, infinite, r).error();
  CHECK(refused.code == errc::not_finite);
  CHECK(refused.row == 3);
  CHECK(refused.column == 1);
}

TEST_CASE("reliable change refuses what it cannot use", "[reliable_change]") {
  const auto code = [](const change_reference<double>& to, change_options options = {}, double x = 30, double y = 20) {
    const auto found = rapport::reliable_change(to, x, y, options);
    REQUIRE_FALSE(found);
    return found.error().code;
  };
  for (const double r : {-0.1, 1.0, 1.2, missing}) {
    auto bad = group();
    bad.reliability = r;
    CHECK(code(bad) == errc::invalid_option);
  }
  for (const double sd : {0.0, -1.0, missing, std::numeric_limits<double>::infinity()}) {
    auto bad = group();
    bad.sd = sd;
    CHECK(code(bad) == errc::invalid_option);
    bad = group();
    bad.sd_post = sd;
    CHECK(code(bad, {.method = change_method::hageman_arrindell}) == errc::invalid_option);
  }
  auto bare = group();
  bare.mean_post.reset();
  CHECK(code(bare, {.method = change_method::hsu_linn_lord}) == errc::no_data);
  bare = group();
  bare.correlation.reset();
  CHECK(code(bare, {.method = change_method::hageman_arrindell}) == errc::no_data);
  bare.correlation = 1.2;
  CHECK(code(bare, {.method = change_method::hageman_arrindell}) == errc::invalid_option);
  // Before and after correlate higher than the reliability allows: nothing reliable is left of the difference.
  bare.sd_post = bare.sd;
  bare.correlation = 0.95;
  CHECK(code(bare, {.method = change_method::hageman_arrindell}) == errc::unreliable_difference);
  auto outside = group();
  outside.reliability_interval = rapport::basic_interval<double>{0.9, 0.95, 0.95};
  CHECK(code(outside) == errc::invalid_option);
  outside.reliability_interval = rapport::basic_interval<double>{0.8, 1.0, 0.95};
  CHECK(code(outside) == errc::invalid_option);
  CHECK(code(group(), {.critical = 0.0}) == errc::invalid_option);
  CHECK(code(group(), {}, missing, 3) == errc::not_finite);
  CHECK(code(group(), {}, 3, missing) == errc::not_finite);
}

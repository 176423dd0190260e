// SPDX-License-Identifier: BSL-1.0
// Bayesian change points: against the sum over all segmentations, the filter against hindsight, degenerate series.
#include "rapport_test.hpp"

#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();
const double pi = 4 * std::atan(1.0);

struct segment_fact {
  double log_density;
  double mean;
};

/// The closed form of the marginal density of a segment.
segment_fact closed_form(const std::vector<double>& y, std::size_t begin, std::size_t end,
                         const stats::normal_gamma_prior<double>& prior) {
  const double m = static_cast<double>(end - begin);
  double mean = 0;
  for (std::size_t t = begin; t < end; ++t) mean += y[t] / m;
  double squares = 0;
  for (std::size_t t = begin; t < end; ++t) squares += (y[t] - mean) * (y[t] - mean);
  const double k = prior.mean_weight, a = prior.shape, b = prior.scale;
  const double kn = k + m, an = a + m / 2;
  const double bn = b + squares / 2 + k * m * (mean - prior.mean) * (mean - prior.mean) / (2 * kn);
  return {std::lgamma(an) - std::lgamma(a) + a * std::log(b) - an * std::log(bn) + std::log(k / kn) / 2 -
              m / 2 * std::log(2 * pi),
          (k * prior.mean + m * mean) / kn};
}

}  // namespace

TEST_CASE("the posterior equals the sum over all segmentations", "[stats]") {
  rp::random_stream random(47);
  for (int trial = 0; trial < 30; ++trial) {
    const auto n = static_cast<std::size_t>(1 + random.below(9));
    std::vector<double> y;
    for (std::size_t t = 0; t < n; ++t) y.push_back((t > n / 2 ? 3 : 5) + random.normal());
    const stats::normal_gamma_prior<double> prior{4.5, 0.1 + random.uniform(), 0.5 + 2 * random.uniform(),
                                                  0.2 + random.uniform()};
    const double hazard = 0.05 + 0.4 * random.uniform();
    double evidence = 0;
    std::vector<double> changes(n, 0.0), level(n, 0.0);
    std::vector<double> run(n + 1, 0.0);
    for (unsigned cuts = 0; cuts < 1U << (n - 1); ++cuts) {
      double log_joint = 0;
      std::vector<double> means(n);
      std::size_t begin = 0;
      for (std::size_t t = 1; t <= n; ++t) {
        const bool cut = t == n || (cuts >> (t - 1) & 1U) != 0;
        if (t < n) log_joint += std::log(cut ? hazard : 1 - hazard);
        if (!cut) continue;
        const auto fact = closed_form(y, begin, t, prior);
        log_joint += fact.log_density;
        for (std::size_t s = begin; s < t; ++s) means[s] = fact.mean;
        if (t < n) begin = t;
      }
      const double joint = std::exp(log_joint);
      evidence += joint;
      for (std::size_t t = 0; t < n; ++t) {
        level[t] += joint * means[t];
        if (t > 0 && (cuts >> (t - 1) & 1U) != 0) changes[t] += joint;
      }
      run[n - begin] += joint * (1 - hazard);
    }
    run[0] = evidence * hazard;
    const auto found = stats::posterior_of_changes<double>(y, prior, hazard).value();
    auto filter = stats::run_length_filter<double>::make(prior, hazard).value();
    for (const double each : y) filter.update(each);
    CHECK_CLOSE(found.log_evidence, std::log(evidence), 1e-10, 1e-10);
    CHECK_CLOSE(filter.log_evidence(), std::log(evidence), 1e-10, 1e-10);
    const auto lengths = filter.run_length();
    REQUIRE(lengths.size() == n + 1);
    for (std::size_t t = 0; t <= n; ++t) CHECK_CLOSE(lengths[t], run[t] / evidence, 1e-9, 1e-12);
    double expected = 0;
    for (std::size_t t = 0; t < n; ++t) {
      CHECK_CLOSE(found.probability[t], changes[t] / evidence, 1e-9, 1e-12);
      CHECK_CLOSE(found.level[t], level[t] / evidence, 1e-9);
      expected += changes[t] / evidence;
    }
    CHECK_CLOSE(found.expected_changes, expected, 1e-9, 1e-12);
  }
}

TEST_CASE("Bayesian change points of degenerate series", "[stats]") {
  using prior = stats::normal_gamma_prior<double>;
  const std::vector<double> one{4}, gap{4, na};
  CHECK(stats::posterior_of_changes<double>(std::vector<double>{}, prior{}, 0.1).error().code == errc::no_data);
  CHECK(stats::posterior_of_changes<double>(gap, prior{}, 0.1).error().code == errc::missing_value);
  CHECK(stats::posterior_of_changes<double>(one, prior{}, 0.1)->expected_changes == 0);
  CHECK(stats::posterior_of_changes<double>(one, prior{}, 1.0).error().subject.view() == "hazard");
  CHECK(stats::posterior_of_changes<double>(one, prior{0, 0, 1, 1}, 0.1).error().subject.view() == "mean_weight");
  CHECK(stats::run_length_filter<double>::make(prior{0, 1, na, 1}, 0.1).error().subject.view() == "shape");
  CHECK(stats::run_length_filter<double>::make(prior{0, 1, 1, -1}, 0.1).error().subject.view() == "scale");
  CHECK(stats::run_length_filter<double>::make(prior{na, 1, 1, 1}, 0.1).error().subject.view() == "prior mean");
  // A constant series: no change, and nothing overflows far from the prior.
  const auto constant = stats::posterior_of_changes<double>(std::vector<double>(30, 1e6), prior{}, 0.02).value();
  CHECK(constant.expected_changes < 1);
  CHECK(std::isfinite(constant.level[15]));
}

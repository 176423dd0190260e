// SPDX-License-Identifier: BSL-1.0
// Hidden Markov models: against the sum over all paths, recovery of a known model, degenerate series.
#include "rapport_test.hpp"

#include <vector>

namespace rp = rapport;
namespace stats = rapport::stats;
using rapport::errc;
using model = stats::hidden_markov_model<double>;
using many = std::vector<std::vector<double>>;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

double density(double y, double mean, double sd) {
  if (std::isnan(y)) return 1;
  const double z = (y - mean) / sd;
  return std::exp(-z * z / 2) / (sd * std::sqrt(8 * std::atan(1.0)));
}

rp::result<stats::hidden_markov_fit<double>> fit(const many& series,
                                                 const stats::hidden_markov_options<double>& o = {}) {
  return stats::fit_hidden_markov<double>(std::span<const std::vector<double>>(series), o);
}

}  // namespace

TEST_CASE("state probabilities and path equal the sum over all paths", "[stats]") {
  rp::random_stream random(53);
  for (int trial = 0; trial < 40; ++trial) {
    const auto n = static_cast<std::size_t>(1 + random.below(3));
    const auto length = static_cast<std::size_t>(1 + random.below(7));
    model m;
    double total = 0;
    for (std::size_t j = 0; j < n; ++j) {
      m.initial.push_back(random.uniform());
      total += m.initial.back();
      m.mean.push_back(3 * random.normal());
      m.sd.push_back(0.3 + random.uniform());
    }
    for (double& p : m.initial) p /= total;
    for (std::size_t i = 0; i < n; ++i) {
      double row = 0;
      for (std::size_t j = 0; j < n; ++j)
        row += m.transition.emplace_back(i != j && trial % 4 == 0 ? 0.0 : random.uniform());
      for (std::size_t j = 0; j < n; ++j) m.transition[i * n + j] /= row;
    }
    std::vector<double> y;
    for (std::size_t t = 0; t < length; ++t) y.push_back(random.chance(0.2) ? na : 3 * random.normal());

    std::size_t n_paths = 1;
    for (std::size_t t = 0; t < length; ++t) n_paths *= n;
    double likelihood = 0;
    double best = -1;
    std::vector<double> gamma(length * n, 0.0);
    for (std::size_t path = 0; path < n_paths; ++path) {
      double joint = 1;
      std::size_t code = path;
      std::vector<std::size_t> states;
      for (std::size_t t = 0; t < length; ++t, code /= n) {
        const std::size_t j = code % n;
        joint *= (t == 0 ? m.initial[j] : m.transition[states.back() * n + j]) * density(y[t], m.mean[j], m.sd[j]);
        states.push_back(j);
      }
      likelihood += joint;
      for (std::size_t t = 0; t < length; ++t) gamma[t * n + states[t]] += joint;
      best = (std::max)(best, joint);
    }
    const auto found = stats::decode_states<double>(m, y).value();
    CHECK_CLOSE(found.log_likelihood, std::log(likelihood), 1e-9, 1e-9);
    CHECK_CLOSE(found.path_log_likelihood, std::log(best), 1e-9, 1e-9);
    for (std::size_t k = 0; k < gamma.size(); ++k)
      CHECK_CLOSE(found.probability[k], gamma[k] / likelihood, 1e-8, 1e-12);
    // The path has the likelihood that it says.
    double joint = 0;
    for (std::size_t t = 0; t < length; ++t) {
      const auto j = rp::as_size(found.path[t]);
      joint += std::log((t == 0 ? m.initial[j] : m.transition[rp::as_size(found.path[t - 1]) * n + j]) *
                        density(y[t], m.mean[j], m.sd[j]));
    }
    CHECK_CLOSE(joint, found.path_log_likelihood, 1e-9, 1e-9);
  }
}

TEST_CASE("a known model is recovered from many short series", "[stats]") {
  rp::random_stream random(59);
  many series;
  for (int client = 0; client < 300; ++client) {
    std::vector<double> y;
    bool low = random.chance(0.2);
    for (int t = 0; t < 15; ++t) {
      y.push_back(random.chance(0.1) ? na : (low ? 3 : 5) + 0.5 * random.normal());
      low = random.chance(low ? 0.6 : 0.1);
    }
    series.push_back(y);
  }
  const auto found = fit(series, {.n_starts = 3}).value();
  CHECK(found.converged);
  CHECK_FALSE(found.at_least_sd);
  // About four standard errors of some 4000 values.
  CHECK(std::fabs(found.model.mean[0] - 3) < 0.08);
  CHECK(std::fabs(found.model.mean[1] - 5) < 0.05);
  CHECK(std::fabs(found.model.sd[0] - 0.5) < 0.06);
  CHECK(std::fabs(found.model.from_to(0, 0) - 0.6) < 0.07);
  CHECK(std::fabs(found.model.from_to(1, 0) - 0.1) < 0.03);
  CHECK(std::fabs(found.model.initial[0] - 0.2) < 0.1);
  // The likelihood is at a maximum: no small change of a parameter helps.
  const auto likelihood = [&](const model& m) {
    double sum = 0;
    for (const auto& y : series) sum += stats::decode_states<double>(m, y)->log_likelihood;
    return sum;
  };
  CHECK_CLOSE(likelihood(found.model), found.log_likelihood, 1e-9);
  for (int k = 0; k < 2; ++k) {
    for (const double change : {-1e-3, 1e-3}) {
      model other = found.model;
      other.mean[static_cast<std::size_t>(k)] += change;
      CHECK(likelihood(other) < found.log_likelihood);
      other = found.model;
      other.sd[static_cast<std::size_t>(k)] += change;
      CHECK(likelihood(other) < found.log_likelihood);
    }
  }
  CHECK(fit(series, {.n_starts = 3})->log_likelihood == found.log_likelihood);
}

TEST_CASE("hidden Markov models of degenerate series", "[stats]") {
  CHECK(fit({}).error().code == errc::no_data);
  CHECK(fit({{}, {na, na}}).error().code == errc::no_data);
  CHECK(fit({{1, 2, 3}}).error().code == errc::too_few_rows);
  CHECK(fit({std::vector<double>(10, 4.0)}).error().code == errc::zero_variance);
  CHECK(fit({{1, 2}, {3, std::numeric_limits<double>::infinity()}}).error().row == 1);
  CHECK(fit({{1, 2}}, {.n_states = 0}).error().subject.view() == "n_states");
  // Values of two kinds only: the states shrink to them, and the fit says so.
  const auto two = fit({{1, 1, 1, 1, 5, 5, 5, 5, 1, 1, 1, 1}}).value();
  CHECK(two.at_least_sd);
  CHECK_CLOSE(two.model.mean[0], 1, 1e-6);
  const model bad{{0.5, 0.6}, {1, 0, 0, 1}, {0, 1}, {1, 1}};
  CHECK(stats::decode_states<double>(bad, std::vector<double>{1}).error().code == errc::invalid_option);
  const model good{{1, 0}, {0.9, 0.1, 0.2, 0.8}, {0, 1}, {1, 1}};
  CHECK(stats::decode_states<double>(good, std::vector<double>{}).error().code == errc::no_data);
  CHECK(stats::decode_states<double>(good, std::vector<double>{na})->log_likelihood == 0);
  // Far outliers do not underflow.
  CHECK(std::isfinite(stats::decode_states<double>(good, std::vector<double>{0, 1e6, 0})->log_likelihood));
}

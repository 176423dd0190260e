// SPDX-License-Identifier: BSL-1.0
// Nested variances against the likelihood of the whole covariance matrix, and at the boundary.
#include "rapport_test.hpp"

#include <rapport/stats/nested_components.hpp>

#include <numbers>
#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::stats::matrix;
using rapport::stats::nested_session;
using rapport::stats::vector;

struct answers {
  std::vector<double> y{};
  std::vector<rp::index> client{};
  std::vector<rp::index> session{};  // numbered through all clients

  [[nodiscard]] std::vector<nested_session<double>> sessions() const {
    std::vector<nested_session<double>> out;
    for (std::size_t i = 0; i < y.size();) {
      nested_session<double> s{.client = client[i]};
      std::size_t end = i;
      for (; end < y.size() && session[end] == session[i]; ++end) s.mean += y[end];
      s.n = static_cast<rp::index>(end - i);
      s.mean /= static_cast<double>(s.n);
      for (std::size_t k = i; k < end; ++k) s.squares += std::pow(y[k] - s.mean, 2);
      out.push_back(s);
      i = end;
    }
    return out;
  }

  /// -2 restricted log-likelihood from the covariance matrix of all answers.
  [[nodiscard]] double criterion(double between, double occasion, double rest) const {
    const auto n = static_cast<rp::index>(y.size());
    matrix<double> v(n, n);
    for (rp::index i = 0; i < n; ++i) {
      for (rp::index j = 0; j < n; ++j) {
        const auto a = rapport::as_size(i);
        const auto b = rapport::as_size(j);
        v(i, j) =
            (client[a] == client[b] ? between : 0) + (session[a] == session[b] ? occasion : 0) + (i == j ? rest : 0);
      }
    }
    const auto factor = rapport::stats::cholesky_factor<double>::make(v).value();
    const vector<double> one = vector<double>::Ones(n);
    const vector<double> value = Eigen::Map<const vector<double>>(y.data(), n);
    const vector<double> solved_one = factor.solve(one);
    const double information = one.dot(solved_one);
    const vector<double> residual = value.array() - solved_one.dot(value) / information;
    return static_cast<double>(n - 1) * std::log(2 * std::numbers::pi) + factor.log_determinant() +
           std::log(information) + residual.dot(vector<double>(factor.solve(residual)));
  }
};

answers simulated(rapport::random_stream& random, rp::index clients, double between, double occasion, double rest) {
  answers out;
  rp::index number = 0;
  for (rp::index c = 0; c < clients; ++c) {
    const double level = between * random.normal();
    const rp::index n_sessions = 2 + random.below(5);
    for (rp::index s = 0; s < n_sessions; ++s, ++number) {
      const double state = occasion * random.normal();
      const rp::index n_answers = 1 + random.below(4);
      for (rp::index k = 0; k < n_answers; ++k) {
        out.y.push_back(3 + level + state + rest * random.normal());
        out.client.push_back(c);
        out.session.push_back(number);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the likelihood is that of the whole covariance matrix, and its slopes are its differences",
          "[nested_components]") {
  rapport::random_stream random(1);
  const auto data = simulated(random, 12, 1, 0.7, 0.9);
  const auto sessions = data.sessions();
  rapport::stats::detail::nested_likelihood<double> likelihood{sessions};
  for (const auto& s : sessions) {
    likelihood.n_answers += s.n;
    likelihood.squares += s.squares;
  }
  for (const auto& at : {std::array{1.0, 0.5, 0.8}, {0.0, 0.3, 2.0}, {0.2, 0.0, 0.4}}) {
    vector<double> variances(3);
    variances << at[0], at[1], at[2];
    const auto found = likelihood(variances);
    CHECK_CLOSE(found.value, data.criterion(at[0], at[1], at[2]), 1e-11);
    const double h = 1e-5;
    const double slopes[] = {
        (data.criterion(at[0] + h, at[1], at[2]) - data.criterion(at[0] - h, at[1], at[2])) / (2 * h),
        (data.criterion(at[0], at[1] + h, at[2]) - data.criterion(at[0], at[1] - h, at[2])) / (2 * h),
        (data.criterion(at[0], at[1], at[2] + h) - data.criterion(at[0], at[1], at[2] - h)) / (2 * h)};
    for (rp::index k = 0; k < 3; ++k) CHECK_CLOSE(found.slope(k), slopes[k], 1e-6, 1e-5);
  }
}

TEST_CASE("the fit is the optimum, and finds the variances that made the data", "[nested_components]") {
  rapport::random_stream random(2);
  double sum[3] = {};
  constexpr int n_samples = 200;
  for (int s = 0; s < n_samples; ++s) {
    const auto data = simulated(random, 40, 1, 0.7, 0.9);
    const auto found = rapport::stats::fit_nested_components(data.sessions()).value();
    CHECK(found.converged);
    sum[0] += found.client_var / n_samples;
    sum[1] += found.session_var / n_samples;
    sum[2] += found.residual_var / n_samples;
    if (s > 0) continue;
    const double best = data.criterion(found.client_var, found.session_var, found.residual_var);
    CHECK_CLOSE(-2 * found.log_likelihood, best, 1e-11);
    for (const double f : {0.99, 1.01}) {
      CHECK(data.criterion(f * found.client_var, found.session_var, found.residual_var) > best);
      CHECK(data.criterion(found.client_var, f * found.session_var, found.residual_var) > best);
      CHECK(data.criterion(found.client_var, found.session_var, f * found.residual_var) > best);
    }
    REQUIRE(found.covariance);
    CHECK((found.covariance->diagonal().array() > 0).all());
  }
  // Standard errors of these means: about .018, .007 and .005; four of them, and REML's small bias at zero.
  CHECK_CLOSE(sum[0], 1, 0, 0.08);
  CHECK_CLOSE(sum[1], 0.49, 0, 0.03);
  CHECK_CLOSE(sum[2], 0.81, 0, 0.02);
}

TEST_CASE("a variance that is not there is zero, and has no standard error", "[nested_components]") {
  rapport::random_stream random(3);
  int at_zero = 0;
  for (int s = 0; s < 20; ++s) {
    const auto found = rapport::stats::fit_nested_components(simulated(random, 15, 0, 0.5, 1).sessions()).value();
    CHECK(found.client_var >= 0);
    if (found.client_var > 0) continue;
    ++at_zero;
    CHECK_FALSE(found.covariance);
  }
  CHECK(at_zero > 3);
}

TEST_CASE("nested variances need replication", "[nested_components]") {
  using rapport::stats::fit_nested_components;
  std::vector<nested_session<double>> s = {{0, 3, 1.0, 0.5}, {0, 3, 2.0, 0.5}, {1, 3, 2.5, 0.1}};
  CHECK(fit_nested_components(s));
  CHECK(fit_nested_components(std::vector<nested_session<double>>{}).error().code == errc::too_few_clusters);
  s.pop_back();
  CHECK(fit_nested_components(s).error().code == errc::too_few_clusters);
  CHECK(fit_nested_components(std::vector<nested_session<double>>{{0, 3, 1, 1}, {1, 3, 2, 1}}).error().code ==
        errc::no_replication);
  CHECK(fit_nested_components(std::vector<nested_session<double>>{{0, 1, 1, 0}, {0, 1, 3, 0}, {1, 1, 2, 0}})
            .error()
            .code == errc::no_replication);
  CHECK(fit_nested_components(std::vector<nested_session<double>>{{0, 2, 1, 0}, {0, 2, 3, 0}, {1, 2, 2, 0}})
            .error()
            .code == errc::zero_variance);
  CHECK(fit_nested_components(std::vector<nested_session<double>>{{0, 2, 1, 1}, {0, 2, 1, 1}, {1, 2, 1, 1}})
            .error()
            .code == errc::zero_variance);
}

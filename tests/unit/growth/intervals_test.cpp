// SPDX-License-Identifier: BSL-1.0
// Intervals of growth curves by profile and by parametric bootstrap, and what the bootstrap draws.
#include "rapport_test.hpp"

#include "naive_nested_model.hpp"

namespace rp = rapport;

using rapport::errc;
using rapport::stats::residual_kind;

namespace {

rapport::session_panel practice(std::uint64_t seed, int n_clients, int n_sessions) {
  rapport::random_stream random(seed);
  std::vector<rapport::session_row<double>> rows;
  for (int c = 1; c <= n_clients; ++c) {
    const double level = 5 + 0.8 * random.normal();
    const double trend = 0.1 + 0.1 * random.normal();
    for (int s = 1; s <= n_sessions; ++s) {
      const double score = level + trend * s + 0.5 * random.normal();
      if (s > 2 && random.chance(0.2)) continue;
      rows.push_back({std::to_string(c), static_cast<double>(s), score, "T" + std::to_string(c % 4)});
    }
  }
  return rapport::session_panel::from_rows(rows).value();
}

}  // namespace

TEST_CASE("profile intervals of a growth curve are those of its rows", "[growth]") {
  const auto panel = practice(1, 15, 5);
  const auto coding = rapport::linear{}.random_slope();
  const auto found = rapport::profile_intervals(panel, coding, {.level = 0.9}).value();
  const auto rows = rapport::rows_of_growth<double>(panel, coding).value();
  REQUIRE(found.size() == 2);
  for (rapport::index j = 0; j < 2; ++j) {
    const auto wanted = rapport::stats::profile_interval(rows.data, j, 0.9).value();
    CHECK(found[rapport::as_size(j)].lower == wanted.lower);
    CHECK(found[rapport::as_size(j)].upper == wanted.upper);
  }
  // With therapists or structured errors the other engine is asked.
  rapport::growth_options options{.method = rapport::stats::likelihood::ml, .therapists = true};
  options.errors = residual_kind::autoregressive;
  const auto fit = rapport::fit_growth(panel, coding, options).value();
  const auto nested = rapport::profile_intervals(panel, coding, options).value();
  for (std::size_t j = 0; j < 2; ++j) {
    CHECK(nested[j].contains(fit.fixed()[j].estimate));
    const double half = fit.fixed()[j].interval.upper - fit.fixed()[j].estimate;
    CHECK((nested[j].upper - nested[j].lower) / (2 * half) > 0.7);
    CHECK((nested[j].upper - nested[j].lower) / (2 * half) < 1.4);
  }
  const auto single = rapport::profile_intervals(panel, rapport::level{}).error();
  CHECK(single.code == errc::invalid_option);
  CHECK(std::string(rapport::message(single).view()).find("is 1, but must lie between 2 and") != std::string::npos);
}

TEST_CASE("bootstrap intervals do not depend on threads and are near Wald's", "[growth]") {
  const auto panel = practice(2, 30, 5);
  const auto coding = rapport::linear{}.random_slope();
  const auto fit = rapport::fit_growth(panel, coding).value();
  const auto one = rapport::bootstrap_intervals(panel, coding, {}, {}, {.replicates = 400, .threads = 1}).value();
  const auto two = rapport::bootstrap_intervals(panel, coding, {}, {}, {.replicates = 400, .threads = 2}).value();
  for (std::size_t j = 0; j < 2; ++j) {
    CHECK(one[j].lower == two[j].lower);
    CHECK(one[j].upper == two[j].upper);
    // Ends of 400 replicates have standard errors of about a tenth of the half-width.
    const double half = fit.fixed()[j].interval.upper - fit.fixed()[j].estimate;
    CHECK(std::fabs(one[j].lower - fit.fixed()[j].interval.lower) < 0.35 * half);
    CHECK(std::fabs(one[j].upper - fit.fixed()[j].interval.upper) < 0.35 * half);
  }
  CHECK(rapport::bootstrap_intervals(panel, coding, {}, {}, {.replicates = 0}).error().code == errc::invalid_option);
  rapport::growth_options options{.therapists = true};
  options.errors = residual_kind::autoregressive;
  const auto nested = rapport::bootstrap_intervals(panel, rapport::linear{}, options, {}, {.replicates = 30}).value();
  CHECK(nested[1].lower < nested[1].upper);
}

TEST_CASE("the covariance of a client's errors, entry by entry", "[growth]") {
  const auto panel = practice(3, 4, 4);
  for (const auto& [kind, parameters] :
       {std::pair(residual_kind::independent, std::vector<double>{}),
        std::pair(residual_kind::autoregressive, std::vector<double>{-0.4}),
        std::pair(residual_kind::continuous, std::vector<double>{0.6}),
        std::pair(residual_kind::symmetric, std::vector<double>{-0.2}),
        std::pair(residual_kind::stratified, std::vector<double>{2, 0.5, 3}),
        std::pair(residual_kind::unstructured, std::vector<double>{0.1, 0.2, 0.3, 1.5, 0.4, 0.5, 2, 0.6, 3})}) {
    rapport::growth_options options;
    options.errors = kind;
    const auto data = rapport::model_of_growth<double>(panel, rapport::linear{}.random_none(), options)->nested();
    const auto first = data.cluster_begin[1];
    const auto count = data.cluster_begin[2] - first;
    const auto found = rapport::stats::error_covariance(data.residual, parameters, first, count);
    for (rapport::index s = 0; s < count; ++s) {
      for (rapport::index t = 0; t < count; ++t)
        CHECK_CLOSE(found(s, t), rapport_test::naive_residual(data, parameters, first + s, first + t), 1e-15);
    }
  }
}

TEST_CASE("drawn scores have the covariances of the model", "[growth]") {
  rapport::growth_options options{.therapists = true};
  options.errors = residual_kind::autoregressive;
  const auto data =
      rapport::model_of_growth<double>(practice(4, 5, 3), rapport::linear{}.random_slope(), options)->nested();
  rapport::stats::nested_model_fit<double> fit;
  fit.fixed = Eigen::Vector2d(1, -0.5);
  fit.random_covariance = Eigen::MatrixXd(2, 2);
  fit.random_covariance << 1.0, -0.3, -0.3, 0.4;
  fit.residual_var = 0.7;
  fit.group_var = 0.5;
  fit.residual = residual_kind::autoregressive;
  fit.residual_parameters = {0.6};
  const Eigen::MatrixXd wanted =
      rapport_test::naive_covariance(data, fit.random_covariance, fit.group_var, fit.residual_var, {0.6});
  constexpr int n_draws = 20000;
  Eigen::MatrixXd found = Eigen::MatrixXd::Zero(wanted.rows(), wanted.cols());
  for (int r = 0; r < n_draws; ++r) {
    rapport::random_stream random(9, static_cast<std::uint64_t>(r));
    const Eigen::VectorXd away = rapport::stats::draw_scores(data, fit, random) - data.x * fit.fixed;
    found += away * away.transpose() / n_draws;
  }
  for (rapport::index i = 0; i < wanted.rows(); ++i) {
    for (rapport::index j = 0; j < wanted.cols(); ++j) {
      // Five standard errors of a mean of products.
      const double error = std::sqrt((wanted(i, i) * wanted(j, j) + wanted(i, j) * wanted(i, j)) / n_draws);
      CHECK(std::fabs(found(i, j) - wanted(i, j)) < 5 * error);
    }
  }
}

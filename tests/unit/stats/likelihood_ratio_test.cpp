// SPDX-License-Identifier: BSL-1.0
// Likelihood ratios, their mixtures on the boundary, and the parametric bootstrap.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"

namespace rp = rapport;

using namespace rapport::stats;

namespace {

mixed_model_data<double> with_random(mixed_model_data<double> data, rp::index n_random, bool correlated = true) {
  data.z = data.x.leftCols(n_random);
  data.structure = correlated ? random_structure::correlated : random_structure::uncorrelated;
  return data;
}

}  // namespace

TEST_CASE("the mixture of a likelihood ratio follows from the two models", "[likelihood_ratio]") {
  const auto data = rapport_test::simulated_sessions(41, 40, 6, false);
  const auto level = fit_rows(with_random(data, 1), likelihood::ml).value();
  const auto uncorrelated = fit_rows(with_random(data, 2, false), likelihood::ml).value();
  const auto slope = fit_rows(with_random(data, 2), likelihood::ml).value();
  const auto parts = [](const auto& test) {
    std::vector<std::pair<double, rp::index>> out;
    for (const auto& part : test->mixture) out.emplace_back(part.weight, part.df);
    return out;
  };
  using list = std::vector<std::pair<double, rp::index>>;
  const auto one_more = compare_models(level, slope);
  CHECK(parts(one_more) == list{{0.5, 1}, {0.5, 2}});
  CHECK(one_more->df == 2);
  CHECK_CLOSE(one_more->statistic, level.deviance - slope.deviance);
  // Upper tails of chi-squared with 1 and 2 degrees of freedom in closed form.
  const double x = one_more->statistic;
  CHECK_CLOSE(one_more->p, (std::erfc(std::sqrt(x / 2)) + std::exp(-x / 2)) / 2, 1e-10);
  CHECK_CLOSE(one_more->p_plain, std::exp(-x / 2), 1e-10);
  CHECK_FALSE(one_more->few_clusters);
  CHECK(parts(compare_models(level, uncorrelated)) == list{{0.5, 0}, {0.5, 1}});
  CHECK(parts(compare_models(uncorrelated, slope)) == list{{1, 1}});
  auto flat = with_random(data, 1);
  flat.x = data.x.leftCols(1).eval();
  const auto no_trend = fit_rows(flat, likelihood::ml).value();
  CHECK(parts(compare_models(no_trend, level)) == list{{1, 1}});

  CHECK(compare_models(slope, level).error().code == rp::errc::not_comparable);
  CHECK(compare_models(level, level).error().code == rp::errc::not_comparable);
  CHECK(compare_models(no_trend, slope).error().code == rp::errc::not_comparable);
  const auto reml = fit_rows(with_random(data, 2), likelihood::reml).value();
  CHECK(compare_models(level, reml).error().code == rp::errc::not_comparable);
  CHECK(
      compare_models(fit_rows(flat, likelihood::reml).value(), fit_rows(with_random(data, 1), likelihood::reml).value())
          .error()
          .code == rp::errc::not_comparable);
}

TEST_CASE("the bootstrap does not depend on threads, and agrees with Wald where that is right", "[bootstrap]") {
  const auto data = rapport_test::simulated_sessions(42, 40, 6, false);
  const auto fit = fit_rows(data, likelihood::reml).value();
  const auto one = bootstrap_intervals(data, fit, 0.9, {.replicates = 30, .seed = 5, .threads = 1}).value();
  const auto two = bootstrap_intervals(data, fit, 0.9, {.replicates = 30, .seed = 5, .threads = 2}).value();
  const auto many = bootstrap_intervals(data, fit, 0.9, {.replicates = 300, .seed = 6}).value();
  for (std::size_t j = 0; j < 2; ++j) {
    CHECK(one[j].lower == two[j].lower);
    CHECK(one[j].upper == two[j].upper);
    CHECK(one[j].lower != many[j].lower);
    const double se = std::sqrt(fit.fixed_covariance(static_cast<rp::index>(j), static_cast<rp::index>(j)));
    // 40 clients: normal within some percent. An end of 300 draws errs by se .12, the width by a twentieth of itself.
    CHECK_CLOSE((many[j].upper - many[j].lower) / (2 * 1.645 * se), 1, 0.2);
  }
  CHECK(bootstrap_intervals(data, fit, 0.9, {.replicates = 0}).error().code == rp::errc::invalid_option);
  CHECK(bootstrap_intervals(data, fit, 2.0).error().code == rp::errc::invalid_option);
}

TEST_CASE("drawn scores have the covariances of the model", "[bootstrap]") {
  const auto data = rapport_test::simulated_sessions(43, 3, 4, true);
  mixed_model_fit<double> model;
  model.fixed = Eigen::Vector2d(5, 0.5);
  model.random_covariance = (Eigen::MatrixXd(2, 2) << 0.8, -0.2, -0.2, 0.1).finished();
  model.residual_var = 0.3;
  rapport::random_stream random(7);
  constexpr int n = 10000;
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(12, 12);
  for (int draw = 0; draw < n; ++draw) {
    const Eigen::VectorXd r = draw_scores(data, model, random) - data.x * model.fixed;
    sum += r * r.transpose() / n;
  }
  Eigen::MatrixXd wanted = Eigen::MatrixXd::Zero(12, 12);
  for (rp::index c = 0; c < 3; ++c) {
    const auto z = data.z.middleRows(4 * c, 4);
    wanted.block(4 * c, 4 * c, 4, 4) =
        z * model.random_covariance * z.transpose() + 0.3 * Eigen::MatrixXd::Identity(4, 4);
  }
  // The standard error of a variance v is v sqrt(2 / n), 1.4 %; five of them for the largest, 1.5.
  CHECK((sum - wanted).cwiseAbs().maxCoeff() < 5 * 0.0141 * wanted.maxCoeff());
}

TEST_CASE("a simulated p-value of a likelihood ratio", "[bootstrap]") {
  const auto data = rapport_test::simulated_sessions(44, 15, 6, false, 0.8, 0.25);
  const auto small_rows = with_random(data, 1);
  const auto small_fit = fit_rows(small_rows, likelihood::reml).value();
  const auto large_fit = fit_rows(data, likelihood::reml).value();
  const auto p = bootstrap_likelihood_ratio(small_rows, small_fit, data, large_fit, {.replicates = 99}).value();
  CHECK(compare_models(small_fit, large_fit)->few_clusters);
  CHECK(p <= 0.02);  // slopes differ by .25 per session: plain to see
  // A model against itself shows nothing.
  CHECK(bootstrap_likelihood_ratio(small_rows, small_fit, small_rows, small_fit, {.replicates = 19}).value() == 1);
}

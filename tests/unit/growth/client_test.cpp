// SPDX-License-Identifier: BSL-1.0
// What a growth fit says of single clients, of the reliability of slopes, of shapes side by side; likelihood by filter.
#include "rapport_test.hpp"

#include <Eigen/Dense>

namespace rp = rapport;

using rapport::errc;

namespace {

rapport::session_panel study(std::uint64_t seed, int n_clients, int n_sessions, bool fast_at_first = false) {
  rapport::random_stream random(seed);
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (int c = 1; c <= n_clients; ++c) {
    const double level = 5 + 0.8 * random.normal();
    const double trend = 0.1 + 0.1 * random.normal();
    for (int s = 1; s <= n_sessions; ++s) {
      const double y = level + (fast_at_first ? 2 * std::log(s) : trend * s) + 0.5 * random.normal();
      if (s > 2 && random.chance(0.2)) continue;
      client.push_back(c);
      session.push_back(s);
      score.push_back(y);
    }
  }
  return rapport::session_panel::make(client, session, score).value();
}

}  // namespace

TEST_CASE("the likelihood of the fitted model from one-step predictions", "[growth]") {
  for (const auto& coding :
       {rapport::time_coding(rapport::linear{}.random_slope()), rapport::time_coding(rapport::level{}),
        rapport::time_coding(rapport::linear{}.centered_at(4).random_slope_uncorrelated())}) {
    const auto panel = study(1, 25, 8);
    const auto fit = rapport::fit_growth(panel, coding, {.method = rapport::stats::likelihood::ml}).value();
    const auto model = fit.session_model().value();
    double minus_two_log = 0;
    for (rapport::index c = 0; c < panel.n_clients(); ++c) {
      rapport::stats::session_filter<double> filter(model);
      const auto series = panel.series(c);
      for (rapport::index t = 0; t < series.size(); ++t) {
        const double time = series.session[rapport::as_size(t)];
        const auto expected = filter.predict(time);
        const double z = (series[t] - expected.mean) / expected.sd;
        minus_two_log += std::log(8 * std::atan(1.0)) + 2 * std::log(expected.sd) + z * z;
        filter.update(time, series[t]);
      }
    }
    CHECK_CLOSE(minus_two_log, fit.criterion(), 1e-11);
  }
}

TEST_CASE("the early alliance of a client, with its error", "[growth]") {
  const auto panel = study(2, 30, 8);
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.random_slope()).value();
  // Centered at 4, the level is the mean of the curve over sessions 3, 4 and 5.
  const auto at_4 = rapport::fit_growth(panel, rapport::linear{}.centered_at(4).random_slope()).value();
  const std::vector<double> early{3, 4, 5};
  for (std::size_t c = 0; c < 30; ++c) {
    const auto level = fit.level_over(fit.client_curves()[c], early).value();
    CHECK_CLOSE(level.estimate, at_4.client_curves()[c].coefficients(0), 1e-8);
    CHECK_CLOSE(level.standard_error, at_4.client_curves()[c].standard_errors(0), 1e-7);
    CHECK(level.interval.contains(level.estimate));
  }
  CHECK(fit.level_over(fit.client_curves()[0], std::vector<double>{}).error().code == errc::no_data);
}

TEST_CASE("reliability of levels and slopes, design effect", "[growth]") {
  const auto panel = study(3, 30, 8);
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.random_slope()).value();
  REQUIRE(fit.reliabilities().size() == 2);
  double slope = 0;
  double n = 0;
  double squares = 0;
  for (rapport::index c = 0; c < panel.n_clients(); ++c) {
    const auto series = panel.series(c);
    double mean = 0;
    double around = 0;
    const auto size = static_cast<double>(series.size());
    for (const double t : series.session) mean += t / size;
    for (const double t : series.session) around += (t - mean) * (t - mean);
    const double g = fit.random_covariance()(1, 1);
    slope += g / (g + fit.model().residual_var / around) / 30;
    n += size;
    squares += size * size;
  }
  CHECK_CLOSE(fit.reliabilities()[1], slope, 1e-10);
  CHECK_CLOSE(fit.design_effect(), 1 + (squares / n - 1) * fit.icc(), 1e-12);
  CHECK_CLOSE(fit.effective_n(), n / fit.design_effect(), 1e-12);
}

TEST_CASE("a new client is predicted as one of the data would be", "[growth]") {
  const auto panel = study(4, 40, 8);
  const auto fit = rapport::fit_growth(panel, rapport::linear{}.random_slope()).value();
  const std::vector<double> time{1, 2, 3};
  const std::vector<double> score{6, 6.5, 6.1};
  const std::vector<double> at{4};
  const auto known = rapport::predict_new_client<double>(fit, time, score, at, true).value();
  const auto next = fit.predict_next(score).value();
  CHECK_CLOSE(known.expected[0].mean, next.mean, 1e-11);
  CHECK_CLOSE(std::sqrt(known.expected[0].score_var), next.sd, 1e-11);
  const auto uncertain = rapport::predict_new_client<double>(fit, time, score, at).value();
  CHECK(uncertain.expected[0].score_var > known.expected[0].score_var);
  CHECK(uncertain.expected[0].band.contains(uncertain.expected[0].mean));
  // Without scores it is the mean curve.
  const auto nothing = rapport::predict_new_client<double>(fit, {}, {}, at).value();
  CHECK_CLOSE(nothing.expected[0].mean, fit.mean_at(4)->estimate, 1e-12);
  CHECK_CLOSE(nothing.expected[0].curve_var,
              std::pow(fit.mean_at(4)->standard_error, 2) + fit.random_covariance()(0, 0) +
                  8 * fit.random_covariance()(0, 1) + 16 * fit.random_covariance()(1, 1),
              1e-10);
  CHECK(rapport::predict_new_client<double>(fit, time, at, at).error().code == errc::size_mismatch);
  const auto flat = rapport::fit_growth(panel, rapport::linear{}.random_none()).value();
  CHECK(rapport::predict_new_client<double>(flat, time, score, at).error().code == errc::invalid_option);
}

TEST_CASE("shapes side by side", "[growth]") {
  const auto panel = study(5, 40, 8, true);
  const std::vector<rapport::named_coding> shapes{
      {"level", rapport::level{}}, {"linear", rapport::linear{}}, {"log", rapport::log_time{}.centered_at(1)}};
  const auto found = rapport::compare_shapes(panel, shapes).value();
  REQUIRE(found.size() == 3);
  double weights = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto fit = rapport::fit_growth(panel, shapes[k].coding, {.method = rapport::stats::likelihood::ml}).value();
    const auto& each = found[k];
    CHECK_CLOSE(each.log_likelihood, fit.log_likelihood(), 1e-10);
    CHECK_CLOSE(each.aic, fit.aic(), 1e-10);
    const double p = static_cast<double>(each.n_parameters);
    const double n = static_cast<double>(fit.n_obs());
    CHECK_CLOSE(each.aicc, fit.aic() + 2 * p * (p + 1) / (n - p - 1), 1e-10);
    CHECK(each.converged);
    weights += each.akaike_weight;
  }
  CHECK_CLOSE(weights, 1, 1e-12);
  // The truth is logarithmic.
  CHECK(found[2].akaike_weight > 0.9);
  CHECK(found[2].left_out_log_density > found[1].left_out_log_density);
  CHECK(found[1].left_out_log_density > found[0].left_out_log_density);
  CHECK(found[2].left_out_error_sd < found[0].left_out_error_sd);
  // REML is not asked, whatever the options say.
  const auto reml = rapport::compare_shapes(panel, shapes, {.method = rapport::stats::likelihood::reml}).value();
  CHECK(reml[1].log_likelihood == found[1].log_likelihood);
  CHECK(rapport::compare_shapes(panel, {}).error().code == errc::no_data);
  CHECK(rapport::compare_shapes(panel, shapes, {}, {}, {.folds = -1}).error().code == errc::invalid_option);
}

TEST_CASE("cross-validation by its definition", "[growth]") {
  const auto panel = study(6, 6, 5);
  const auto coding = rapport::linear{};
  // One client per fold.
  const auto found = rapport::compare_shapes(panel, {{"linear", coding}}, {}, {}, {.folds = 6}).value();
  double sum = 0;
  for (rapport::index left_out = 0; left_out < 6; ++left_out) {
    std::vector<rapport::session_row<double>> others;
    for (rapport::index c = 0; c < 6; ++c) {
      const auto series = panel.series(c);
      for (rapport::index t = 0; t < series.size() && c != left_out; ++t)
        others.push_back({panel.client_id(c), series.session[rapport::as_size(t)], series[t], {}});
    }
    const auto fit = rapport::fit_growth(rapport::session_panel::from_rows(others).value(), coding,
                                         {.method = rapport::stats::likelihood::ml})
                         .value();
    const auto series = panel.series(left_out);
    const auto n = series.size();
    Eigen::MatrixXd v = Eigen::MatrixXd::Constant(n, n, fit.random_covariance()(0, 0));
    Eigen::VectorXd away(n);
    for (rapport::index t = 0; t < n; ++t) {
      v(t, t) += fit.model().residual_var;
      away(t) = series[t] - fit.mean_at(series.session[rapport::as_size(t)])->estimate;
    }
    sum -= (std::log(v.determinant()) + away.dot(v.inverse() * away) +
            static_cast<double>(n) * std::log(8 * std::atan(1.0))) /
           12;
  }
  CHECK_CLOSE(found[0].left_out_log_density, sum, 1e-8);
}

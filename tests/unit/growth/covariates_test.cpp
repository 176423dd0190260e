// SPDX-License-Identifier: BSL-1.0
// Covariates, moderators and the split within and between clients: columns by hand, fits by the textbook likelihood.
#include "rapport_test.hpp"

#include "naive_mixed_model.hpp"

using rapport::covariate_role;
using rapport::errc;
using rapport::growth_covariate;

namespace {

struct study {
  std::vector<int> client{};
  std::vector<double> session{};
  std::vector<double> score{};
  std::vector<double> treated{};
  std::vector<double> mood{};

  [[nodiscard]] rapport::session_panel panel() const {
    return rapport::session_panel::make(client, session, score).value();
  }
};

study simulated(std::uint64_t seed, int n_clients, int n_sessions, double mood_slope_sd = 0.3) {
  rapport::random_stream random(seed);
  study out;
  for (int c = 1; c <= n_clients; ++c) {
    const double treated = c % 2 == 0 ? 1 : 0;
    const double level = 5 + 0.8 * random.normal();
    const double trend = 0.05 + 0.1 * treated + 0.1 * random.normal();
    const double usual_mood = random.normal();
    const double mood_slope = 0.4 + mood_slope_sd * random.normal();
    for (int s = 1; s <= n_sessions; ++s) {
      const double mood = usual_mood + 0.7 * random.normal();
      const double noise = 0.5 * random.normal();
      if (s > 1 && random.chance(0.2)) continue;
      out.client.push_back(c);
      out.session.push_back(s);
      out.treated.push_back(treated);
      out.mood.push_back(mood);
      out.score.push_back(level + trend * s + mood_slope * (mood - usual_mood) + 0.2 * usual_mood + noise);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the columns of covariates, moderators and splits", "[growth]") {
  // Rows out of order: the panel sorts them, the covariates follow.
  const std::vector<int> client{2, 1, 1, 2, 1};
  const std::vector<double> session{2, 3, 1, 1, 2};
  const std::vector<double> score{5, 4, 3, 2, 1};
  const std::vector<double> x{20, 13, 11, 21, 12};
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto rows = rapport::rows_of_growth<double>(
                        panel, rapport::quadratic{}.centered_at(1).random_slope(),
                        {{"a", x}, {"m", x, covariate_role::moderator}, {"s", x, covariate_role::split, true}}, "t")
                        .value();
  CHECK(rows.columns.fixed_names ==
        std::vector<std::string>{"(Intercept)", "t", "t^2", "a", "m", "s_within", "s_between", "t:m", "t^2:m"});
  CHECK(rows.columns.random_columns == std::vector<rapport::index>{0, 1, 5});
  Eigen::MatrixXd wanted(5, 9);
  wanted << 1, 0, 0, 11, 11, -1, 12, 0, 0,  //
      1, 1, 1, 12, 12, 0, 12, 12, 12,       //
      1, 2, 4, 13, 13, 1, 12, 26, 52,       //
      1, 0, 0, 21, 21, 0.5, 20.5, 0, 0,     //
      1, 1, 1, 20, 20, -0.5, 20.5, 20, 20;
  CHECK(rows.data.x == wanted);
  CHECK(rows.data.z.col(2) == wanted.col(5));
  CHECK(rows.data.y == (Eigen::VectorXd(5) << 3, 1, 4, 2, 5).finished());
}

TEST_CASE("sessions without a covariate are left out and counted, and the split is over what is left", "[growth]") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const std::vector<int> client{1, 1, 1, 2, 2, 3};
  const std::vector<double> session{1, 2, 3, 1, 2, 1};
  const std::vector<double> score{1, 2, missing, 4, 5, 6};
  const std::vector<double> x{3, 5, 100, missing, 8, missing};
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto rows = rapport::rows_of_growth<double>(panel, rapport::level{}, {{"x", x, covariate_role::split}}).value();
  CHECK(rows.columns.n_left_out == 2);
  CHECK(rows.data.n_clusters() == 2);
  CHECK(rows.data.x.col(1) == Eigen::Vector3d(-1, 1, 0));
  CHECK(rows.data.x.col(2) == Eigen::Vector3d(4, 4, 8));
}

TEST_CASE("a model with covariates is the mixed model of its columns", "[growth]") {
  const auto data = simulated(3, 40, 8);
  const auto panel = data.panel();
  const std::vector<growth_covariate> covariates{{"treated", data.treated, covariate_role::moderator},
                                                 {"mood", data.mood, covariate_role::split, true}};
  const auto coding = rapport::linear{}.centered_at(1).random_slope();
  for (const auto method : {rapport::stats::likelihood::ml, rapport::stats::likelihood::reml}) {
    const auto fit = rapport::fit_growth(panel, coding, {.method = method}, covariates).value();
    REQUIRE(fit.model().report.status == rapport::stats::fit_status::converged);
    CHECK(fit.random_names() == std::vector<std::string>{"(Intercept)", "session", "mood_within"});
    const auto rows = rapport::rows_of_growth(panel, coding, covariates).value();
    const rapport_test::naive_mixed_model naive(rows.data, fit.random_covariance(), fit.model().residual_var,
                                                method == rapport::stats::likelihood::reml);
    CHECK_CLOSE(fit.criterion(), naive.deviance, 1e-10);
    for (rapport::index j = 0; j < 6; ++j) {
      const auto& found = fit.fixed()[rapport::as_size(j)];
      CHECK_CLOSE(found.estimate, naive.beta(j), 1e-8);
      CHECK_CLOSE(found.standard_error, std::sqrt(naive.beta_covariance(j, j)), 1e-8);
    }
    // The truth: .4 within, .2 between, .1 more trend under treatment; bounds of four standard errors.
    CHECK(std::fabs(fit.fixed("mood_within")->estimate - 0.4) < 4 * fit.fixed("mood_within")->standard_error);
    CHECK(std::fabs(fit.fixed("mood_between")->estimate - 0.2) < 4 * fit.fixed("mood_between")->standard_error);
    CHECK(std::fabs(fit.fixed("session:treated")->estimate - 0.1) < 4 * fit.fixed("session:treated")->standard_error);
  }
}

TEST_CASE("a client's curve adds its deviations to the columns they belong to", "[growth]") {
  const auto data = simulated(4, 30, 8);
  const auto fit = rapport::fit_growth(data.panel(), rapport::linear{}, {}, {{"mood", data.mood, {}, true}}).value();
  const auto& client = fit.client_curves()[3];
  const auto& fixed = fit.model().fixed;
  CHECK(client.coefficients(0) != fixed(0));
  CHECK(client.coefficients(1) == fixed(1));
  CHECK(client.coefficients(2) != fixed(2));
  CHECK(client.ols.size() == 2);
  CHECK(client.standard_errors(2) > 0);
}

TEST_CASE("orthogonal and raw polynomials are the same curve", "[growth]") {
  const auto data = simulated(5, 30, 9);
  const auto raw = rapport::fit_growth(data.panel(), rapport::quadratic{}.centered_at(4)).value();
  const auto made = rapport::fit_growth(data.panel(), rapport::orthogonal_quadratic{}.centered_at(4)).value();
  for (const double time : {1.0, 3.5, 9.0, 12.0}) {
    CHECK_CLOSE(made.mean_at(time)->estimate, raw.mean_at(time)->estimate, 1e-9);
    CHECK_CLOSE(made.mean_at(time)->standard_error, raw.mean_at(time)->standard_error, 1e-7);
  }
  // The last term is tested alike, whatever the others are.
  CHECK_CLOSE(made.fixed()[2].t, raw.fixed()[2].t, 1e-7);
  const auto rows = rapport::rows_of_growth<double>(data.panel(), rapport::orthogonal_quadratic{}).value();
  CHECK_CLOSE(rows.data.x.col(1).norm(), 1);
  CHECK_CLOSE(rows.data.x.col(1).dot(rows.data.x.col(2)), 0, 0, 1e-12);
  CHECK_CLOSE(rows.data.x.col(1).sum(), 0, 0, 1e-12);
}

TEST_CASE("covariates that cannot be used are refused by name", "[growth]") {
  const auto data = simulated(6, 10, 6);
  const auto panel = data.panel();
  const auto fit = [&](const std::vector<growth_covariate>& covariates, const rapport::time_coding& coding) {
    return rapport::fit_growth(panel, coding, {}, covariates).error();
  };
  const auto shorter = fit({{"treated", {1, 2, 3}}}, rapport::linear{});
  CHECK(shorter.code == errc::size_mismatch);
  CHECK(shorter.subject == "treated");
  const auto twice = fit({{"treated", data.treated}, {"again", data.treated}}, rapport::linear{});
  CHECK(twice.code == errc::collinear);
  CHECK(twice.subject == "again");
  CHECK(twice.column == 3);
  const std::vector<double> nothing(data.score.size(), std::numeric_limits<double>::quiet_NaN());
  CHECK(fit({{"empty", nothing}}, rapport::linear{}).code == errc::no_data);
  // A covariate that never varies within clients has no within part.
  CHECK(fit({{"treated", data.treated, covariate_role::split}}, rapport::linear{}).subject == "treated_within");
  const auto early = fit({}, rapport::log_time{}.centered_at(3));
  CHECK(early.code == errc::time_before_curve);
  CHECK(early.value == 1);
  CHECK(early.lower == 2);
  CHECK(rapport::fit_growth(panel, rapport::sqrt_time{}.centered_at(1))->mean_at(0).error().code ==
        errc::time_before_curve);
  CHECK(rapport::fit_growth(panel, rapport::linear{}, {}, {{"mood", data.mood}})->session_model().error().code ==
        errc::invalid_option);
}

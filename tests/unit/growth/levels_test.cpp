// SPDX-License-Identifier: BSL-1.0
// Growth curves with therapists, with structured errors, without random effects, with Kenward-Roger.
#include "rapport_test.hpp"

#include "naive_nested_model.hpp"

namespace rp = rapport;

using rapport::errc;
using rapport::stats::residual_kind;

namespace {

/// The rows of a simulated nested study as a panel with therapists; therapist k has clients_of[k] clients.
struct practice {
  std::vector<rapport::session_row<double>> rows{};

  explicit practice(std::uint64_t seed, const std::vector<int>& clients_of, int n_sessions = 6) {
    rapport::random_stream random(seed);
    int client = 0;
    for (std::size_t t = 0; t < clients_of.size(); ++t) {
      const double therapist = 0.5 * random.normal();
      for (int c = 0; c < clients_of[t]; ++c) {
        ++client;
        const double level = 5 + therapist + 0.8 * random.normal();
        double error = 0;
        for (int s = 1; s <= n_sessions; ++s) {
          error = 0.5 * error + 0.5 * random.normal();
          if (s > 1 && random.chance(0.2)) continue;
          rows.push_back(
              {std::to_string(client), static_cast<double>(s), level + 0.1 * s + error, "T" + std::to_string(t + 1)});
        }
      }
    }
  }

  [[nodiscard]] rapport::session_panel panel() const { return rapport::session_panel::from_rows(rows).value(); }
};

}  // namespace

TEST_CASE("therapists as a level, described only if enough of their clients are known", "[growth]") {
  const practice study(3, {12, 10, 9, 15, 2, 11});
  const auto fit = rapport::fit_growth(study.panel(), rapport::linear{}.centered_at(1), {.therapists = true}).value();
  REQUIRE(fit.model().report.status == rapport::stats::fit_status::converged);
  CHECK(fit.therapist_sd() > 0);
  CHECK(fit.icc_therapist() > 0);
  CHECK(fit.icc_therapist() < fit.icc());
  REQUIRE(fit.therapists().size() == 6);
  for (const auto& each : fit.therapists()) {
    CHECK(each.effect.has_value() == (each.n_clients >= 10));
    if (!each.effect) continue;
    CHECK(each.interval->contains(*each.effect));
    CHECK(*each.standard_error < fit.therapist_sd() * 1.2);
  }
  CHECK(fit.therapists()[2].n_clients == 9);
  // A client's expected score is the mean curve, the therapist's part and the client's own.
  const auto& client = fit.client_curves()[0];
  CHECK_CLOSE(client.therapist_effect, *fit.therapists()[0].effect);
  CHECK_CLOSE(fit.expected(client, 1), client.coefficients(0) + client.therapist_effect);
  // A new client's therapist is not known.
  CHECK_CLOSE(fit.session_model()->intercept_var, fit.random_covariance()(0, 0) + fit.model().group_var);
  // The parts of the variance add up.
  CHECK_CLOSE(fit.findings().random_var, fit.random_covariance()(0, 0) + fit.model().group_var);
}

TEST_CASE("the order of rows and the names of therapists change nothing", "[growth]") {
  practice study(4, {5, 6, 7, 4});
  const auto options = rapport::growth_options{.therapists = true};
  const auto fit = rapport::fit_growth(study.panel(), rapport::linear{}, options).value();
  std::reverse(study.rows.begin(), study.rows.end());
  for (auto& row : study.rows) row.therapist = "Z" + std::to_string(9 - std::stoi(row.therapist.substr(1)));
  const auto other = rapport::fit_growth(study.panel(), rapport::linear{}, options).value();
  CHECK_CLOSE(other.criterion(), fit.criterion(), 1e-12);
  CHECK_CLOSE(other.fixed()[1].estimate, fit.fixed()[1].estimate, 1e-10);
  CHECK_CLOSE(other.therapist_sd(), fit.therapist_sd(), 1e-7);
}

TEST_CASE("without random effects it is least squares", "[growth]") {
  const practice study(5, {8, 8});
  const auto fit = rapport::fit_growth(study.panel(), rapport::linear{}.random_none()).value();
  const auto rows = rapport::rows_of_growth<double>(study.panel(), rapport::linear{}).value();
  const Eigen::VectorXd beta =
      (rows.data.x.transpose() * rows.data.x).ldlt().solve(rows.data.x.transpose() * rows.data.y);
  const Eigen::VectorXd r = rows.data.y - rows.data.x * beta;
  const double n = static_cast<double>(r.size());
  CHECK_CLOSE(fit.fixed()[1].estimate, beta(1), 1e-10);
  CHECK_CLOSE(fit.residual_sd(), std::sqrt(r.squaredNorm() / (n - 2)), 1e-10);
  CHECK_CLOSE(fit.fixed()[0].df, n - 2, 1e-9);
  CHECK(fit.icc() == 0);
  CHECK(fit.random_names().empty());
  CHECK(fit.client_curves()[3].coefficients == fit.model().fixed);
  CHECK(fit.session_model().error().code == errc::invalid_option);
}

TEST_CASE("errors of each kind, and what they are called", "[growth]") {
  const practice study(6, {20, 20}, 5);
  const auto panel = study.panel();
  const auto fit = [&](residual_kind kind, const rapport::time_coding& coding,
                       const rapport::growth_options& more = {}) {
    auto options = more;
    options.errors = kind;
    return rapport::fit_growth(panel, coding, options).value();
  };
  const auto none = rapport::linear{}.random_none();
  const auto ar = fit(residual_kind::autoregressive, rapport::linear{});
  CHECK(ar.model().residual_parameters[0] > 0.1);
  CHECK(ar.model().residual_parameters[0] < 0.9);
  CHECK(ar.session_model().error().code == errc::invalid_option);
  // On whole session numbers continuous time says the same, unless the correlation is negative.
  const auto car = fit(residual_kind::continuous, rapport::linear{});
  CHECK_CLOSE(car.criterion(), ar.criterion(), 1e-10);
  // Counting rows closes the gaps.
  const auto rows = fit(residual_kind::autoregressive, rapport::linear{}, {.count_rows = true});
  CHECK(std::fabs(rows.criterion() - ar.criterion()) > 1e-6);
  // Equal correlations are a random intercept, if they are positive.
  const auto symmetric = fit(residual_kind::symmetric, none);
  const auto intercept = rapport::fit_growth(panel, rapport::linear{}).value();
  CHECK_CLOSE(symmetric.criterion(), intercept.criterion(), 1e-10);
  CHECK_CLOSE(symmetric.model().residual_parameters[0], intercept.icc(), 1e-6);
  const auto free = fit(residual_kind::unstructured, none);
  CHECK(free.criterion() < symmetric.criterion());
  CHECK(free.findings().strata == std::vector<double>{1, 2, 3, 4, 5});
  const auto by_time = fit(residual_kind::stratified, rapport::linear{});
  CHECK(by_time.criterion() < intercept.criterion());
  CHECK(by_time.model().n_parameters == intercept.model().n_parameters + 4);
  // One label for all but the first rows.
  std::vector<rp::index> labels(study.rows.size(), 7);
  for (std::size_t i = 0; i < labels.size() / 2; ++i) labels[i] = 3;
  const auto by_label = fit(residual_kind::stratified, rapport::linear{}, {.error_strata = labels});
  CHECK(by_label.findings().strata == std::vector<double>{3, 7});
}

TEST_CASE("the mean variance of unequal errors is over the scores", "[growth]") {
  const practice study(6, {20, 20}, 4);
  const auto panel = study.panel();
  const auto rows = rapport::rows_of_growth<double>(panel, rapport::linear{}).value();
  for (const auto kind : {residual_kind::unstructured, residual_kind::stratified}) {
    const auto coding = kind == residual_kind::unstructured ? rapport::linear{}.random_none() : rapport::linear{};
    const auto fit = rapport::fit_growth(panel, coding, {.errors = kind}).value();
    const auto& r = fit.model().residual_parameters;
    const std::vector<double> ratio = kind == residual_kind::stratified ? std::vector<double>{1, r[0], r[1], r[2]}
                                                                        : std::vector<double>{1, r[3], r[6], r[8]};
    double sum = 0;
    for (rp::index i = 0; i < rows.data.x.rows(); ++i)
      sum += ratio[static_cast<std::size_t>(rows.data.x(i, 1)) - 1] * fit.model().residual_var;
    CHECK_CLOSE(fit.findings().error_var, sum / static_cast<double>(rows.data.x.rows()), 1e-12);
  }
}

TEST_CASE("Kenward-Roger in a balanced design is the textbook's", "[growth]") {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  rapport::random_stream random(8);
  for (int c = 0; c < 10; ++c) {
    const double level = random.normal();
    for (int s = 0; s < 4; ++s) {
      client.push_back(c);
      session.push_back(s);
      score.push_back(level + 0.4 * random.normal());
    }
  }
  const auto panel = rapport::session_panel::make(client, session, score).value();
  const auto coding = rapport::linear{}.centered_at(1.5);
  const auto kr = rapport::fit_growth(panel, coding, {.df = rapport::growth_df::kenward_roger}).value();
  const auto plain = rapport::fit_growth(panel, coding).value();
  CHECK_CLOSE(kr.fixed()[0].df, 9, 1e-8);
  CHECK_CLOSE(kr.fixed()[1].df, 29, 1e-8);
  CHECK_CLOSE(kr.fixed()[0].standard_error, plain.fixed()[0].standard_error, 1e-8);
  CHECK_CLOSE(kr.criterion(), plain.criterion(), 1e-12);
}

TEST_CASE("what cannot be fitted in levels is refused with the reason", "[growth]") {
  practice study(9, {4, 4});
  const auto code = [&](const rapport::growth_options& options,
                        const rapport::time_coding& coding = rapport::linear{}) {
    return rapport::fit_growth(study.panel(), coding, options).error().code;
  };
  CHECK(code({.method = rapport::stats::likelihood::ml, .df = rapport::growth_df::kenward_roger}) ==
        errc::kenward_roger_refused);
  CHECK(code({.df = rapport::growth_df::kenward_roger, .errors = residual_kind::autoregressive}) ==
        errc::kenward_roger_refused);
  CHECK(code({.errors = residual_kind::symmetric}) == errc::invalid_option);
  CHECK(code({.errors = residual_kind::stratified, .error_strata = {1, 2}}) == errc::size_mismatch);
  study.rows[0].session = 1.5;
  CHECK(code({.errors = residual_kind::autoregressive}) == errc::unusable_gap);
  study.rows[0].therapist = "T2";
  CHECK(code({.therapists = true}) == errc::client_changes_therapist);
  for (auto& row : study.rows) row.therapist = "T1";
  CHECK(code({.therapists = true}) == errc::too_few_groups);
  for (auto& row : study.rows) row.therapist.clear();
  CHECK(code({.therapists = true}) == errc::missing_id);
}

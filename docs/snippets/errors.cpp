// SPDX-License-Identifier: BSL-1.0
// Every error that the library returns, brought about on purpose; docs/errors.md quotes the sentences.
#include <array>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <rapport/instruments/metadata.hpp>
#include <rapport/rapport.hpp>

namespace rp = rapport;

void say(const rp::error& reason) { std::printf("%s\n", rp::message(reason).c_str()); }

template <class T>
void say(const rp::result<T>& refused) {
  if (refused) return static_cast<void>(std::printf("(not refused)\n"));
  say(refused.error());
}

using numbers = std::vector<double>;
using clients = std::vector<int>;

rp::session_panel panel_of(const clients& client, const numbers& session, const numbers& score) {
  return rp::session_panel::make(client, session, score).value();
}

int main() {
  const double na = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const auto& wai = rp::instruments::wai_sr_client;

  // 1xx: arguments and arithmetic
  say(rp::feldt_interval(0.9, 50, 12, 95.0));
  say(rp::session_panel::make(clients{1, 1, 2}, numbers{1, 2, 1}, numbers{40, 41}));
  say(rp::stats::covariance(Eigen::MatrixXd{{1e200, 2}, {-1e200, 3}, {0, 1}}));

  // 2xx: answers, tables and session series
  say(rp::score(wai, std::array{4, 5, 7, 4, 5, 4, 4, 3, 5, 4, 4, 5}));
  say(rp::score(wai, numbers{4, 3.5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5}));
  say(rp::score(wai, std::array{4, 5, 3, 4}));
  say(rp::stats::covariance(Eigen::MatrixXd{{1, 2}, {infinite, 3}, {0, 1}}));
  say(rp::cronbach_alpha(Eigen::MatrixXd{{na, na}, {na, na}}));
  say(rp::session_panel::make(clients{1, 1, 1}, numbers{1, 2, 2}, numbers{40, 41, 42}));
  say(rp::session_panel::make(std::vector<std::string>{"C1", ""}, numbers{1, 1}, numbers{40, 41}));
  say(rp::session_panel::make(clients{1, 1}, numbers{1, na}, numbers{40, 41}));
  say(rp::days_from_date("31.03.2026"));
  say(rp::session_panel::make(clients{1, 1}, numbers{1, 2}, numbers{40, 61}, {.range = {{12, 60, 1}}}));
  say(rp::score(rp::instrument("polar", 2, {.min = -3, .max = 3}).legal({-3, -2, -1, 1, 2, 3}), std::array{1, 0}));

  // 3xx: instruments
  say(rp::instrument("my-scale", 6).reversed({2, 7}).check());
  say(rp::audit_stored_scores<double>(wai, "trust", rp::response_matrix(1, 12), numbers{15}));
  say(rp::instruments::find_key("calpas-p"));
  say(rp::instruments::find_key("wai-sr"));
  say(rp::parse_record("rapport-score-record 1\ninstrument wai-sr-client\n"));
  say(rp::replay(wai, *rp::make_record(wai.scoring_version(2), std::array{4, 5, 3, 4, 5, 4, 4, 3, 5, 4, 4, 5})));

  // 4xx: statistics
  say(rp::stats::covariance(Eigen::MatrixXd{{1, 2}, {na, 3}, {0, na}}, rp::stats::missing_cells::listwise));
  say(rp::cronbach_alpha(Eigen::MatrixXd{{1}, {2}, {3}}));
  say(rp::stats::covariance(Eigen::MatrixXd{{1, na}, {2, na}, {na, 3}, {na, 4}}));
  say(rp::fit_growth(panel_of({1, 1, 2, 2}, {1, 2, 1, 2}, {4, 4, 4, 4}), rp::level{}));
  say(validate(rp::stats::session_model<double>{
      .intercept_var = 0.4, .slope_var = 0.01, .intercept_slope_cov = 0.1, .error_var = 0.1}));
  say(rp::fit_growth(panel_of({1, 2, 3}, {1, 1, 1}, {4, 5, 3}), rp::linear{}));
  say(rp::fit_growth(panel_of({1, 1, 1}, {1, 2, 3}, {4, 5, 3}), rp::linear{}));
  say(rp::fit_growth(panel_of({1, 1, 2, 2}, {1, 2, 1, 2}, {4, 5, 3, 5}), rp::linear{}.random_slope()));
  say(rp::stats::estimate_chart_baseline<double>(numbers{4, na, 5}));
  using rp::stats::residual_kind;
  const auto with_therapists = [](const char* first, const char* second) {
    const std::vector<rp::session_row<double>> rows{
        {"1", 1, 4, first}, {"1", 2, 5, second}, {"2", 1, 3, "T1"}, {"2", 2, 5, "T1"}};
    return rp::session_panel::from_rows(rows).value();
  };
  say(rp::fit_growth(with_therapists("T1", "T1"), rp::level{}, {.therapists = true}));
  say(rp::fit_growth(panel_of({1, 1, 2, 2}, {1, 2.5, 1, 2}, {4, 5, 3, 5}), rp::level{},
                     {.errors = residual_kind::autoregressive}));
  say(rp::fit_growth(panel_of({1, 1, 2, 2}, {1, 2, 1, 2}, {4, 5, 3, 5}), rp::level{},
                     {.method = rp::stats::likelihood::ml, .df = rp::growth_df::kenward_roger}));
  const auto four = panel_of({1, 1, 2, 2}, {1, 2, 1, 2}, {4, 5, 3, 5});
  say(rp::stats::compare_models<double>(
      rp::fit_growth(four, rp::level{}).value().model(),
      rp::fit_growth(four, rp::linear{}, {.method = rp::stats::likelihood::ml}).value().model()));

  say(rp::stats::analyse_two_way(Eigen::MatrixXd{{1, 2}, {na, 3}, {0, 1}}));
  say(rp::estimate_icc(Eigen::MatrixXd{{1}, {2}, {3}}));

  // 5xx to 7xx: reliability, growth, rupture
  say(rp::cronbach_alpha(Eigen::MatrixXd{{1, 5}, {2, 4}, {4, 2}}));
  say(rp::cutoffs<double>({.measure = "wai-sr-client"}));
  say(rp::reliable_change<double>(
      {.mean = 30, .sd = 5, .reliability = 0.88, .mean_post = 25, .sd_post = 5, .correlation = 0.95}, 30, 20,
      {.method = rp::change_method::hageman_arrindell}));
  say(rp::stats::extract_factors(Eigen::MatrixXd(Eigen::MatrixXd::Identity(5, 5)), 3));
  say(rp::stats::percentile_interval(rp::stats::replicates<double>{.values = {0.8, 0.7, 0.9}, .n_undefined = 7}));
  say(rp::stats::polychoric(Eigen::MatrixXd(Eigen::VectorXd::LinSpaced(40, 1, 40))));
  const auto covariances = rp::stats::covariance(Eigen::MatrixXd{{1, 2}, {2, 4}, {4, 3}}).value();
  say(rp::cronbach_alpha(covariances, {.interval = rp::alpha_interval::adf}));
  say(rp::fleiss_kappa(Eigen::MatrixXd{{2, 2}, {2, 2}, {2, 2}}));
  say(rp::fleiss_kappa(Eigen::MatrixXd{{1, 2}, {2, 4}, {3, 3}}, {.categories = {1, 2, 3}}));
  const auto panel = panel_of({1, 1, 1, 2, 2, 2}, {1, 2, 3, 1, 2, 3}, {4, 5, 6, 3, 3, 5});
  say(rp::fit_growth(panel, rp::linear{}).value().fixed("slope"));
  say(rp::fit_growth(panel_of({1, 1, 7, 7}, {1, 2, 0, 1}, {4, 5, 3, 5}), rp::sqrt_time{}.centered_at(1)));
  say(rp::fit_growth(with_therapists("T1", "T2"), rp::level{}, {.therapists = true}));
  auto watch = rp::rupture_monitor::make({.error_var = 0.1}, {.n_simulated = 100}).value();
  say(watch.resume(std::vector<std::byte>(rp::rupture_monitor::state_size)));
}

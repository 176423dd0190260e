// SPDX-License-Identifier: BSL-1.0
// Every error that the library returns, brought about on purpose; docs/errors.md quotes the sentences.
#include <array>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

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

  // 5xx to 7xx: reliability, growth, rupture
  say(rp::cronbach_alpha(Eigen::MatrixXd{{1, 5}, {2, 4}, {4, 2}}));
  const auto panel = panel_of({1, 1, 1, 2, 2, 2}, {1, 2, 3, 1, 2, 3}, {4, 5, 6, 3, 3, 5});
  say(rp::fit_growth(panel, rp::linear{}).value().fixed("slope"));
}

// SPDX-License-Identifier: BSL-1.0
// Sudden gains and losses: a naive second form of the criteria, the package's traps, degenerate tables, the detectors.
#include "rapport_test.hpp"

#include <algorithm>
#include <vector>

namespace rp = rapport;

using rapport::errc;
using rapport::jump_direction;
using rapport::sudden_change_rule;

namespace {

constexpr double na = std::numeric_limits<double>::quiet_NaN();

rp::response_matrix table(const std::vector<std::vector<double>>& rows) {
  rp::response_matrix out(std::ssize(rows), rows.empty() ? 0 : std::ssize(rows[0]));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j)
      out(static_cast<rp::index>(i), static_cast<rp::index>(j)) = rows[i][j];
  }
  return out;
}

rp::session_panel panel_of(const std::vector<std::vector<double>>& rows,
                           const rp::panel_options<double>& options = {}) {
  std::vector<int> client;
  std::vector<double> session;
  std::vector<double> score;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      client.push_back(static_cast<int>(i) + 1);
      session.push_back(static_cast<double>(j) + 1);
      score.push_back(rows[i][j]);
    }
  }
  return rp::session_panel::make(client, session, score, options).value();
}

/// 1 met, 0 not met, 2 cannot be said: the criteria as the literature words them, with 1-based sessions.
int naive(const std::vector<double>& x, int n, const sudden_change_rule& rule) {
  const auto at = [&](int session) { return x[static_cast<std::size_t>(session - 1)]; };
  const int last = static_cast<int>(x.size());
  const bool falls = rule.direction == jump_direction::fall;
  std::vector<int> said;
  const double jump = at(n) - at(n + 1);
  if (rule.cutoff) said.push_back(std::isnan(jump) ? 2 : (falls ? jump >= *rule.cutoff : jump <= *rule.cutoff));
  if (rule.share)
    said.push_back(std::isnan(jump) ? 2 : (falls ? jump >= *rule.share * at(n) : jump <= *rule.share * at(n)));
  if (rule.stability) {
    std::vector<double> pre, post;
    for (int s = n - 2; s <= n; ++s) {
      if (s >= 1 && !std::isnan(at(s))) pre.push_back(at(s));
    }
    for (int s = n + 1; s <= n + 3; ++s) {
      if (s <= last && !std::isnan(at(s))) post.push_back(at(s));
    }
    if (pre.size() < 2 || post.size() < 2) {
      said.push_back(2);
    } else {
      const auto mean = [](const std::vector<double>& v) {
        double sum = 0;
        for (const double each : v) sum += each;
        return sum / static_cast<double>(v.size());
      };
      double squares = 0;
      for (const auto* side : {&pre, &post}) {
        for (const double each : *side) squares += (each - mean(*side)) * (each - mean(*side));
      }
      const double df = static_cast<double>(pre.size() + post.size() - 2);
      const double by_df[] = {4.302652729911275, 3.182446305284263, 2.776445105198};
      const double critical = rule.adjust ? by_df[static_cast<int>(df) - 2] : rule.critical;
      const double fell = mean(pre) - mean(post);
      said.push_back((falls ? fell : -fell) > critical * std::sqrt(squares / df));
    }
  }
  if (std::count(said.begin(), said.end(), 2) > 0) return 2;
  return std::count(said.begin(), said.end(), 0) > 0 ? 0 : 1;
}

}  // namespace

TEST_CASE("the criteria agree with a naive form on random tables", "[rupture]") {
  rp::random_stream random(7);
  int met = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    const auto size = static_cast<std::size_t>(4 + random.below(8));
    std::vector<double> x;
    // Whole numbers: differences and shares are exact, ties abound; critical values that no ratio of them hits.
    for (std::size_t t = 0; t < size; ++t)
      x.push_back(random.chance(0.15) ? na : static_cast<double>(random.below(30)));
    if (random.chance(0.5)) std::sort(x.begin(), x.begin() + static_cast<long>(size / 2), std::greater<>());
    sudden_change_rule rule;
    const bool falls = random.chance(0.5);
    rule.direction = falls ? jump_direction::fall : jump_direction::rise;
    if (random.chance(0.7)) rule.cutoff = (falls ? 1 : -1) * static_cast<double>(random.below(10));
    rule.share = random.chance(0.7) ? std::optional<double>(falls ? 0.25 : -0.25) : std::nullopt;
    rule.stability = random.chance(0.7) || (!rule.cutoff && !rule.share);
    rule.adjust = random.chance(0.7);
    rule.critical = 1.9876;
    const auto found = rp::find_sudden_changes(table({x}), rule).value();
    REQUIRE(found.n_pairs == static_cast<rp::index>(size) - 3);
    for (int n = 2; n + 2 <= static_cast<int>(size); ++n) {
      const auto all = found.verdict(0, n - 2).all;
      const int said = !all ? 2 : *all ? 1 : 0;
      INFO("trial " << trial << ", jump after session " << n);
      REQUIRE(said == naive(x, n, rule));
      met += said == 1;
    }
  }
  CHECK(met > 300);  // the comparison saw both outcomes
}

TEST_CASE("reversal is looked for where the package looks", "[rupture]") {
  sudden_change_rule rule;
  rule.cutoff = 7;
  rule.stability = false;
  const std::vector<double> x{20, 20, 20, 10, 16, 10, 10, 10};
  auto found = rp::find_sudden_changes(table({x}), rule).value();
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].session == 3);
  CHECK(found.changes[0].magnitude == 10.0);
  CHECK(found.changes[0].reversal_value == 15.0);
  CHECK_FALSE(found.changes[0].reversed);
  rule.first_is_baseline = true;
  found = rp::find_sudden_changes(table({x}), rule).value();
  CHECK(found.changes[0].session == 2);
  CHECK(found.changes[0].reversed);
  CHECK(found.changes[0].total_change == 10.0);
  CHECK(found.changes[0].proportion == 1.0);
}

TEST_CASE("numbers of a change that need a missing score are empty, and quotients by zero", "[rupture]") {
  sudden_change_rule only_stability;
  only_stability.share.reset();
  auto found = rp::find_sudden_changes(table({{9, 9, na, 2, 2, 2}}), only_stability).value();
  REQUIRE(found.changes.size() == 2);
  CHECK(found.changes[0].session == 2);
  CHECK_FALSE(found.changes[0].magnitude);
  CHECK_FALSE(found.changes[0].proportion);
  CHECK_FALSE(found.changes[1].magnitude);
  CHECK(found.changes[1].n_of_person == 2);
  CHECK(found.changes[1].total_change == 7.0);
  // The smallest of changes of unknown size is unknown; the first is not.
  using choice = rp::change_choice;
  CHECK_FALSE(rp::choose_changes<double>(found.changes, 1, choice::smallest)[0]);
  CHECK(rp::choose_changes<double>(found.changes, 1, choice::first)[0] == 0);
  CHECK(rp::choose_changes<double>(found.changes, 1, choice::last)[0] == 1);

  sudden_change_rule size;
  size.cutoff = 3;
  size.share.reset();
  size.stability = false;
  found = rp::find_sudden_changes(table({{9, 9, 5, 7, 9}, {1, 2, 3, 4, 5}}), size).value();
  REQUIRE(found.changes.size() == 1);
  CHECK(std::isinf(found.changes[0].proportion.value()));
  const auto summary = rp::summarize<double>(std::span<const rp::sudden_change>(found.changes));
  CHECK(summary.mean_magnitude == 4.0);
  CHECK_FALSE(summary.sd_magnitude);
}

TEST_CASE("sudden changes of degenerate tables", "[rupture]") {
  sudden_change_rule rule;
  rule.cutoff = 7;
  CHECK(rp::find_sudden_changes(table({{1, 2, 3}}), rule).error().code == errc::too_few_columns);
  CHECK(rp::find_sudden_changes(rp::response_matrix(0, 5), rule).error().code == errc::no_data);
  const double infinity = std::numeric_limits<double>::infinity();
  const auto infinite = rp::find_sudden_changes(table({{1, 2, 3, 4}, {1, infinity, 3, 4}}), rule).error();
  CHECK(infinite.code == errc::not_finite);
  CHECK(infinite.row == 1);
  CHECK(infinite.column == 1);
  CHECK(rp::find_sudden_changes(table({{5, 5, 5, 5, 5}}), rule)->changes.empty());
  const auto missing = rp::find_sudden_changes(table({{na, na, na, na, na}}), rule).value();
  CHECK(missing.changes.empty());
  CHECK_FALSE(missing.verdict(0, 0).all);
  // Both SDs are zero: any fall passes criterion 3.
  rule.cutoff = 0.5;
  CHECK(rp::find_sudden_changes(table({{2, 2, 1, 1}}), rule)->changes.size() == 1);
  rule.cutoff = -1;
  CHECK(rp::find_sudden_changes(table({{2, 2, 1, 1}}), rule).error().subject.view() == "cutoff");
  rule.cutoff = na;
  CHECK_FALSE(rp::find_sudden_changes(table({{2, 2, 1, 1}}), rule));
  rule = {};
  rule.alpha = 1;
  CHECK(rp::find_sudden_changes(table({{2, 2, 1, 1}}), rule).error().subject.view() == "alpha");
  rule = {};
  rule.share.reset();
  rule.stability = false;
  CHECK(rp::find_sudden_changes(table({{2, 2, 1, 1}}), rule).error().code == errc::invalid_option);
  CHECK_FALSE(rp::reliable_cutoff(1.0, 1.5));
  CHECK_FALSE(rp::reliable_cutoff(na, 0.5));
  CHECK_CLOSE(rp::reliable_cutoff(2.0, 0.75)->cutoff, 1.96 * std::sqrt(2.0));
  CHECK(rp::has_judgeable_pattern<double>(std::vector<double>{1, na, 1, 1, na, 1}));
  CHECK_FALSE(rp::has_judgeable_pattern<double>(std::vector<double>{1, 1, na, 1, 1, na}));
}

TEST_CASE("sudden losses and gains as detectors", "[rupture]") {
  sudden_change_rule rule;
  rule.cutoff = 7;
  const std::vector<double> falls{30, 31, 30, 18, 17, 16, 17, 18, 17};
  std::vector<double> rises;
  for (const double each : falls) rises.push_back(48 - each);
  const auto panel = panel_of({falls, rises, {20, 21, 20, 21, 20, 21, 20, 21, 20}}, {.range = {{0, 60, 1}}});
  const rp::detect_options quick{.null_series = 0};
  const auto losses = rp::detect(panel, rp::sudden_losses(rule), quick).value();
  REQUIRE(losses.count() == 1);
  const auto& loss = losses.episodes[0];
  CHECK(loss.client == "1");
  CHECK(loss.pre == 3);
  CHECK(loss.onset == 4);
  CHECK(loss.score == 12);
  CHECK(loss.depth == 14);
  CHECK(loss.status == rp::episode_status::censored);  // three scores follow the nadir
  CHECK(losses.clients[0].n_evaluable == 6);

  rule.cutoff = -7;
  rule.share = -0.25;
  const auto gains = rp::detect(panel, rp::sudden_gains(rule), quick).value();
  REQUIRE(gains.count() == 1);
  const auto& gain = gains.episodes[0];
  CHECK(std::string(gains.info.name) == "sudden-gain");
  CHECK(gain.client == "2");
  CHECK(gain.onset == 4);
  CHECK(gain.reference == 18);
  CHECK(gain.depth == 14);
  CHECK(gain.nadir == loss.nadir);

  // Raw scores with the sign turned: a rise of the panel is a fall of the raw score, judged as such.
  std::vector<std::vector<double>> turned{falls, rises};
  for (auto& row : turned) {
    for (double& each : row) each = -each;
  }
  rule.cutoff = 7;
  rule.share = 0.25;
  const auto again = rp::detect(panel_of(turned), rp::sudden_gains(rule, true), quick).value();
  REQUIRE(again.count() == 1);
  CHECK(again.episodes[0].client == "1");
  CHECK(again.episodes[0].depth == 14);

  const auto ready = rp::sudden_losses(rule).prepared(panel).value();
  const auto about = ready.at(panel.series(0), 3).value();
  CHECK(about.first.all == true);
  CHECK(about.second.session == 3);
  CHECK(about.second.magnitude == 12.0);
}

TEST_CASE("sudden changes on wide tables with trailing sessions, dates and few sessions", "[rupture]") {
  sudden_change_rule rule;
  rule.cutoff = 7;
  rule.stability = false;
  const rp::detect_options quick{.null_series = 0};
  // Client 1 ends with session 5, client 2 with 7: the pair 4 to 5 of client 1 is not the table's last.
  const auto panel = panel_of({{20, 20, 20, 20, 5}, {20, 20, 20, 20, 20, 20, 5}});
  const auto found = rp::detect(panel, rp::sudden_losses(rule), quick).value();
  REQUIRE(found.count() == 1);
  CHECK(found.episodes[0].client == "1");
  const auto few = rp::detect(panel_of({{5, 4, 3}}), rp::sudden_losses(rule), quick).value();
  CHECK(few.count() == 0);
  CHECK(few.clients[0].not_evaluable != nullptr);
  const auto days = rp::session_panel::make(std::vector<int>(5, 1), std::vector<double>{0, 7, 20, 27.5, 90},
                                            std::vector<double>{20, 20, 20, 8, 9}, {.time = rp::session_time::days})
                        .value();
  CHECK(rp::detect(days, rp::sudden_losses(rule), quick)->count() == 1);
  const auto apart =
      rp::session_panel::make(std::vector<int>(2, 1), std::vector<double>{0, 1e9}, std::vector<double>{20, 20}).value();
  CHECK(rp::detect(apart, rp::sudden_losses(rule), quick).error().code == errc::invalid_option);
}

TEST_CASE("the corrected criteria", "[rupture]") {
  const rp::detect_options quick{.null_series = 0};
  const std::vector<double> falls{5.2, 5.4, 5.3, 3.9, 3.8, 3.9, 4.0, 3.9};
  const std::vector<double> calm{5.2, 5.1, 5.3, 5.2, 5.1, 5.2, 5.4, 5.2};
  const auto panel = panel_of({falls, calm, calm, calm}, {.range = {{1, 7, 0.1}}});
  const auto found = rp::detect(panel, rp::corrected_sudden_change{}, quick).value();
  REQUIRE(found.count() == 1);
  CHECK(found.episodes[0].onset == 4);
  // t by hand: means 5.3 and 3.8666.., squares .02 and .00666.., four prior df.
  double squares = 0;
  double n = 0;
  for (const auto& row : {falls, calm, calm, calm}) {
    for (std::size_t t = 1; t < row.size(); ++t) squares += (row[t] - row[t - 1]) * (row[t] - row[t - 1]) / 2, n += 1;
  }
  const double var = (4 * squares / n + 0.02 + 0.02 / 3) / 8;
  CHECK_CLOSE(found.episodes[0].score, (5.3 - 11.6 / 3) / std::sqrt(var * 2 / 3), 1e-12);

  rp::corrected_sudden_change rises;
  rises.finds_rises = true;
  CHECK(rp::detect(panel, rises, quick)->count() == 0);
  rp::corrected_sudden_change wrong;
  wrong.share = 2;
  CHECK(rp::detect(panel, wrong, quick).error().code == errc::invalid_option);
  CHECK(rp::detect(panel_of({{4, 4, 4, 4, 4}}), rp::corrected_sudden_change{}, quick).error().code ==
        errc::zero_variance);
  // A share that is not reached decides although criterion 3 could be met.
  rp::corrected_sudden_change deep;
  deep.share = 0.9;
  CHECK(rp::detect(panel, deep, quick)->count() == 0);
}

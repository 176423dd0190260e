// SPDX-License-Identifier: BSL-1.0
// Sudden gains and losses as detectors: the published criteria, and a corrected form of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/rupture/detail/session_columns.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/rupture/sudden_change.hpp>
#include <rapport/stats/session_spread.hpp>

namespace rapport {

/// The criteria of sudden_change.hpp on every client of a panel.
///
/// The panel's wide table has a column for every session number from the smallest to the largest of all clients, so
/// that "the last pair is never looked at" means the same as in a wide table. Dates are counted client by client.
/// Missing:   as find_sudden_changes; a change to a session without a score begins at the next scored one, so that two
///            changes may begin there
/// Not for:   ruptures that are repaired soon: criterion 3 wants three sessions that stay low
/// R:         suddengains::identify_sg for falls of the raw score, identify_sl for rises
template <class Scalar>
struct basic_sudden_change_detector {
  detector_info info{"sudden-loss", "Tang & DeRubeis 1999, as R suddengains 0.7.2", trust::primary};
  bool finds_rises = false;    ///< of the panel's scores; depth, nadir and repair are then those of the way up
  bool scores_turned = false;  ///< the panel holds raw scores with the sign turned, so that higher is better
  basic_sudden_change_rule<Scalar> rule{};  ///< on raw scores; its direction follows from the two above

  /// Errors: those of validate(rule); errc::invalid_option if session numbers span more than a million
  [[nodiscard]] result<basic_sudden_change_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    basic_sudden_change_detector out = *this;
    out.rule.direction = finds_rises == scores_turned ? jump_direction::fall : jump_direction::rise;
    auto judge = sudden_change_judge<Scalar>::make(out.rule);
    if (!judge) return judge.error();
    auto columns = detail::session_columns<Scalar>::of(panel);
    if (!columns) return columns.error();
    out.judge_ = *judge;
    out.columns_ = *columns;
    return out;
  }

  /// Walks one client's series; turned round by the caller if finds_rises.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    if (columns_.n < 4) return out.not_evaluable("fewer than four sessions");
    const int sign = finds_rises == scores_turned ? 1 : -1;
    const auto row = columns_.row_of(y, sign);
    index n_evaluable = 0;
    for (index after = 2; after + 1 < std::ssize(row); ++after) {
      const auto verdict = (*judge_)(row, after);
      if (!verdict.all) continue;
      ++n_evaluable;
      const index onset = columns_.position_from(y, after);
      if (onset >= y.size()) continue;
      const Scalar jump = static_cast<Scalar>(sign) * (row[as_size(after - 1)] - row[as_size(after)]);
      if (!is_missing(jump)) out.session_score(onset, jump);
      if (!*verdict.all) continue;
      basic_finding<Scalar> found;
      found.course.onset = onset;
      if (!is_missing(jump)) found.score = jump;
      out.add(found);
    }
    if (n_evaluable == 0) return out.not_evaluable("no pair of sessions has the scores that the criteria need");
    out.evaluable(n_evaluable);
  }

  /// What the criteria say of the jump behind an episode of a panel's series; known after prepared().
  /// \param y      the series as the panel has it
  /// \param onset  position at which the episode begins
  /// \param nth    which of the episodes that begin there: a missing score may lie in several jumps, and each counts
  /// \return    verdict and numbers of that jump; empty if no change leads there
  [[nodiscard]] std::optional<std::pair<sudden_change_verdict, basic_sudden_change<Scalar>>> at(
      const session_series<Scalar>& y, index onset, index nth = 0) const {
    const auto row = columns_.row_of(y, scores_turned ? -1 : 1);
    for (index after = 2; after + 1 < std::ssize(row); ++after) {
      if (columns_.position_from(y, after) != onset) continue;
      const auto verdict = (*judge_)(row, after);
      if (verdict.all.value_or(false) && nth-- == 0) return {{verdict, judge_->describe(row, after - 1)}};
    }
    return std::nullopt;
  }

 private:
  std::optional<sudden_change_judge<Scalar>> judge_{};
  detail::session_columns<Scalar> columns_{};
};

/// Sudden falls of the alliance, by the criteria for sudden gains of symptoms.
template <class Scalar = double>
[[nodiscard]] basic_sudden_change_detector<Scalar> sudden_losses(const basic_sudden_change_rule<Scalar>& rule = {},
                                                                 bool scores_turned = false) {
  basic_sudden_change_detector<Scalar> out;
  out.scores_turned = scores_turned;
  out.rule = rule;
  return out;
}

/// Sudden rises of the alliance, by the criteria for sudden losses of symptoms: cutoff and share are negative numbers.
template <class Scalar = double>
[[nodiscard]] basic_sudden_change_detector<Scalar> sudden_gains(const basic_sudden_change_rule<Scalar>& rule = {},
                                                                bool scores_turned = false) {
  auto out = sudden_losses(rule, scores_turned);
  out.info.name = "sudden-gain";
  out.finds_rises = true;
  return out;
}

/// Sudden falls by criteria without the known defects of the published ones.
///
/// Model:     with up to three scores on either side of the jump from x_n to x_n+1, means m and m', numbers k and k',
///            t = (m - m') / (s sqrt(1/k + 1/k')), s^2 = (prior_df s_0^2 + SS) / (prior_df + k + k' - 2), SS the squares
///            about both means, s_0 the pooled within-client SD of half the squared differences of neighbors.
///            Falls count if x_n - x_n+1 >= cutoff, x_n - x_n+1 >= share (x_n - lower end of the range), and t > critical
///            value of Student's t with prior_df + k + k' - 2 degrees of freedom. Of changes that share sessions the one
///            with the largest t remains
/// Missing:   a criterion that is not met decides, whether or not the others can be judged; both scores of the jump
///            and two on either side are needed
/// Not for:   ruptures that are repaired within two sessions
/// Reference: own definition
template <class Scalar>
struct basic_corrected_sudden_change {
  static constexpr detector_info info{"sudden-change-corrected", "criteria of sudden gains, corrected: own definition",
                                      trust::own};
  bool finds_rises = false;        ///< of the panel's scores
  std::optional<Scalar> cutoff{};  ///< in points; empty: one pooled within-client SD
  Scalar share = Scalar(0.25);     ///< of the distance from the worst possible score; not used without a range
  Scalar alpha = Scalar(0.05);     ///< two-sided, of one jump; in (0, 1)
  Scalar prior_df{4};              ///< how much the pooled SD counts; not negative

  /// Errors: errc::invalid_option; errc::zero_variance if no client's scores vary; that of session numbers too far apart
  [[nodiscard]] result<basic_corrected_sudden_change> prepared(const basic_session_panel<Scalar>& panel) const {
    using std::isfinite;
    using std::sqrt;
    const auto refuse = [](const char* what, const Scalar& value, double upper) {
      return error{.code = errc::invalid_option,
                   .function = info.name,
                   .value = static_cast<double>(value),
                   .lower = 0,
                   .upper = upper,
                   .subject = what};
    };
    if (cutoff && !(*cutoff >= 0 && isfinite(*cutoff))) return refuse("cutoff", *cutoff, 1e300);
    if (!(share >= 0 && share <= 1)) return refuse("share", share, 1);
    if (!(alpha > 0 && alpha < 1)) return refuse("alpha", alpha, 1);
    if (!(prior_df >= 0 && prior_df < Scalar(1e6))) return refuse("prior_df", prior_df, 1e6);
    basic_corrected_sudden_change out = *this;
    auto columns = detail::session_columns<Scalar>::of(panel);
    if (!columns) return columns.error();
    out.columns_ = *columns;
    Scalar squares(0);
    index n = 0;
    for (index c = 0; c < panel.n_clients(); ++c) {
      const auto y = panel.series(c);
      for (index t = detail::next_observed(y, index{-1}); t < y.size();) {
        const index next = detail::next_observed(y, t);
        if (next < y.size()) squares += (y[next] - y[t]) * (y[next] - y[t]) / 2, ++n;
        t = next;
      }
    }
    const auto within = stats::spread_of(panel).within;
    if (!within || !(*within > 0))
      return error{.code = errc::zero_variance, .function = info.name, .subject = "the score"};
    out.noise_var_ = squares / static_cast<Scalar>(n);
    out.least_jump_ = cutoff.value_or(*within);
    for (int n_scores = 4; n_scores <= 6; ++n_scores) {
      out.critical_[static_cast<std::size_t>(n_scores - 4)] =
          -stats::student_t_quantile(Scalar(alpha / 2), Scalar(prior_df + static_cast<Scalar>(n_scores - 2)));
    }
    return out;
  }

  /// Walks one client's series; turned round by the caller if finds_rises.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    if (columns_.n < 4) return out.not_evaluable("fewer than four sessions");
    const auto row = columns_.row_of(y, 1);
    struct candidate {
      index after;
      Scalar t;
    };
    std::vector<candidate> kept;
    index n_evaluable = 0;
    for (index after = 2; after + 1 < std::ssize(row); ++after) {
      const auto t = statistic(row, after);
      if (!t) continue;
      ++n_evaluable;
      out.session_score(columns_.position_from(y, after), t->first);
      const Scalar jump = row[as_size(after - 1)] - row[as_size(after)];
      const Scalar slack = Scalar(1e-9) * least_jump_;
      const bool large = jump >= least_jump_ - slack;
      const bool deep = !y.options.range || jump >= share * (row[as_size(after - 1)] - y.options.range->lower) - slack;
      if (!large || !deep || !t->second) continue;
      if (!kept.empty() && after - kept.back().after < 3) {
        if (t->first > kept.back().t) kept.back() = {after, t->first};
      } else {
        kept.push_back({after, t->first});
      }
    }
    if (n_evaluable == 0) return out.not_evaluable("no pair of sessions has the scores that the criteria need");
    out.evaluable(n_evaluable);
    for (const candidate& each : kept) {
      basic_finding<Scalar> found;
      found.course.onset = columns_.position_from(y, each.after);
      found.score = each.t;
      out.add(found);
    }
  }

  /// The least fall that counts, in points; known after prepared().
  [[nodiscard]] const Scalar& least_jump() const noexcept { return least_jump_; }

 private:
  /// t and whether it is beyond its critical value.
  [[nodiscard]] std::optional<std::pair<Scalar, bool>> statistic(const std::vector<Scalar>& row, index after) const {
    using std::sqrt;
    if (is_missing(row[as_size(after - 1)]) || is_missing(row[as_size(after)])) return std::nullopt;
    detail::side_scores<Scalar> before;
    detail::side_scores<Scalar> behind;
    for (index t = (std::max)(index{0}, after - 3); t < after; ++t) before.add(row[as_size(t)]);
    for (index t = after; t < (std::min)(std::ssize(row), after + 3); ++t) behind.add(row[as_size(t)]);
    if (before.n < 2 || behind.n < 2) return std::nullopt;
    const Scalar fell = before.mean() - behind.mean();
    const Scalar sd_before = before.sd(before.mean());
    const Scalar sd_behind = behind.sd(behind.mean());
    const Scalar squares = static_cast<Scalar>(before.n - 1) * sd_before * sd_before +
                           static_cast<Scalar>(behind.n - 1) * sd_behind * sd_behind;
    const Scalar var = (prior_df * noise_var_ + squares) / (prior_df + static_cast<Scalar>(before.n + behind.n - 2));
    const Scalar se =
        sqrt(Scalar(var * (Scalar(1) / static_cast<Scalar>(before.n) + Scalar(1) / static_cast<Scalar>(behind.n))));
    if (!(se > 0)) return std::nullopt;
    const Scalar t = fell / se;
    return {{t, t > critical_[static_cast<std::size_t>(before.n + behind.n - 4)]}};
  }

  detail::session_columns<Scalar> columns_{};
  Scalar noise_var_{};
  Scalar least_jump_{};
  std::array<Scalar, 3> critical_{};  // by the number of scores present: 4, 5, 6
};

using sudden_change_detector = basic_sudden_change_detector<double>;
using corrected_sudden_change = basic_corrected_sudden_change<double>;

}  // namespace rapport

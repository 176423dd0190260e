// SPDX-License-Identifier: BSL-1.0
// Control charts as detectors: individuals (XmR), Tukey's chart, CUSUM and EWMA, on the lower side.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>
#include <rapport/stats/control_chart.hpp>
#include <rapport/stats/detail/median.hpp>

namespace rapport {

/// Where a chart takes the spread of a stable client's scores from.
enum class chart_spread : unsigned char {
  own,    ///< the client's own moving ranges: contain the rupture, and are rough in short series
  pooled  ///< the mean moving range over all clients
};

namespace detail {

/// Scored sessions of a series: their positions and scores.
template <class Scalar>
struct scored_sessions {
  std::vector<index> position{};
  std::vector<Scalar> score{};

  explicit scored_sessions(const session_series<Scalar>& y) {
    for (index t = 0; t < y.size(); ++t) {
      if (y.is_observed(t)) position.push_back(t), score.push_back(y[t]);
    }
  }
  [[nodiscard]] index size() const noexcept { return std::ssize(score); }
};

/// Sum and number of the differences of neighboring sessions; a session without a score, or a session number left out,
/// makes no neighbors.
template <class Scalar>
struct moving_ranges {
  Scalar sum{};
  index n = 0;
  std::vector<Scalar> each{};

  void add(const session_series<Scalar>& y, index n_scored) {
    using std::fabs;
    index seen = 0;
    for (index t = 0; t < y.size() && seen < n_scored; ++t) {
      if (!y.is_observed(t)) continue;
      ++seen;
      if (t == 0 || !y.is_observed(t - 1)) continue;
      const bool gap =
          y.options.time == session_time::number && y.session[as_size(t)] - y.session[as_size(t - 1)] > Scalar(1);
      if (gap) continue;
      each.push_back(fabs(y[t] - y[t - 1]));
      sum += each.back();
      ++n;
    }
  }
  [[nodiscard]] std::optional<Scalar> sigma(bool by_median) const {
    if (n == 0) return std::nullopt;
    return by_median ? stats::detail::median_of(each) / static_cast<Scalar>(0.954L)
                     : sum / static_cast<Scalar>(n) / static_cast<Scalar>(1.128L);
  }
};

/// The pooled spread of a panel by moving ranges.
/// Errors: errc::zero_variance if no two neighboring sessions of any client differ
template <class Scalar>
[[nodiscard]] result<Scalar> pooled_chart_sigma(const basic_session_panel<Scalar>& panel, const char* function) {
  moving_ranges<Scalar> ranges;
  for (index c = 0; c < panel.n_clients(); ++c) ranges.add(panel.series(c), panel.n_rows());
  const auto sigma = ranges.sigma(false);
  if (!sigma || !(*sigma > 0)) return error{.code = errc::zero_variance, .function = function, .subject = "the score"};
  return *sigma;
}

/// Mean of the first n scores.
template <class Scalar>
[[nodiscard]] Scalar mean_of_first(const scored_sessions<Scalar>& y, index n) {
  Scalar sum(0);
  for (index k = 0; k < n; ++k) sum += y.score[as_size(k)];
  return sum / static_cast<Scalar>(n);
}

}  // namespace detail

/// An individuals chart of each client, its lower side.
/// Model:     center = mean of the baseline scores, sigma = mean moving range / 1.128 (or median / .954). An episode
///            begins where a rule is violated and no episode is on; it is repaired at the first score that is not below
///            the lower limit of 3 sigma and not below the center minus 1 sigma
/// Missing:   ranges only between neighboring sessions; run rules count scored sessions
/// Not for:   several ruptures in one short series: they widen their own limits; autocorrelated scores
/// Reference: Shewhart's chart for individuals; used on alliance scores by Eubanks-Carter, Gorman & Muran (2012),
///            doi 10.1080/10503307.2012.693154
template <class Scalar>
struct basic_xmr_chart {
  static constexpr detector_info info{"xmr", "individuals chart, Western Electric rules, lower side", trust::primary};
  bool by_median = false;                   ///< median moving range instead of the mean
  index n_baseline = 0;                     ///< scored sessions that set center and spread; 0: all
  chart_spread spread = chart_spread::own;  ///< whose moving ranges
  int n_rules = 1;                          ///< how many of the four Western Electric rules are watched; 1 to 4
  index min_sessions = 8;                   ///< scored sessions that a series needs; at least 2

  /// Errors: errc::invalid_option; errc::zero_variance for a pooled spread of 0
  [[nodiscard]] result<basic_xmr_chart> prepared(const basic_session_panel<Scalar>& panel) const {
    if (n_rules < 1 || n_rules > 4) return detail::detector_option(info.name, "n_rules", n_rules, 1, 4);
    if (n_baseline < 0 || n_baseline == 1)
      return detail::detector_option(info.name, "n_baseline", static_cast<double>(n_baseline), 0, 1e6);
    if (min_sessions < 2)
      return detail::detector_option(info.name, "min_sessions", static_cast<double>(min_sessions), 2, 1e6);
    basic_xmr_chart out = *this;
    if (spread == chart_spread::pooled) {
      const auto sigma = detail::pooled_chart_sigma(panel, info.name);
      if (!sigma) return sigma.error();
      out.pooled_sigma_ = *sigma;
    }
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const detail::scored_sessions<Scalar> scored(y);
    const index n_base = n_baseline == 0 ? scored.size() : n_baseline;
    if (scored.size() < (std::max)(min_sessions, n_base)) return out.not_evaluable("too few scored sessions");
    Scalar sigma = pooled_sigma_;
    if (spread == chart_spread::own) {
      detail::moving_ranges<Scalar> ranges;
      ranges.add(y, n_base);
      sigma = ranges.sigma(by_median).value_or(Scalar(0));
    }
    if (!(sigma > 0)) return out.not_evaluable("neighboring sessions of the baseline do not differ");
    const Scalar center = detail::mean_of_first(scored, n_base);
    out.unit(sigma);
    out.evaluable(scored.size());
    constexpr stats::chart_rule rules[] = {stats::chart_rule::beyond_3_sigma, stats::chart_rule::two_of_three,
                                           stats::chart_rule::four_of_five, stats::chart_rule::eight_on_one_side};
    std::vector<bool> signals(as_size(scored.size()), false);
    for (int r = 0; r < n_rules; ++r) {
      for (const index t :
           stats::rule_violations<Scalar>(scored.score, center, sigma, rules[r], stats::chart_side::lower))
        signals[as_size(t)] = true;
    }
    for (index k = 0; k < scored.size(); ++k)
      out.session_score(scored.position[as_size(k)], (center - scored.score[as_size(k)]) / sigma);
    const auto is_repaired = [&](index, index s) { return y[s] >= center - sigma; };
    for (index k = 1; k < scored.size(); ++k) {
      if (!signals[as_size(k)]) continue;
      const index onset = scored.position[as_size(k)];
      basic_finding<Scalar> found;
      found.course = follow(y, scored.position[as_size(k - 1)], onset, onset, 1, is_repaired);
      found.followed = true;
      found.reference = center;
      found.score = (center - y[found.course.nadir]) / sigma;
      out.add(found);
      const index end = found.course.repair.value_or(y.size());
      while (k < scored.size() && scored.position[as_size(k)] < end) ++k;
    }
  }

 private:
  Scalar pooled_sigma_{};
};

/// Tukey's chart of each client: scores below the lower fourth by more than 1.5 times the spread of the fourths.
/// Model:     fourths = medians of the lower and the upper half, the middle score in both halves if their number is odd
/// Not for:   lasting falls: they pull the fourths along
/// Reference: Tukey (1977), Exploratory Data Analysis
/// R:         fivenum(y)[c(2, 4)]
template <class Scalar>
struct basic_tukey_chart {
  static constexpr detector_info info{"tukey", "Tukey's fences, lower side", trust::primary};
  Scalar factor = Scalar(1.5);  ///< fence in spreads of the fourths; positive
  index min_sessions = 7;       ///< scored sessions that a series needs; at least 4

  /// Errors: errc::invalid_option
  [[nodiscard]] result<basic_tukey_chart> prepared(const basic_session_panel<Scalar>&) const {
    if (!(factor > 0 && factor < Scalar(1e6)))
      return detail::detector_option(info.name, "factor", static_cast<double>(factor), 0, 1e6);
    if (min_sessions < 4)
      return detail::detector_option(info.name, "min_sessions", static_cast<double>(min_sessions), 4, 1e6);
    return *this;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const detail::scored_sessions<Scalar> scored(y);
    if (scored.size() < min_sessions) return out.not_evaluable("too few scored sessions");
    std::vector<Scalar> sorted = scored.score;
    std::sort(sorted.begin(), sorted.end());
    const auto half = static_cast<std::ptrdiff_t>((sorted.size() + 1) / 2);
    const Scalar lower = stats::detail::median_of(std::vector<Scalar>(sorted.begin(), sorted.begin() + half));
    const Scalar upper = stats::detail::median_of(std::vector<Scalar>(sorted.end() - half, sorted.end()));
    const Scalar spread = upper - lower;
    if (!(spread > 0)) return out.not_evaluable("half of the scores are alike");
    const Scalar fence = lower - factor * spread;
    const Scalar middle = stats::detail::median_of(sorted);
    out.unit(spread);
    out.evaluable(scored.size());
    for (index k = 0; k < scored.size(); ++k)
      out.session_score(scored.position[as_size(k)], (lower - scored.score[as_size(k)]) / spread);
    const auto is_repaired = [&](index, index s) { return y[s] >= lower; };
    for (index k = 1; k < scored.size(); ++k) {
      if (!(scored.score[as_size(k)] < fence)) continue;
      const index onset = scored.position[as_size(k)];
      basic_finding<Scalar> found;
      found.course = follow(y, scored.position[as_size(k - 1)], onset, onset, 1, is_repaired);
      found.followed = true;
      found.reference = middle;
      found.score = (lower - y[found.course.nadir]) / spread;
      out.add(found);
      const index end = found.course.repair.value_or(y.size());
      while (k < scored.size() && scored.position[as_size(k)] < end) ++k;
    }
  }
};

/// A lower CUSUM of each client.
/// Model:     z = (y - center) / sigma, C_t = max(0, C_t-1 - z_t - k), a signal is C_t > h. The onset is the session
///            after C was last 0; after the repair the sum starts again at 0. Center: mean of the first n_baseline scores,
///            which are not judged; sigma: moving ranges pooled over clients, or the client's own
/// Missing:   the sum stays as it is over sessions without a score
/// Not for:   ruptures of one session; baselines of few sessions without thought: their error alone raises alarms
/// Reference: Page (1954), doi 10.1093/biomet/41.1-2.100
template <class Scalar>
struct basic_cusum_detector {
  static constexpr detector_info info{"cusum", "tabular CUSUM, lower side", trust::primary};
  Scalar k = Scalar(0.5);                      ///< allowance in sigma; not negative
  Scalar h{4};                                 ///< limit in sigma; positive
  index n_baseline = 5;                        ///< scored sessions that set the center; at least 1
  chart_spread spread = chart_spread::pooled;  ///< whose moving ranges; own: those of the baseline

  /// Errors: errc::invalid_option; errc::zero_variance for a pooled spread of 0
  [[nodiscard]] result<basic_cusum_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    if (!(k >= 0 && k < Scalar(1e6))) return detail::detector_option(info.name, "k", static_cast<double>(k), 0, 1e6);
    if (!(h > 0 && h < Scalar(1e6))) return detail::detector_option(info.name, "h", static_cast<double>(h), 0, 1e6);
    if (n_baseline < 1)
      return detail::detector_option(info.name, "n_baseline", static_cast<double>(n_baseline), 1, 1e6);
    basic_cusum_detector out = *this;
    if (spread == chart_spread::pooled) {
      const auto sigma = detail::pooled_chart_sigma(panel, info.name);
      if (!sigma) return sigma.error();
      out.pooled_sigma_ = *sigma;
    }
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    const detail::scored_sessions<Scalar> scored(y);
    if (scored.size() <= n_baseline) return out.not_evaluable("no scored session behind the baseline");
    Scalar sigma = pooled_sigma_;
    if (spread == chart_spread::own) {
      detail::moving_ranges<Scalar> ranges;
      ranges.add(y, n_baseline);
      sigma = ranges.sigma(false).value_or(Scalar(0));
    }
    if (!(sigma > 0)) return out.not_evaluable("neighboring sessions of the baseline do not differ");
    const Scalar center = detail::mean_of_first(scored, n_baseline);
    out.unit(sigma);
    out.evaluable(scored.size() - n_baseline);
    const auto is_repaired = [&](index, index s) { return y[s] >= center - sigma; };
    Scalar sum(0);
    index began = n_baseline;
    for (index t = n_baseline; t < scored.size(); ++t) {
      if (sum == 0) began = t;
      sum = (std::max)(Scalar(0), Scalar(sum - (scored.score[as_size(t)] - center) / sigma - k));
      out.session_score(scored.position[as_size(t)], sum);
      if (!(sum > h)) continue;
      const index onset = scored.position[as_size(began)];
      index low = onset;
      for (index s = began; s <= t; ++s) {
        if (scored.score[as_size(s)] < y[low]) low = scored.position[as_size(s)];
      }
      basic_finding<Scalar> found;
      // Looked for behind the signal: a score that was back before it is no repair of what the signal tells.
      found.course = follow(y, scored.position[as_size(began - 1)], onset, scored.position[as_size(t)], 1, is_repaired);
      if (y[low] <= y[found.course.nadir]) found.course.nadir = low;
      found.followed = true;
      found.reference = center;
      const index end = found.course.repair.value_or(y.size());
      Scalar largest = sum;
      for (++t; t < scored.size() && scored.position[as_size(t)] < end; ++t) {
        sum = (std::max)(Scalar(0), Scalar(sum - (scored.score[as_size(t)] - center) / sigma - k));
        out.session_score(scored.position[as_size(t)], sum);
        largest = (std::max)(largest, sum);
      }
      found.score = largest;
      out.add(found);
      sum = Scalar(0);
      --t;  // the repair session itself is judged again, from 0
    }
  }

 private:
  Scalar pooled_sigma_{};
};

/// A lower EWMA of each client.
/// Model:     Z_t = lambda y_t + (1 - lambda) Z_t-1, Z_0 = center; a signal is Z_t below center - width sigma
///            sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2 t))). Center and sigma as in basic_cusum_detector. The
///            episode ends when the score is back above the center minus 1 sigma; Z starts again at the center
/// Missing:   Z stays as it is over sessions without a score
/// Not for:   ruptures of one session: it is late for those
/// Reference: Roberts (1959), doi 10.1080/00401706.1959.10489860
template <class Scalar>
struct basic_ewma_detector {
  static constexpr detector_info info{"ewma", "EWMA chart, exact limits, lower side", trust::primary};
  Scalar lambda = Scalar(0.2);                 ///< weight of the newest score; in (0, 1]
  Scalar width = Scalar(2.7);                  ///< of the limit, in SD of Z; positive
  index n_baseline = 5;                        ///< scored sessions that set the center; at least 1
  chart_spread spread = chart_spread::pooled;  ///< whose moving ranges; own: those of the baseline

  /// Errors: errc::invalid_option; errc::zero_variance for a pooled spread of 0
  [[nodiscard]] result<basic_ewma_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    if (!(lambda > 0 && lambda <= 1))
      return detail::detector_option(info.name, "lambda", static_cast<double>(lambda), 0, 1);
    if (!(width > 0 && width < Scalar(1e6)))
      return detail::detector_option(info.name, "width", static_cast<double>(width), 0, 1e6);
    if (n_baseline < 1)
      return detail::detector_option(info.name, "n_baseline", static_cast<double>(n_baseline), 1, 1e6);
    basic_ewma_detector out = *this;
    if (spread == chart_spread::pooled) {
      const auto sigma = detail::pooled_chart_sigma(panel, info.name);
      if (!sigma) return sigma.error();
      out.pooled_sigma_ = *sigma;
    }
    return out;
  }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    using std::sqrt;
    const detail::scored_sessions<Scalar> scored(y);
    if (scored.size() <= n_baseline) return out.not_evaluable("no scored session behind the baseline");
    Scalar sigma = pooled_sigma_;
    if (spread == chart_spread::own) {
      detail::moving_ranges<Scalar> ranges;
      ranges.add(y, n_baseline);
      sigma = ranges.sigma(false).value_or(Scalar(0));
    }
    if (!(sigma > 0)) return out.not_evaluable("neighboring sessions of the baseline do not differ");
    const Scalar center = detail::mean_of_first(scored, n_baseline);
    out.unit(sigma);
    out.evaluable(scored.size() - n_baseline);
    const auto is_repaired = [&](index, index s) { return y[s] >= center - sigma; };
    Scalar z(0);  // (Z - center) / sigma
    Scalar forgotten(1);
    const auto judge = [&](index t) {
      z = lambda * (scored.score[as_size(t)] - center) / sigma + (1 - lambda) * z;
      forgotten *= (1 - lambda) * (1 - lambda);
      const Scalar score = -z / sqrt(Scalar(lambda / (2 - lambda) * (1 - forgotten)));
      out.session_score(scored.position[as_size(t)], score);
      return score;
    };
    for (index t = n_baseline; t < scored.size(); ++t) {
      Scalar largest = judge(t);
      if (!(largest > width)) continue;
      const index onset = scored.position[as_size(t)];
      basic_finding<Scalar> found;
      found.course = follow(y, scored.position[as_size(t - 1)], onset, onset, 1, is_repaired);
      found.followed = true;
      found.reference = center;
      const index end = found.course.repair.value_or(y.size());
      for (++t; t < scored.size() && scored.position[as_size(t)] < end; ++t) largest = (std::max)(largest, judge(t));
      found.score = largest;
      out.add(found);
      z = Scalar(0);
      forgotten = Scalar(1);
      --t;
    }
  }

 private:
  Scalar pooled_sigma_{};
};

using xmr_chart = basic_xmr_chart<double>;
using tukey_chart = basic_tukey_chart<double>;
using cusum_detector = basic_cusum_detector<double>;
using ewma_detector = basic_ewma_detector<double>;

}  // namespace rapport

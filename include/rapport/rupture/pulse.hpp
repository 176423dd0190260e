// SPDX-License-Identifier: BSL-1.0
// Ruptures as pulses and steps: the span of sessions whose common fall fits best, by generalized least squares.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/rupture/detail/stable_course.hpp>
#include <rapport/rupture/detector.hpp>

namespace rapport {

/// Which spans are looked at, and how clear a fall must be.
struct pulse_options {
  double threshold = 3;       ///< depth over its standard error from which a span counts; positive
  index longest = 6;          ///< scored sessions of the longest pulse; steps to the last session are always tried
  index most = 4;             ///< episodes of one series at most; at least 1
  bool self_scaling = false;  ///< weigh each client's own volatility in: heavier tails
};

/// The span of sessions by whose common fall the scores depart most clearly from those of a stable client.
/// Model:       y = stable course - depth x, x = 1 from onset on for a number of scored sessions, or to the end; depth =
///              x'P(m - y) / x'Px, se = 1 / sqrt(x'Px), P = inverse covariance of the client's scores under a
///              session_model (level, trend, state, error), m = its mean. The span with the largest depth / se is an
///              episode if that exceeds `threshold`; it is then taken out and the search goes on. In the end all depths are
///              estimated together. repair: the first
///              scored session behind the span. With self_scaling, se is multiplied by the client's own volatility, from
///              the other squares and an inverse-gamma prior of the model's spread
/// Missing:     exact for sessions without scores, gaps and irregular dates. A score at the ceiling counts as "at least"
/// Numerics:    O(n^3) for n scored sessions of a client; above 1000 a series is not judged
/// Not for:     alarms during a therapy: it looks at the sessions after, too
/// Reference:   Levin & Kline (1985), Statistics in Medicine 4, 469-488, for independent scores
template <class Scalar>
class basic_pulse_scan {
 public:
  static constexpr detector_info info{"pulse", "pulse and step scan by generalized least squares, own definition",
                                      trust::own};

  /// With a model of stable clients fitted to the panel at hand.
  explicit basic_pulse_scan(const pulse_options& options = {}) : options_(options) {}
  /// With a model given, fitted elsewhere or known beforehand.
  explicit basic_pulse_scan(result<stats::session_model<Scalar>> model, const pulse_options& options = {})
      : model_(std::move(model)), options_(options) {}

  /// Errors: errc::invalid_option; those of validate(session_model), and of stats::fit_stable_clients without a model
  [[nodiscard]] result<basic_pulse_scan> prepared(const basic_session_panel<Scalar>& panel) const {
    if (!(options_.threshold > 0 && options_.threshold < 1e6))
      return detail::detector_option(info.name, "threshold", options_.threshold, 0, 1e6);
    if (options_.longest < 1)
      return detail::detector_option(info.name, "longest", static_cast<double>(options_.longest), 1, 1e6);
    if (options_.most < 1)
      return detail::detector_option(info.name, "most", static_cast<double>(options_.most), 1, 1e6);
    basic_pulse_scan out = *this;
    out.model_ = detail::model_of_stable_clients(panel, model_);
    if (!*out.model_) return out.model_->error();
    return out;
  }

  /// The model of stable clients; known after prepared().
  [[nodiscard]] const stats::session_model<Scalar>& model() const noexcept { return **model_; }

  /// Walks one client's series.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const {
    using std::sqrt;
    const index n = detail::count_observed(y, 0, y.size());
    if (n < 3) return out.not_evaluable("fewer than three scored sessions");
    if (n > detail::stable_course<Scalar>::longest) return out.not_evaluable("more than 1000 scored sessions");
    auto course = detail::stable_course<Scalar>::make(model(), y);
    if (!course) return out.not_evaluable("the model cannot be applied");
    out.unit(sqrt(Scalar(model().state_var + model().error_var)));
    out.evaluable(n - 1);

    const detail::own_volatility<Scalar> volatility(model(), options_.self_scaling);
    const auto untouched = *course;
    const Scalar all_squares = course->deviation.dot(course->weighed);
    Scalar squares = all_squares;
    std::vector<bool> taken(as_size(n), false);
    std::vector<span> found;
    for (index k = 0; k < options_.most; ++k) {
      const auto best = clearest(*course, taken, squares, volatility, k == 0 ? &out : nullptr);
      if (!best || !(best->score > static_cast<Scalar>(options_.threshold))) break;
      found.push_back(*best);
      for (index t = best->begin; t < best->end; ++t) taken[as_size(t)] = true;
      squares -= take_out(*best, *course);
    }
    std::sort(found.begin(), found.end(), [](const span& a, const span& b) { return a.begin < b.begin; });
    for (const span& each : found) {
      span estimated = each;
      if (found.size() > 1) estimate_beside(found, untouched, all_squares, volatility, estimated);
      out.add(described(estimated, *course, y));
    }
  }

 private:
  /// Scored sessions [begin, end), counted from 0.
  struct span {
    index begin = 0;
    index end = 0;
    Scalar score{};
    Scalar depth{};
    Scalar depth_se{};
  };

  /// The span with the largest statistic among those that do not touch sessions already taken.
  [[nodiscard]] std::optional<span> clearest(const detail::stable_course<Scalar>& course,
                                             const std::vector<bool>& taken, const Scalar& squares,
                                             const detail::own_volatility<Scalar>& volatility,
                                             basic_episode_sink<Scalar>* scores) const {
    using std::sqrt;
    const index n = course.size();
    const auto& p = course.precision;
    std::optional<span> best;
    for (index begin = 1; begin < n; ++begin) {
      std::optional<Scalar> largest;
      Scalar fall(0);         // -sum of P r over the span
      Scalar information(0);  // sum of P over the span
      for (index end = begin; end < n && !taken[as_size(end)];) {
        information += p(end, end) + 2 * p.col(end).segment(begin, end - begin).sum();
        fall -= course.weighed(end);
        ++end;
        if (end - begin > options_.longest && end < n) continue;
        if (!(information > Scalar(1e-12) * p(begin, begin))) continue;
        const Scalar plain = fall / sqrt(information);
        const Scalar scale = volatility.factor(Scalar(squares - plain * plain), n - 1);
        const Scalar score = plain / scale;
        if (!largest || score > *largest) largest = score;
        if (!best || score > best->score)
          best = span{begin, end, score, fall / information, scale / Scalar(sqrt(information))};
      }
      if (scores != nullptr && largest) scores->session_score(course.position[as_size(begin)], *largest);
    }
    return best;
  }

  /// Takes a span's depth out of the course as a free parameter; the squares that it explains.
  static Scalar take_out(const span& which, detail::stable_course<Scalar>& course) {
    const index length = which.end - which.begin;
    const stats::vector<Scalar> px = course.precision.middleCols(which.begin, length).rowwise().sum();
    const Scalar information = px.segment(which.begin, length).sum();
    const Scalar along = course.weighed.segment(which.begin, length).sum();
    course.weighed -= px * (along / information);
    course.precision -= px * px.transpose() / information;
    return along * along / information;
  }

  /// Estimates a span's depth once more, with those of all other spans found free.
  static void estimate_beside(const std::vector<span>& all, detail::stable_course<Scalar> course, Scalar squares,
                              const detail::own_volatility<Scalar>& volatility, span& one) {
    using std::sqrt;
    for (const span& each : all) {
      if (each.begin != one.begin) squares -= take_out(each, course);
    }
    const index length = one.end - one.begin;
    const Scalar information = course.precision.block(one.begin, one.begin, length, length).sum();
    const Scalar fall = -course.weighed.segment(one.begin, length).sum();
    const Scalar plain = fall / sqrt(information);
    const Scalar scale = volatility.factor(Scalar(squares - plain * plain), course.size() - 1);
    one.depth = fall / information;
    one.depth_se = scale / sqrt(information);
    one.score = plain / scale;
  }

  [[nodiscard]] static basic_finding<Scalar> described(const span& which, const detail::stable_course<Scalar>& course,
                                                       const session_series<Scalar>& y) {
    const auto at = [&](index k) { return course.position[as_size(k)]; };
    basic_finding<Scalar> out;
    out.course = {at(which.begin - 1), at(which.begin), at(which.begin), std::nullopt};
    Scalar mean(0);
    for (index k = which.begin; k < which.end; ++k) {
      mean += y[at(k)] / static_cast<Scalar>(which.end - which.begin);
      if (y[at(k)] < y[out.course.nadir]) out.course.nadir = at(k);
    }
    if (which.end < course.size()) out.course.repair = at(which.end);
    out.followed = true;
    out.reference = mean + which.depth;
    out.depth = which.depth;
    out.depth_se = which.depth_se;
    out.score = which.score;
    return out;
  }

  std::optional<result<stats::session_model<Scalar>>> model_{};
  pulse_options options_;
};

/// Pulse scan with a model of stable clients fitted to the panel at hand.
[[nodiscard]] inline basic_pulse_scan<double> pulse_scan(const pulse_options& options = {}) {
  return basic_pulse_scan<double>(options);
}
/// Pulse scan with a model given; a growth fit's session_model() may be passed as it is.
template <class Scalar>
[[nodiscard]] basic_pulse_scan<Scalar> pulse_scan(const result<stats::session_model<Scalar>>& model,
                                                  const pulse_options& options = {}) {
  return basic_pulse_scan<Scalar>(model, options);
}
/// Pulse scan with a model given in plain numbers.
template <class Scalar>
[[nodiscard]] basic_pulse_scan<Scalar> pulse_scan(const stats::session_model<Scalar>& model,
                                                  const pulse_options& options = {}) {
  return basic_pulse_scan<Scalar>(result<stats::session_model<Scalar>>(model), options);
}

}  // namespace rapport

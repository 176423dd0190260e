// SPDX-License-Identifier: BSL-1.0
// What happens next: effects within clients of one session's scores on the next session's score.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/growth/covariates.hpp>
#include <rapport/growth/curve_types.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/mixed_model/inference.hpp>

namespace rapport {

/// What is done against the bias of short series.
enum class lag_correction : unsigned char {
  adjusted_likelihood,   ///< the profile score less its expectation, which is known exactly: maximum likelihood of a
                         ///< dynamic panel with a level of its own for each client
  half_panel_jackknife,  ///< twice the estimate, less that of the halves of every client's series
  uncorrected            ///< nothing: with 8 sessions an autoregression of .30 comes out near .10
};

/// How lagged effects are estimated.
struct lagged_options {
  lag_correction correction = lag_correction::adjusted_likelihood;
  double lag = 1;      ///< the distance in time between the two sessions of a pair, exactly; positive
  bool trend = false;  ///< the same straight line in time for all clients is taken out
  double level = 0.95;
};

/// Checks the options.
/// Errors: errc::invalid_option
[[nodiscard]] inline result<void> validate(const lagged_options& options) {
  constexpr double most = 1e6;
  if (options.lag > 0 && options.lag <= most) return check_level(options.level, "lagged_effects");
  return error{.code = errc::invalid_option,
               .function = "lagged_effects",
               .value = options.lag,
               .lower = 0,
               .upper = most,
               .subject = "the lag"};
}

/// Effects of a session on the next.
template <class Scalar>
struct basic_lagged_effects {
  /// The score's own effect first ("score@lag"), then one per predictor ("alliance@lag"), then time if asked for.
  std::vector<basic_growth_coefficient<Scalar>> effects{};
  stats::matrix<Scalar> covariance{};
  stats::vector<Scalar> uncorrected{};  ///< the within-client estimates, to see what the correction did
  index n_clients = 0;
  index n_pairs = 0;
  index n_gaps = 0;              ///< neighbouring sessions with all values, but not one lag apart: no pair
  index n_clients_left_out = 0;  ///< with fewer pairs than needed
  /// Whether the adjusted likelihood has an optimum. In a small sample of long memory it may have none; then the estimate is
  /// the point where its slope is least, and the half-panel jackknife is the better choice.
  bool has_root = true;
};
using lagged_effects_fit = basic_lagged_effects<double>;

/// The fewest pairs of a client that enters: two, for the jackknife two in each half.
[[nodiscard]] constexpr index fewest_pairs(lag_correction correction) noexcept {
  return correction == lag_correction::half_panel_jackknife ? 4 : 2;
}

namespace detail {

/// The pairs of one client.
template <class Scalar>
struct lagged_pairs {
  stats::matrix<Scalar> before{};  ///< score and predictors of the first session, and the time if it is asked for
  stats::matrix<Scalar> after{};   ///< score and predictors of the second; the score alone unless likelihoods need more
  std::vector<Scalar> time{};      ///< of the second session, in lags
};

/// The cross-products of the pairs of one client, or of all, about the client's means.
template <class Scalar>
struct lagged_sums {
  stats::matrix<Scalar> xx{};
  stats::matrix<Scalar> xy{};
  stats::matrix<Scalar> yy{};
  /// Of every distance d: how many first sessions lie d lags after a second session of the same client, over the number
  /// of the client's pairs.
  stats::vector<Scalar> follows{};
  index n_pairs = 0;
  index n_free = 0;  ///< pairs less clients

  /// The sums of some neighbouring pairs of a client.
  [[nodiscard]] static lagged_sums of(const lagged_pairs<Scalar>& pairs, index first, index count) {
    stats::matrix<Scalar> x = pairs.before.middleRows(first, count);
    stats::matrix<Scalar> y = pairs.after.middleRows(first, count);
    x.rowwise() -= x.colwise().mean().eval();
    y.rowwise() -= y.colwise().mean().eval();
    return {x.transpose() * x, x.transpose() * y, y.transpose() * y, {}, count, count - 1};
  }
  void add(const Scalar& factor, const lagged_sums& other) {
    xx += factor * other.xx;
    xy += factor * other.xy;
    yy += factor * other.yy;
    follows += factor * other.follows;
    const index sign = factor > 0 ? 1 : -1;
    n_pairs += sign * other.n_pairs;
    n_free += sign * other.n_free;
  }
};

/// The parts of a series: all of it; then the shorter half in front and the rest; then the longer half in front and the
/// rest.
template <class Scalar>
using lagged_parts = std::array<lagged_sums<Scalar>, 5>;

/// \param n_distances  of `follows`; larger than any distance in time between two sessions of a client
template <class Scalar>
[[nodiscard]] lagged_parts<Scalar> parts_of(const lagged_pairs<Scalar>& pairs, index n_distances) {
  const index n = pairs.after.rows();
  const index shorter = n / 2;
  const index longer = n - shorter;
  using sums = lagged_sums<Scalar>;
  lagged_parts<Scalar> out{sums::of(pairs, 0, n), sums::of(pairs, 0, shorter), sums::of(pairs, shorter, longer),
                           sums::of(pairs, 0, longer), sums::of(pairs, longer, shorter)};
  for (auto& part : out) part.follows = stats::vector<Scalar>::Zero(n_distances);
  for (index later = 1; later < n; ++later) {
    for (index earlier = 0; earlier < later; ++earlier) {
      const Scalar distance = pairs.time[as_size(later)] - 1 - pairs.time[as_size(earlier)];
      out[0].follows(static_cast<index>(distance)) += 1 / static_cast<Scalar>(n);
    }
  }
  return out;
}

/// The root of the adjusted score of a vector autoregression, xy - xx B + sum over d of follows_d A^d S = 0, A the
/// transposed effects of the variables in B, S the covariance of the errors at B. In a small sample of long memory there
/// may be none; then the point at which the iteration toward it comes nearest to rest, and `has_root` false.
template <class Scalar>
[[nodiscard]] stats::matrix<Scalar> adjusted_estimate(const lagged_sums<Scalar>& sums,
                                                      const stats::cholesky_factor<Scalar>& factor,
                                                      stats::matrix<Scalar> effects, bool& has_root) {
  constexpr int most_steps = 500;
  const index k = sums.yy.rows();
  stats::matrix<Scalar> nearest = effects;
  Scalar least_move = (std::numeric_limits<Scalar>::max)();
  has_root = true;
  for (int step = 0; step < most_steps; ++step) {
    const stats::matrix<Scalar> a = effects.topRows(k).transpose();
    stats::matrix<Scalar> errors = sums.yy + effects.transpose() * sums.xx * effects;
    errors -= effects.transpose() * sums.xy + sums.xy.transpose() * effects;
    errors /= static_cast<Scalar>(sums.n_free);
    // By Horner's rule from the largest distance.
    stats::matrix<Scalar> expected = stats::matrix<Scalar>::Zero(k, k);
    for (index d = sums.follows.size() - 1; d >= 0; --d) expected = a * expected + sums.follows(d) * errors;
    stats::matrix<Scalar> right = sums.xy;
    right.topRows(k) += expected;
    const stats::matrix<Scalar> next = factor.solve(right);
    const Scalar moved = (next - effects).cwiseAbs().maxCoeff();
    const Scalar rest = Scalar(1e-13) * (1 + effects.cwiseAbs().maxCoeff());
    if (moved <= rest) return next;
    if (moved < least_move) {
      least_move = moved;
      nearest = effects;
    }
    const bool runs_away = !(moved < 100 * least_move);  // or is no number
    if (runs_away) break;
    effects = next;
  }
  has_root = false;
  return nearest;
}

/// The estimates from the parts, one column per variable.
template <class Scalar>
[[nodiscard]] result<stats::matrix<Scalar>> lagged_estimate(const lagged_parts<Scalar>& parts,
                                                            lag_correction correction, bool& has_root) {
  const auto factor = stats::cholesky_factor<Scalar>::make(parts[0].xx);
  if (!factor) return factor.error();
  stats::matrix<Scalar> whole = factor->solve(parts[0].xy);
  if (correction == lag_correction::uncorrected) return whole;
  if (correction == lag_correction::adjusted_likelihood)
    return adjusted_estimate(parts[0], *factor, std::move(whole), has_root);
  stats::matrix<Scalar> out = 2 * whole;
  for (std::size_t k = 1; k < parts.size(); ++k) {
    const auto half = stats::cholesky_factor<Scalar>::make(parts[k].xx);
    if (!half) return half.error();
    const Scalar share = static_cast<Scalar>(parts[k].n_pairs) / static_cast<Scalar>(2 * parts[0].n_pairs);
    out -= share * half->solve(parts[k].xy);
  }
  return out;
}

}  // namespace detail

/// Estimates how a client's score, and other values of the same session, go on to the client's next score.
/// Model:       score_t = client_i + a score_(t-1) + b x_(t-1) [+ c time_t] + e_t over all pairs of sessions that lie
///              exactly one lag apart; client_i is any number, so that all differences between clients are out
/// \param panel       scores over sessions
/// \param predictors  columns beside the scores, in the order of the rows that the panel was made from; name and values
///                    are used
/// \param options     correction, lag, trend, level
/// \return         effects with standard errors, t tests with (clients - 1) degrees of freedom and intervals
/// Errors:         errc::invalid_option; errc::size_mismatch naming a predictor; errc::too_few_clusters if fewer clients
///                 have enough pairs than there are effects and one more; errc::collinear if a predictor does not vary
///                 within clients or follows from others
/// Missing:        a pair needs both scores and the predictors of its first session, under the adjusted likelihood those
///                 of its second too; a session that was missed breaks the chain and is never bridged. Clients with too
///                 few pairs (see fewest_pairs) are left out and counted
/// Numerics:       least squares about the clients' means, which in series of T pairs is biased by about -(1 + a) / (T - 1)
///                 (Nickell). What the score of the profile likelihood is expected to be under errors of one covariance
///                 matrix is a polynomial in the effects; the adjusted likelihood subtracts it and solves again, which
///                 leaves no bias of any order in 1 / T; it is solved by fixed-point steps. It takes predictors to follow the same kind of equation. The
///                 half-panel jackknife removes the part in 1 / T whatever predictors do: 2 theta less the mean of the two
///                 halves, weighted by their pairs and, where their number is odd, averaged over both ways to halve.
///                 Standard errors by leaving out one client at a time, which follow the corrected estimate
/// Not for:        causes: what changes both within the same week is not in the model
/// Reference:      Nickell (1981), doi 10.2307/1911408; adjusted likelihood: Lancaster (2002), doi
///                 10.1111/1467-937X.t01-1-00025; half-panel jackknife: Dhaene & Jochmans (2015), doi
///                 10.1093/restud/rdv007
/// R:              plm::plm(y ~ lag(y) + lag(x), model = "within") is the uncorrected one
template <class Scalar>
[[nodiscard]] result<basic_lagged_effects<Scalar>> lagged_effects(
    const basic_session_panel<Scalar>& panel, const std::vector<basic_growth_covariate<Scalar>>& predictors = {},
    const lagged_options& options = {}) {
  using std::floor;
  using std::sqrt;
  if (auto legal = validate(options); !legal) return legal.error();
  for (const auto& each : predictors) {
    if (std::ssize(each.values) == panel.n_rows()) continue;
    return error{.code = errc::size_mismatch,
                 .function = "lagged_effects",
                 .value = static_cast<double>(each.values.size()),
                 .lower = static_cast<double>(panel.n_rows()),
                 .subject = std::string_view(each.name)};
  }
  basic_lagged_effects<Scalar> out;
  const index k = 1 + std::ssize(predictors) + (options.trend ? 1 : 0);
  const index fewest = fewest_pairs(options.correction);
  const auto lag = static_cast<Scalar>(options.lag);

  const bool needs_both = options.correction == lag_correction::adjusted_likelihood;
  const index n_variables = 1 + std::ssize(predictors);
  std::vector<detail::lagged_pairs<Scalar>> pairs;
  index n_distances = 1;
  for (index client = 0; client < panel.n_clients(); ++client) {
    const auto series = panel.series(client);
    const auto value = [&](index t, index variable) -> const Scalar& {
      if (variable == 0) return series.score[as_size(t)];
      return predictors[as_size(variable - 1)].values[as_size(panel.input_row(panel.first_row(client) + t))];
    };
    const auto has_values = [&](index t, bool all) {
      for (index v = 0; v < (all ? n_variables : 1); ++v) {
        if (is_missing(value(t, v))) return false;
      }
      return true;
    };
    std::vector<index> second;
    for (index t = 1; t < series.size(); ++t) {
      if (!has_values(t - 1, true) || !has_values(t, needs_both)) continue;
      if (series.session[as_size(t)] - series.session[as_size(t - 1)] == lag) {
        second.push_back(t);
      } else {
        ++out.n_gaps;
      }
    }
    const index n = std::ssize(second);
    if (n < fewest) {
      ++out.n_clients_left_out;
      continue;
    }
    detail::lagged_pairs<Scalar> mine{{n, k}, {n, needs_both ? n_variables : 1}, {}};
    for (index i = 0; i < n; ++i) {
      const index t = second[as_size(i)];
      for (index v = 0; v < n_variables; ++v) mine.before(i, v) = value(t - 1, v);
      if (options.trend) mine.before(i, n_variables) = series.session[as_size(t)];
      for (index v = 0; v < mine.after.cols(); ++v) mine.after(i, v) = value(t, v);
      mine.time.push_back(floor((series.session[as_size(t)] - series.session[as_size(second[0])]) / lag));
    }
    n_distances = (std::max)(n_distances, static_cast<index>(mine.time.back()) + 1);
    pairs.push_back(std::move(mine));
  }
  out.n_clients = std::ssize(pairs);
  if (out.n_clients < k + 1) {
    return error{.code = errc::too_few_clusters,
                 .function = "lagged_effects",
                 .value = static_cast<double>(out.n_clients),
                 .lower = static_cast<double>(k + 1)};
  }
  std::vector<detail::lagged_parts<Scalar>> clients;
  for (const auto& mine : pairs) clients.push_back(detail::parts_of(mine, n_distances));
  auto all = clients[0];
  for (std::size_t c = 1; c < clients.size(); ++c) {
    for (std::size_t part = 0; part < all.size(); ++part) all[part].add(Scalar(1), clients[c][part]);
  }
  out.n_pairs = all[0].n_pairs;
  const auto refused = [](error e) {
    if (e.code == errc::not_positive_definite) e = {.code = errc::collinear, .subject = "within clients"};
    e.function = "lagged_effects";
    return e;
  };
  const auto plain = detail::lagged_estimate(all, lag_correction::uncorrected, out.has_root);
  if (!plain) return refused(plain.error());
  out.uncorrected = plain->col(0);
  const auto estimate = detail::lagged_estimate(all, options.correction, out.has_root);
  if (!estimate) return refused(estimate.error());

  // Without one client at a time.
  const index m = out.n_clients;
  stats::matrix<Scalar> without(m, k);
  for (index c = 0; c < m; ++c) {
    bool root_again = true;
    auto rest = all;
    for (std::size_t part = 0; part < rest.size(); ++part) rest[part].add(Scalar(-1), clients[as_size(c)][part]);
    const auto again = detail::lagged_estimate(rest, options.correction, root_again);
    if (!again) return refused(again.error());
    without.row(c) = again->col(0).transpose();
  }
  without.rowwise() -= without.colwise().mean().eval();
  out.covariance = static_cast<Scalar>(m - 1) / static_cast<Scalar>(m) * (without.transpose() * without);
  std::vector<std::string> names{"score@lag"};
  for (const auto& each : predictors) names.push_back(each.name + "@lag");
  if (options.trend) names.push_back("time");
  for (index j = 0; j < k; ++j) {
    const Scalar error_size = sqrt(out.covariance(j, j));
    if (!(error_size > 0)) return error{.code = errc::zero_variance, .function = "lagged_effects", .column = j};
    out.effects.push_back({stats::make_test((*estimate)(j, 0), error_size, static_cast<Scalar>(m - 1), options.level),
                           names[as_size(j)]});
  }
  return out;
}

}  // namespace rapport

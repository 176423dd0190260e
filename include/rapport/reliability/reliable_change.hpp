// SPDX-License-Identifier: BSL-1.0
// Whether a person changed by more than the unreliability of the scale explains: six indices of reliable change.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/measurement_error.hpp>

namespace rapport {

/// The indices of reliable change. S and M are SD and mean before, r the reliability, x before, y after.
enum class change_method : unsigned char {
  jacobson_truax,         ///< (y - x) / (S sqrt(2 (1 - r)))
  gulliksen_lord_novick,  ///< ((y - M) - r (x - M)) / (S sqrt(1 - r^2))
  hsu_linn_lord,          ///< ((y - M_post) - r (x - M)) / (S sqrt(1 - r^2))
  edwards_nunnally,       ///< (y - (M + r (x - M))) / (S sqrt(1 - r))
  nunnally_kotsch,        ///< (y - (M + r (x - M))) / (S sqrt(r^2 (1 - r) + 1 - r_post))
  hageman_arrindell  ///< ((y - x) d + (M_post - M) (1 - d)) / (sqrt(d) S sqrt(2 (1 - r))), d = reliability of change
};

/// The name of a method, as papers write it.
[[nodiscard]] constexpr std::string_view to_string(change_method method) noexcept {
  switch (method) {
    case change_method::jacobson_truax: return "Jacobson-Truax";
    case change_method::gulliksen_lord_novick: return "Gulliksen-Lord-Novick";
    case change_method::hsu_linn_lord: return "Hsu-Linn-Lord";
    case change_method::edwards_nunnally: return "Edwards-Nunnally";
    case change_method::nunnally_kotsch: return "Nunnally-Kotsch";
    case change_method::hageman_arrindell: return "Hageman-Arrindell";
  }
  return "";
}

/// Which way is up.
enum class better_scores : unsigned char {
  higher,  ///< well-being, alliance
  lower    ///< symptoms
};

/// What became of a person.
enum class change_verdict : unsigned char { improved, unchanged, deteriorated };

/// The word for a verdict.
[[nodiscard]] constexpr std::string_view to_string(change_verdict verdict) noexcept {
  switch (verdict) {
    case change_verdict::improved: return "improved";
    case change_verdict::unchanged: return "unchanged";
    case change_verdict::deteriorated: return "deteriorated";
  }
  return "";
}

/// The group and the reliability that a change is judged against. What a method does not use may stay empty.
template <class Scalar>
struct change_reference {
  Scalar mean{};                                                 ///< before
  Scalar sd{};                                                   ///< before
  Scalar reliability{};                                          ///< of the score before, 0 <= r < 1
  std::optional<basic_interval<Scalar>> reliability_interval{};  ///< if the reliability is itself an estimate
  std::optional<Scalar> mean_post{};                             ///< Hsu-Linn-Lord, Hageman-Arrindell
  std::optional<Scalar> sd_post{};                               ///< Hageman-Arrindell
  std::optional<Scalar> reliability_post{};                      ///< Nunnally-Kotsch
  std::optional<Scalar> correlation{};                           ///< of before and after; Hageman-Arrindell
  index n = 0;                                                   ///< persons behind mean and SD, if computed here
};

/// How a change is judged.
struct change_options {
  change_method method = change_method::jacobson_truax;
  better_scores better = better_scores::higher;
  std::optional<double> critical{};  ///< what |index| must exceed; 1.96, and 1.65 for Hageman-Arrindell, as published
};

/// One person's change.
template <class Scalar>
struct basic_reliable_change {
  Scalar index{};
  std::optional<basic_interval<Scalar>> interval{};  ///< of the index, as the reliability runs through its interval
  double critical{};
  change_verdict verdict{};
  bool depends_on_reliability = false;  ///< another reliability within its interval gives another verdict
  change_method method{};
};

namespace detail {

/// Moments of complete pairs.
template <class Scalar>
struct pair_moments {
  index n = 0;
  Scalar mean_first{};
  Scalar mean_second{};
  Scalar var_first{};   ///< divisor n - 1
  Scalar var_second{};  ///< divisor n - 1
  Scalar covariance{};  ///< divisor n - 1

  [[nodiscard]] Scalar var_difference() const { return var_first + var_second - 2 * covariance; }
};

template <class Scalar>
[[nodiscard]] result<pair_moments<Scalar>> moments_of_pairs(std::span<const Scalar> first,
                                                            std::span<const Scalar> second, const char* function) {
  using std::isfinite;
  if (first.size() != second.size())
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(second.size()),
                 .lower = static_cast<double>(first.size()),
                 .subject = "the second measurement"};
  pair_moments<Scalar> out;
  Scalar sum_first(0);
  Scalar sum_second(0);
  for (index i = 0; i < std::ssize(first); ++i) {
    const Scalar& x = first[as_size(i)];
    const Scalar& y = second[as_size(i)];
    if ((!is_missing(x) && !isfinite(x)) || (!is_missing(y) && !isfinite(y)))
      return error{.code = errc::not_finite, .function = function, .row = i, .column = is_missing(x) || isfinite(x)};
    if (is_missing(x) || is_missing(y)) continue;
    sum_first += x;
    sum_second += y;
    ++out.n;
  }
  if (out.n < 2)
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(out.n),
                 .lower = 2,
                 .subject = "persons measured twice"};
  const auto n = static_cast<Scalar>(out.n);
  out.mean_first = sum_first / n;
  out.mean_second = sum_second / n;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (is_missing(first[i]) || is_missing(second[i])) continue;
    const Scalar x = first[i] - out.mean_first;
    const Scalar y = second[i] - out.mean_second;
    out.var_first += x * x;
    out.var_second += y * y;
    out.covariance += x * y;
  }
  out.var_first /= n - 1;
  out.var_second /= n - 1;
  out.covariance /= n - 1;
  return out;
}

/// The reliability of difference scores as Hageman and Arrindell need it.
template <class Scalar>
[[nodiscard]] Scalar difference_reliability(const change_reference<Scalar>& to, const Scalar& r) {
  const Scalar error_var = to.sd * to.sd * (1 - r);
  const Scalar var_pre = to.sd * to.sd;
  const Scalar var_post = *to.sd_post * *to.sd_post;
  const Scalar shared = 2 * to.sd * *to.sd_post * *to.correlation;
  // r_i times the variance is the variance less the error, which is that of the first measurement both times.
  return ((var_pre - error_var) + (var_post - error_var) - shared) / (var_pre + var_post - shared);
}

/// The index at one value of the reliability; no value where it has none.
template <class Scalar>
[[nodiscard]] std::optional<Scalar> change_index(const change_reference<Scalar>& to, const Scalar& x, const Scalar& y,
                                                 change_method method, const Scalar& r) {
  using std::isfinite;
  using std::sqrt;
  const Scalar error_sd = to.sd * sqrt(1 - r);
  const Scalar regressed = to.mean + r * (x - to.mean);
  Scalar out(0);
  switch (method) {
    case change_method::jacobson_truax: out = (y - x) / (sqrt(Scalar(2)) * error_sd); break;
    case change_method::gulliksen_lord_novick: out = (y - regressed) / (to.sd * sqrt(1 - r * r)); break;
    case change_method::hsu_linn_lord:
      out = ((y - *to.mean_post) - r * (x - to.mean)) / (to.sd * sqrt(1 - r * r));
      break;
    case change_method::edwards_nunnally: out = (y - regressed) / error_sd; break;
    case change_method::nunnally_kotsch:
      out = (y - regressed) / (to.sd * sqrt(r * r * (1 - r) + (1 - to.reliability_post.value_or(r))));
      break;
    case change_method::hageman_arrindell: {
      const Scalar d = difference_reliability(to, r);
      if (!(d > 0)) return std::nullopt;
      out = ((y - x) * d + (*to.mean_post - to.mean) * (1 - d)) / (sqrt(d) * sqrt(Scalar(2)) * error_sd);
      break;
    }
  }
  if (!isfinite(out)) return std::nullopt;
  return out;
}

template <class Scalar>
[[nodiscard]] result<void> check_change_reference(const change_reference<Scalar>& to, const change_options& options) {
  constexpr const char* function = "reliable_change";
  using std::isfinite;
  if (!isfinite(to.mean)) return error{.code = errc::not_finite, .function = function};
  if (auto legal = check_positive(to.sd, "the standard deviation before", function); !legal) return legal;
  if (auto legal = check_share(to.reliability, "the reliability", function, true); !legal) return legal;
  if (const auto& i = to.reliability_interval) {
    if (!(i->lower <= to.reliability) || !(to.reliability <= i->upper) || !(i->upper < 1))
      return error{.code = errc::invalid_option,
                   .function = function,
                   .value = static_cast<double>(to.reliability),
                   .lower = static_cast<double>(i->lower),
                   .upper = static_cast<double>((std::min)(i->upper, Scalar(1))),
                   .subject = "the reliability, within its own interval,"};
  }
  const auto lacks = [&](bool there, std::string_view what) -> result<void> {
    if (there) return {};
    return error{.code = errc::no_data, .function = function, .subject = what};
  };
  const bool hageman = options.method == change_method::hageman_arrindell;
  if (hageman || options.method == change_method::hsu_linn_lord) {
    if (auto there = lacks(to.mean_post && isfinite(*to.mean_post), "the mean after"); !there) return there;
  }
  if (hageman) {
    if (auto there = lacks(to.sd_post.has_value(), "the standard deviation after"); !there) return there;
    if (auto there = lacks(to.correlation.has_value(), "the correlation of before and after"); !there) return there;
    if (auto legal = check_positive(*to.sd_post, "the standard deviation after", function); !legal) return legal;
    if (!(*to.correlation >= -1 && *to.correlation <= 1))
      return error{.code = errc::invalid_option,
                   .function = function,
                   .value = static_cast<double>(*to.correlation),
                   .lower = -1,
                   .upper = 1,
                   .subject = "the correlation of before and after"};
  }
  if (to.reliability_post) {
    if (auto legal = check_share(*to.reliability_post, "the reliability after", function); !legal) return legal;
  }
  if (options.critical) return check_positive(*options.critical, "the critical value", function);
  return {};
}

template <class Scalar>
[[nodiscard]] change_verdict judge_change(const Scalar& change, double critical, better_scores better) {
  const Scalar upwards = better == better_scores::higher ? change : Scalar(-change);
  if (upwards > critical) return change_verdict::improved;
  return upwards < -critical ? change_verdict::deteriorated : change_verdict::unchanged;
}

}  // namespace detail

/// Means, SDs and correlation of a group measured twice, with a reliability from elsewhere.
/// Model:       divisor n - 1 throughout
/// \param pre               scores before, one per person; NaN is missing
/// \param post              scores after, same order
/// \param reliability       of the score, with its interval; from alpha or a test-retest study
/// \param reliability_post  of the score after, if it differs
/// \return      everything that the six methods need
/// Errors:      errc::size_mismatch; errc::not_finite; errc::too_few_rows below 2 complete pairs; errc::zero_variance
/// Missing:     persons without one of the two scores are left out; `n` counts the others
template <class Scalar>
[[nodiscard]] result<change_reference<Scalar>> change_reference_from(std::span<const Scalar> pre,
                                                                     std::span<const Scalar> post,
                                                                     const basic_estimate<Scalar>& reliability,
                                                                     std::optional<Scalar> reliability_post = {}) {
  using std::sqrt;
  const auto m = detail::moments_of_pairs(pre, post, "change_reference_from");
  if (!m) return m.error();
  if (!(m->var_first > 0) || !(m->var_second > 0))
    return error{.code = errc::zero_variance,
                 .function = "change_reference_from",
                 .subject = m->var_first > 0 ? "the score after" : "the score before"};
  change_reference<Scalar> out;
  out.mean = m->mean_first;
  out.sd = sqrt(m->var_first);
  out.reliability = reliability.estimate;
  // An estimate without an interval of its own carries an empty one.
  if (reliability.interval.lower < reliability.interval.upper) out.reliability_interval = reliability.interval;
  out.mean_post = m->mean_second;
  out.sd_post = sqrt(m->var_second);
  out.reliability_post = reliability_post;
  out.correlation = m->covariance / (out.sd * *out.sd_post);
  out.n = m->n;
  return out;
}

/// One person's change against the error of the scale.
/// Model:       the index of the method (see change_method) beyond +- critical; strictly beyond
/// \param to       the group and the reliability
/// \param pre      the person's score before
/// \param post     the person's score after
/// \param options  method, which way is up, critical value
/// \return      index, verdict, and, if the reliability has an interval, the range of the index over it
/// Errors:      errc::not_finite; errc::invalid_option for an SD, reliability, correlation or critical value outside its
///              range; errc::no_data naming what the method needs and the reference lacks;
///              errc::unreliable_difference if Hageman-Arrindell's reliability of change is not positive
/// Missing:     a missing score is errc::not_finite: there is no change to judge
/// Numerics:    closed form; the range is taken over 257 values of the reliability, ends included, a lower end below 0
///              counting as 0; without a reliability after, that of before stands for both
/// Not for:     session-to-session moves of one client, see session_change; clinical meaning, see classify_change
/// Reference:   Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12; Hageman & Arrindell (1999),
///              doi 10.1016/S0005-7967(99)00032-7; Nunnally & Kotsch (1983), doi 10.1111/j.2044-8260.1983.tb00610.x;
///              Bauer, Lambert & Nielsen (2004), doi 10.1207/s15327752jpa8201_11
/// R:           clinicalsignificance::cs_distribution(..., reliability, rci_method = "JT")
template <class Scalar>
[[nodiscard]] result<basic_reliable_change<Scalar>> reliable_change(const change_reference<Scalar>& to,
                                                                    const Scalar& pre, const Scalar& post,
                                                                    const change_options& options = {}) {
  using std::isfinite;
  if (auto legal = detail::check_change_reference(to, options); !legal) return legal.error();
  if (!isfinite(pre) || !isfinite(post)) return error{.code = errc::not_finite, .function = "reliable_change"};
  const auto no_value = [&]() -> error {
    const bool hageman = options.method == change_method::hageman_arrindell;
    return {.code = hageman ? errc::unreliable_difference : errc::numeric_failure,
            .function = "reliable_change",
            .value = hageman ? static_cast<double>(detail::difference_reliability(to, to.reliability)) : 0,
            .subject = hageman ? "" : "the index of change"};
  };
  const auto at_estimate = detail::change_index(to, pre, post, options.method, to.reliability);
  if (!at_estimate) return no_value();

  basic_reliable_change<Scalar> out;
  out.index = *at_estimate;
  out.method = options.method;
  out.critical = options.critical.value_or(options.method == change_method::hageman_arrindell ? 1.65 : 1.96);
  out.verdict = detail::judge_change(out.index, out.critical, options.better);
  if (const auto& r = to.reliability_interval) {
    constexpr int n_steps = 256;
    const Scalar lower = (std::max)(r->lower, Scalar(0));
    basic_interval<Scalar> range{out.index, out.index, r->level};
    for (int step = 0; step <= n_steps; ++step) {
      const Scalar at = lower + (r->upper - lower) * static_cast<Scalar>(step) / n_steps;
      const auto there = detail::change_index(to, pre, post, options.method, at);
      if (!there) return no_value();
      range.lower = (std::min)(range.lower, *there);
      range.upper = (std::max)(range.upper, *there);
    }
    out.interval = range;
    out.depends_on_reliability = detail::judge_change(range.lower, out.critical, options.better) != out.verdict ||
                                 detail::judge_change(range.upper, out.critical, options.better) != out.verdict;
  }
  return out;
}

}  // namespace rapport

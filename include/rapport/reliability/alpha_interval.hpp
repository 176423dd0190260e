// SPDX-License-Identifier: BSL-1.0
// Confidence intervals for alpha: Feldt, Bonett, Duhachek (van Zyl), ADF, Fisher, Hakstian-Whalen.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport {

/// The intervals for alpha.
enum class alpha_interval : unsigned char {
  automatic,       ///< with the answers: jackknife, from 1000 persons on ADF; from covariances alone: Feldt
  feldt,           ///< exact for normal items with equal variances and covariances
  bonett,          ///< normal on the scale log(1 - alpha)
  duhachek,        ///< alpha +- z SE, the SE for normal items (van Zyl; Duhachek & Iacobucci)
  jackknife,       ///< alpha +- t SE, the SE from leaving out one person at a time; needs the answers
  adf,             ///< alpha +- z SE, the SE without an assumption on the distribution; needs the answers
  fisher,          ///< normal on the scale atanh(alpha), as if alpha were a correlation
  hakstian_whalen  ///< normal on the scale of the cube root of 1 - alpha
};

/// The interval's name, as it stands in `method`.
[[nodiscard]] constexpr std::string_view to_string(alpha_interval kind) noexcept {
  switch (kind) {
    case alpha_interval::automatic: return "automatic";
    case alpha_interval::feldt: return "Feldt";
    case alpha_interval::bonett: return "Bonett";
    case alpha_interval::duhachek: return "Duhachek";
    case alpha_interval::jackknife: return "jackknife";
    case alpha_interval::adf: return "ADF";
    case alpha_interval::fisher: return "Fisher";
    case alpha_interval::hakstian_whalen: break;
  }
  return "Hakstian-Whalen";
}

namespace detail {

/// k / (k - 1) (1 - trace / total) of a covariance matrix.
template <class Scalar>
[[nodiscard]] Scalar alpha_of(const stats::matrix<Scalar>& c) {
  const auto k = static_cast<Scalar>(c.cols());
  return k / (k - 1) * (1 - c.trace() / c.sum());
}

/// The large-sample variance of alpha times n, for normal items with covariance matrix c.
template <class Scalar>
[[nodiscard]] Scalar alpha_sampling_variance(const stats::matrix<Scalar>& c) {
  const auto k = static_cast<Scalar>(c.cols());
  const Scalar total = c.sum();
  const Scalar trace = c.trace();
  const Scalar trace_of_square = c.squaredNorm();
  const Scalar total_of_square = c.rowwise().sum().squaredNorm();
  return 2 * k * k / ((k - 1) * (k - 1) * total * total * total) *
         (total * (trace_of_square + trace * trace) - 2 * trace * total_of_square);
}

/// Refuses what no interval for alpha can use.
[[nodiscard]] inline result<void> check_interval_input(const char* function, index n, index least_n, index k,
                                                       double level) {
  if (auto legal = check_level(level, function); !legal) return legal;
  if (n < least_n) {
    return error{.code = errc::too_few_rows,
                 .function = function,
                 .value = static_cast<double>(n),
                 .lower = static_cast<double>(least_n)};
  }
  if (k < 2) {
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 2};
  }
  return {};
}

template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> finite_interval(const Scalar& lower, const Scalar& upper, double level,
                                                             const char* function) {
  using std::isfinite;
  if (!isfinite(lower) || !isfinite(upper)) return error{.code = errc::numeric_failure, .function = function};
  return basic_interval<Scalar>{lower, upper, level};
}

template <class Scalar>
[[nodiscard]] Scalar two_sided_z(double level) {
  return stats::normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
}

}  // namespace detail

/// Feldt's confidence interval for alpha.
/// Model:       (1 - alpha) / (1 - alpha_hat) ~ F(n - 1, (n - 1)(k - 1)), exact for normal items of equal variances and
///              covariances
/// \param alpha  the estimate
/// \param n      persons
/// \param k      items
/// \param level  confidence level
/// \return      the interval; both ends at most 1, or at least 1 for an estimate above 1
/// Errors:      errc::too_few_rows below 2 persons; errc::too_few_columns below 2 items; errc::invalid_option
/// Numerics:    two F quantiles; about 1e-12 relative
/// Not for:     items at their floor or ceiling: nominal 95 % then covers about 91 %
/// Reference:   Feldt (1965), doi 10.1007/BF02289499; Feldt, Woodruff & Salih (1987), doi 10.1177/014662168701100107
/// R:           psych::alpha.ci(alpha, n, k)
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> feldt_interval(const Scalar& alpha, index n, index k,
                                                            double level = 0.95) {
  if (auto legal = check_level(level, "feldt_interval"); !legal) return legal.error();
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = "feldt_interval", .value = static_cast<double>(n), .lower = 2};
  if (k < 2)
    return error{
        .code = errc::too_few_columns, .function = "feldt_interval", .value = static_cast<double>(k), .lower = 2};
  const auto df1 = static_cast<Scalar>(n - 1);
  const auto df2 = static_cast<Scalar>((n - 1) * (k - 1));
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  basic_interval<Scalar> out;
  out.lower = 1 - (1 - alpha) * stats::fisher_f_quantile<Scalar>(1 - tail, df1, df2);
  out.upper = 1 - (1 - alpha) * stats::fisher_f_quantile<Scalar>(tail, df1, df2);
  if (alpha > 1) std::swap(out.lower, out.upper);
  out.level = level;
  using std::isfinite;
  if (!isfinite(out.lower) || !isfinite(out.upper))
    return error{.code = errc::numeric_failure, .function = "feldt_interval"};
  return out;
}

/// Bonett's confidence interval for alpha.
/// Model:       log(1 - alpha_hat) is normal about log(1 - alpha) with variance 2 k / ((k - 1)(n - 2))
/// \param alpha  the estimate, at most 1
/// \param n      persons, at least 3
/// \param k      items
/// \param level  confidence level
/// \return      the interval, without the later correction for bias; both ends 1 for an alpha of 1
/// Errors:      errc::too_few_rows below 3 persons; errc::too_few_columns below 2 items; errc::invalid_option
/// Not for:     items at their floor or ceiling
/// Reference:   Bonett (2002), doi 10.3102/10769986027004335
/// R:           MBESS::ci.reliability(interval.type = "bonett")
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> bonett_interval(const Scalar& alpha, index n, index k,
                                                             double level = 0.95) {
  using std::exp;
  using std::log;
  using std::sqrt;
  constexpr const char* function = "bonett_interval";
  if (auto usable = detail::check_interval_input(function, n, 3, k, level); !usable) return usable.error();
  const auto items = static_cast<Scalar>(k);
  const Scalar half = detail::two_sided_z<Scalar>(level) * sqrt(2 * items / ((items - 1) * static_cast<Scalar>(n - 2)));
  const Scalar centre = log(1 - alpha);
  return detail::finite_interval<Scalar>(1 - exp(centre + half), 1 - exp(centre - half), level, function);
}

/// Fisher's interval, which treats alpha as a correlation.
/// Model:       atanh(alpha_hat) is normal about atanh(alpha) with variance 1 / (n - 3)
/// \param alpha  the estimate, between -1 and 1
/// \param n      persons, at least 4
/// \param k      items
/// \param level  confidence level
/// \return      the interval
/// Errors:      errc::too_few_rows below 4 persons; errc::too_few_columns below 2 items; errc::invalid_option;
///              errc::numeric_failure for an alpha not strictly between -1 and 1
/// Not for:     anything but comparison with programs that print it: alpha is no correlation
/// R:           MBESS::ci.reliability(interval.type = "fisher")
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> fisher_interval(const Scalar& alpha, index n, index k,
                                                             double level = 0.95) {
  using std::exp;
  using std::log;
  using std::sqrt;
  constexpr const char* function = "fisher_interval";
  if (auto usable = detail::check_interval_input(function, n, 4, k, level); !usable) return usable.error();
  if (!(alpha > -1 && alpha < 1)) return error{.code = errc::numeric_failure, .function = function};
  const Scalar centre = log((1 + alpha) / (1 - alpha)) / 2;
  const Scalar half = detail::two_sided_z<Scalar>(level) / sqrt(static_cast<Scalar>(n - 3));
  const auto back = [](const Scalar& x) { return Scalar(1 - 2 / (exp(2 * x) + 1)); };  // tanh
  return detail::finite_interval<Scalar>(back(centre - half), back(centre + half), level, function);
}

/// Hakstian and Whalen's interval for alpha.
/// Model:       the cube root of 1 - alpha_hat is nearly normal (the transform of Wilson and Hilferty on Feldt's F)
/// \param alpha  the estimate, at most 1
/// \param n      persons
/// \param k      items
/// \param level  confidence level
/// \return      the interval
/// Errors:      errc::too_few_rows below 2 persons; errc::too_few_columns below 2 items; errc::invalid_option;
///              errc::numeric_failure
/// Not for:     items at their floor or ceiling
/// Reference:   Hakstian & Whalen (1976), doi 10.1007/BF02291840
/// R:           MBESS::ci.reliability(interval.type = "hakstian-whalen")
template <class Scalar>
[[nodiscard]] result<basic_interval<Scalar>> hakstian_whalen_interval(const Scalar& alpha, index n, index k,
                                                                      double level = 0.95) {
  using std::pow;
  using std::sqrt;
  constexpr const char* function = "hakstian_whalen_interval";
  if (auto usable = detail::check_interval_input(function, n, 3, k, level); !usable) return usable.error();
  const auto persons = static_cast<Scalar>(n);
  const auto items = static_cast<Scalar>(k);
  const Scalar root = pow(Scalar(1 - alpha), Scalar(1) / 3);
  const Scalar shrink = (items - 1) * (9 * persons - 11) / (9 * (persons - 1) * (items - 1) - 2);
  const Scalar half =
      detail::two_sided_z<Scalar>(level) * root * sqrt(18 * items * (persons - 1) / (items - 1)) / (9 * persons - 11);
  const Scalar low = shrink * (root + half);
  const Scalar high = shrink * (root - half);
  return detail::finite_interval<Scalar>(1 - low * low * low, 1 - high * high * high, level, function);
}

/// The standard error of alpha without an assumption on how answers are distributed.
/// Model:       sqrt(sum of (d_i - mean d)^2 / (n (n - 1))), d_i what person i adds to alpha: its derivative by the
///              covariances times the person's products of deviations
/// \param items  persons x items; NaN is missing; the table from which `c` was computed
/// \param c      its covariances
/// \return      the standard error; n is complete persons (listwise) or persons with any answer (pairwise)
/// Errors:      errc::size_mismatch if the two do not belong together; errc::too_few_columns; errc::too_few_rows below 2
///              persons; errc::negative_total_variance
/// Missing:     as the covariances handled it; pairwise: a person's product of two items counts n / n_pair times
/// Numerics:    one pass, O(n k) for complete answers, O(n k^2) otherwise
/// Not for:     fewer than some hundred persons: its interval is too narrow there, the jackknife's is not
/// Reference:   Maydeu-Olivares, Coffman & Hartmann (2007), doi 10.1037/1082-989X.12.2.157
/// R:           coefficientalpha::alpha(x, varphi = 0, se = TRUE)
template <class Derived, class Scalar = typename Derived::Scalar>
[[nodiscard]] result<Scalar> adf_standard_error(const Eigen::MatrixBase<Derived>& items,
                                                const stats::covariance_estimate<Scalar>& c) {
  using std::sqrt;
  constexpr const char* function = "adf_standard_error";
  const index k = c.n_columns();
  if (items.cols() != k || items.rows() != c.n_rows) {
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(k),
                 .lower = static_cast<double>(items.cols()),
                 .subject = "the covariance matrix"};
  }
  if (k < 2)
    return error{.code = errc::too_few_columns, .function = function, .value = static_cast<double>(k), .lower = 2};
  const Scalar total = c.covariance.sum();
  const Scalar trace = c.covariance.trace();
  if (!(total > 0)) {
    return error{.code = errc::negative_total_variance, .function = function, .value = static_cast<double>(total)};
  }
  const auto n_items = static_cast<Scalar>(k);
  const Scalar by_trace = -n_items / (n_items - 1) / total;
  const Scalar by_total = n_items / (n_items - 1) * trace / (total * total);
  const bool pairwise = c.handling == stats::missing_cells::pairwise;
  const bool any_missing = c.n_complete < c.n_rows;

  Scalar n(0);
  Scalar sum(0);
  Scalar squares(0);  // about zero: the parts of a person sum to nearly nothing, so no digits are lost
  stats::vector<Scalar> d(k);
  for (index i = 0; i < items.rows(); ++i) {
    index answered = 0;
    for (index j = 0; j < k; ++j) {
      const bool here = !is_missing(items(i, j));
      d(j) = here ? Scalar(items(i, j) - c.mean(j)) : Scalar(0);
      answered += here ? 1 : 0;
    }
    if (answered == 0 || (!pairwise && answered < k)) continue;
    Scalar part(0);
    if (any_missing && pairwise) {
      const auto rows = static_cast<Scalar>(c.n_rows - c.n_empty);
      for (index a = 0; a < k; ++a) {
        if (is_missing(items(i, a))) continue;
        for (index b = 0; b < k; ++b) {
          if (is_missing(items(i, b))) continue;
          const Scalar slope = a == b ? Scalar(by_trace + by_total) : by_total;
          part += slope * (d(a) * d(b) - c.covariance(a, b)) * (rows / c.n_pair(a, b));
        }
      }
    } else {
      const Scalar score = d.sum();
      part = by_trace * (d.squaredNorm() - trace) + by_total * (score * score - total);
    }
    n += 1;
    sum += part;
    squares += part * part;
  }
  if (n < 2)
    return error{.code = errc::too_few_rows, .function = function, .value = static_cast<double>(n), .lower = 2};
  const Scalar variance = (squares - sum * sum / n) / (n * (n - 1));
  return sqrt((std::max)(Scalar(0), variance));
}

}  // namespace rapport

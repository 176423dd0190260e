// SPDX-License-Identifier: BSL-1.0
// McDonald's omega and its relatives from one factor: composite reliability, AVE, maximal reliability H.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/estimate.hpp>
#include <rapport/core/failure.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>
#include <rapport/reliability/interval_choice.hpp>
#include <rapport/stats/covariance.hpp>
#include <rapport/stats/covariance_delta.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/factor_analysis/one_factor.hpp>
#include <rapport/stats/factor_analysis/one_factor_inference.hpp>

namespace rapport {

/// Which analytic interval goes with a coefficient of one factor.
enum class omega_interval : unsigned char {
  automatic,  ///< with the answers: jackknife, from 1000 persons on ADF; from covariances alone: delta
  delta,      ///< estimate +- z SE, the SE for normal items
  logit,      ///< the same on the scale log(x / (1 - x)), so that both ends lie between 0 and 1
  jackknife,  ///< estimate +- t SE, the SE from leaving out one person at a time; omega alone, needs the answers
  adf         ///< on that scale too, the SE without an assumption on the distribution; omega alone, needs the answers
};

/// How omega is estimated.
struct omega_options {
  stats::missing_cells missing = stats::missing_cells::pairwise;  ///< rows behind each covariance
  double level = 0.95;                                            ///< of the interval, strictly between 0 and 1
  interval_choice<omega_interval> interval = omega_interval::automatic;
  double least_uniqueness = 0.005;  ///< lower bound of an item's error variance, as a share of its variance
};

/// Checks the options.
/// Errors: errc::invalid_option if the level or the least uniqueness is not strictly between 0 and 1
[[nodiscard]] inline result<void> validate(const omega_options& options) {
  if (auto legal = check_level(options.level, "omega_total"); !legal) return legal;
  return stats::validate(stats::factor_options{.least_uniqueness = options.least_uniqueness});
}

/// Coefficients that rest on one factor, each with its own standard error and interval.
template <class Scalar>
struct basic_one_factor_reliability {
  basic_estimate<Scalar> omega{};                ///< (sum l)^2 / ((sum l)^2 + sum psi)
  basic_estimate<Scalar> omega_standardized{};   ///< the same of the standardized solution
  basic_estimate<Scalar> ave{};                  ///< sum l^2 / (sum l^2 + sum psi)
  basic_estimate<Scalar> ave_standardized{};     ///< mean of the squared standardized loadings
  basic_estimate<Scalar> maximal_reliability{};  ///< H = q / (1 + q), q = sum l^2 / psi
  Scalar omega_observed{};                       ///< (sum l)^2 / variance of the sum score as observed
  stats::factor_solution<Scalar> solution{};     ///< in the units of the covariances (divisor n - 1)
  stats::vector<Scalar> standardized_loadings{};
};

/// Composite reliability of a sum of items with given loadings and error variances.
/// Model:       (sum l)^2 / ((sum l)^2 + sum psi)
/// \param loadings    of the items on one factor of variance 1, same units for all
/// \param uniqueness  error variances
/// \return      the coefficient, between 0 and 1
/// Errors:      errc::size_mismatch; errc::too_few_columns without items; errc::negative_total_variance if everything is
///              zero
/// Reference:   McDonald (1999), Test Theory; Raykov (1997), doi 10.1177/01466216970212006
/// R:           semTools::compRelSEM(fit, obs.var = FALSE)
template <class Scalar>
[[nodiscard]] result<Scalar> composite_reliability(const stats::vector<Scalar>& loadings,
                                                   const stats::vector<Scalar>& uniqueness) {
  constexpr const char* function = "composite_reliability";
  if (loadings.size() != uniqueness.size()) {
    return error{.code = errc::size_mismatch,
                 .function = function,
                 .value = static_cast<double>(uniqueness.size()),
                 .lower = static_cast<double>(loadings.size()),
                 .subject = "the error variances"};
  }
  if (loadings.size() == 0) return error{.code = errc::too_few_columns, .function = function, .value = 0, .lower = 1};
  const Scalar common = loadings.sum() * loadings.sum();
  const Scalar total = common + uniqueness.sum();
  if (!(total > 0)) {
    return error{.code = errc::negative_total_variance, .function = function, .value = static_cast<double>(total)};
  }
  return Scalar(common / total);
}

namespace detail {

/// A coefficient of one factor and its derivatives by loadings and error variances.
template <class Scalar>
struct one_factor_coefficient {
  Scalar value{};
  stats::vector<Scalar> by_loading{};
  stats::vector<Scalar> by_uniqueness{};
};

template <class Scalar>
[[nodiscard]] one_factor_coefficient<Scalar> omega_of(const stats::vector<Scalar>& l,
                                                      const stats::vector<Scalar>& psi) {
  const Scalar sum = l.sum();
  const Scalar errors = psi.sum();
  const Scalar total = sum * sum + errors;
  one_factor_coefficient<Scalar> out;
  out.value = sum * sum / total;
  out.by_loading.setConstant(l.size(), 2 * sum * errors / (total * total));
  out.by_uniqueness.setConstant(l.size(), -sum * sum / (total * total));
  return out;
}

template <class Scalar>
[[nodiscard]] one_factor_coefficient<Scalar> ave_of(const stats::vector<Scalar>& l, const stats::vector<Scalar>& psi) {
  const Scalar squares = l.squaredNorm();
  const Scalar errors = psi.sum();
  const Scalar total = squares + errors;
  one_factor_coefficient<Scalar> out;
  out.value = squares / total;
  out.by_loading = 2 * errors / (total * total) * l;
  out.by_uniqueness.setConstant(l.size(), -squares / (total * total));
  return out;
}

template <class Scalar>
[[nodiscard]] one_factor_coefficient<Scalar> maximal_reliability_of(const stats::vector<Scalar>& l,
                                                                    const stats::vector<Scalar>& psi) {
  const stats::vector<Scalar> ratio = l.cwiseQuotient(psi);
  const Scalar q = l.dot(ratio);
  const Scalar slope = 1 / ((1 + q) * (1 + q));
  return {q / (1 + q), 2 * slope * ratio, -slope * ratio.cwiseAbs2()};
}

/// The same coefficient of the standardized solution, with the derivatives by the unstandardized parameters.
template <class Scalar, class Coefficient>
[[nodiscard]] one_factor_coefficient<Scalar> standardized(const stats::vector<Scalar>& l,
                                                          const stats::vector<Scalar>& psi,
                                                          const Coefficient& coefficient) {
  const stats::vector<Scalar> variance = l.cwiseAbs2() + psi;
  const stats::vector<Scalar> sd = variance.cwiseSqrt();
  const one_factor_coefficient<Scalar> inner =
      coefficient(stats::vector<Scalar>(l.cwiseQuotient(sd)), stats::vector<Scalar>(psi.cwiseQuotient(variance)));
  one_factor_coefficient<Scalar> out{inner.value, stats::vector<Scalar>(l.size()), stats::vector<Scalar>(l.size())};
  for (index i = 0; i < l.size(); ++i) {
    const Scalar v = variance(i);
    const Scalar cubed = v * sd(i);
    out.by_loading(i) = inner.by_loading(i) * psi(i) / cubed - inner.by_uniqueness(i) * 2 * l(i) * psi(i) / (v * v);
    out.by_uniqueness(i) = -inner.by_loading(i) * l(i) / (2 * cubed) + inner.by_uniqueness(i) * l(i) * l(i) / (v * v);
  }
  return out;
}

/// Estimate +- z SE, or the same on the logit scale.
template <class Scalar>
[[nodiscard]] basic_interval<Scalar> omega_interval_of(const Scalar& estimate, const Scalar& se, omega_interval kind,
                                                       double level) {
  using std::exp;
  using std::log;
  const Scalar z = stats::normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
  basic_interval<Scalar> out{estimate - z * se, estimate + z * se, level};
  // On the bounds of the scale the logit is infinite: nothing but the estimate itself is left.
  const bool on_logits = kind == omega_interval::logit || kind == omega_interval::adf;
  if (on_logits && estimate > 0 && estimate < 1) {
    const Scalar centre = log(estimate / (1 - estimate));
    const Scalar half = z * se / (estimate * (1 - estimate));
    out.lower = 1 / (1 + exp(half - centre));
    out.upper = 1 / (1 + exp(-half - centre));
  }
  return out;
}

/// What a reader must know of the covariances and of the fit.
template <class Scalar>
void add_one_factor_notes(const stats::covariance_estimate<Scalar>& c, const stats::factor_solution<Scalar>& fit,
                          bool knows_of_missing_cells, std::vector<std::string>& notes) {
  if (fit.status == stats::factor_status::not_converged) {
    notes.emplace_back("the one-factor model did not converge: do not report these numbers");
  }
  for (const index i : fit.heywood_items) {
    notes.push_back("Heywood case: the error variance of item " + std::to_string(i + 1) +
                    " stands on its lower bound; the standard error takes it as known");
  }
  if (c.n_complete < c.n_rows) {
    const std::string count = std::to_string(c.n_rows - c.n_complete);
    if (c.handling == stats::missing_cells::pairwise) {
      notes.push_back(count + (knows_of_missing_cells
                                   ? " persons left items out; each covariance rests on those who answered both items, "
                                     "and the interval knows of it"
                                   : " persons left items out; the interval treats them as complete and is too narrow "
                                     "by that much"));
    } else {
      notes.push_back(count + " persons with missing answers were left out");
    }
  }
  for (index i = 0; i < fit.n_items(); ++i) {
    if (fit.loadings(i, 0) < 0)
      notes.push_back("item " + std::to_string(i + 1) + " loads negatively: it may need to be reversed");
  }
}

}  // namespace detail

/// Omega and the other coefficients of one factor, fitted once.
/// Model:       items = loading x factor + error, independent errors, fitted by maximum likelihood
/// \param c        covariances of the items, reversed items reversed already
/// \param options  level and kind of the intervals, bound on the error variances; `missing` is not used here
/// \return      the coefficients with delta-method standard errors (expected information, normal items), and the solution
/// Errors:      errc::too_few_columns below 3 items; errc::zero_variance naming an item; errc::not_positive_definite;
///              errc::too_few_rows; errc::invalid_option; errc::numeric_failure
/// Missing:     as the covariances handled it; `method` and `notes` say how
/// Numerics:    see stats::fit_one_factor; derivatives in closed form
/// Not for:     items that measure several things: see the fit indices of the solution, and omega_hierarchical
/// Reference:   McDonald (1999); Raykov (2002), doi 10.1207/S15327906MBR3701_04; Hancock & Mueller (2001) for H;
///              Fornell & Larcker (1981), doi 10.1177/002224378101800104 for AVE
/// R:           lavaan::cfa("f =~ ...", std.lv = TRUE) with := for the coefficients
template <class Scalar>
[[nodiscard]] result<basic_one_factor_reliability<Scalar>> one_factor_reliability(
    const stats::covariance_estimate<Scalar>& c, const omega_options& options = {}) {
  using std::sqrt;
  if (auto legal = validate(options); !legal) return legal.error();
  if (options.interval.bootstrap()) {
    return error{.code = errc::needs_answers, .function = "one_factor_reliability", .subject = "bootstrap"};
  }
  if (options.interval.is(omega_interval::adf) || options.interval.is(omega_interval::jackknife)) {
    const bool is_adf = options.interval.is(omega_interval::adf);
    return error{
        .code = errc::needs_answers, .function = "one_factor_reliability", .subject = is_adf ? "ADF" : "jackknife"};
  }
  auto fit = stats::fit_one_factor(c.covariance, options.least_uniqueness);
  if (!fit) return fit.error();
  const auto sampling = stats::one_factor_sampling_covariance(*fit, c.n());
  if (!sampling) return sampling.error();

  basic_one_factor_reliability<Scalar> out;
  const index k = c.n_columns();
  const stats::vector<Scalar> l = fit->loadings.col(0);
  const stats::vector<Scalar>& psi = fit->uniqueness;
  std::vector<std::string> notes;
  detail::add_one_factor_notes(c, *fit, false, notes);
  const std::string how = std::string(", one-factor maximum likelihood, ") +
                          (c.handling == stats::missing_cells::listwise ? "listwise, " : "pairwise, ") +
                          (options.interval.is(omega_interval::logit) ? "logit " : "delta ") +
                          std::string(number_text(100 * options.level, 6)) + " %";

  bool finite = true;
  const auto finish = [&](const detail::one_factor_coefficient<Scalar>& f, const char* name) {
    stats::vector<Scalar> gradient(2 * k);
    gradient << f.by_loading, f.by_uniqueness;
    basic_estimate<Scalar> one;
    one.estimate = f.value;
    one.standard_error = sqrt((std::max)(Scalar(0), Scalar(gradient.dot(*sampling * gradient))));
    one.interval = detail::omega_interval_of(f.value, *one.standard_error, options.interval.kind(), options.level);
    one.method = name + how;
    one.n = c.n();
    one.notes = notes;
    using std::isfinite;
    finite = finite && isfinite(one.estimate) && isfinite(one.interval.lower) && isfinite(one.interval.upper);
    return one;
  };
  out.omega = finish(detail::omega_of(l, psi), "omega");
  out.omega_standardized = finish(detail::standardized(l, psi, detail::omega_of<Scalar>), "standardized omega");
  out.ave = finish(detail::ave_of(l, psi), "average variance extracted");
  out.ave_standardized =
      finish(detail::standardized(l, psi, detail::ave_of<Scalar>), "mean squared standardized loading");
  out.maximal_reliability = finish(detail::maximal_reliability_of(l, psi), "maximal reliability H");
  if (!finite) return error{.code = errc::numeric_failure, .function = "one_factor_reliability"};
  out.omega_observed = c.covariance.sum() > 0 ? Scalar(l.sum() * l.sum() / c.covariance.sum()) : Scalar(0);
  out.standardized_loadings = l.cwiseQuotient(stats::vector<Scalar>((l.cwiseAbs2() + psi).cwiseSqrt()));
  out.solution = std::move(*fit);
  return out;
}

/// McDonald's omega (total) from covariances: the reliability of the sum score if one factor explains the items.
/// Model:       (sum l)^2 / ((sum l)^2 + sum psi), loadings l and error variances psi of one factor
/// \param c        covariances of the items, reversed items reversed already
/// \param options  level and kind of the interval; `missing` is not used here
/// \return      estimate, delta-method standard error, interval, method in words, n, notes
/// Errors:      those of one_factor_reliability
/// Missing:     as the covariances handled it
/// Reference:   McDonald (1999), Test Theory: A Unified Treatment
/// R:           semTools::compRelSEM(fit, obs.var = FALSE), MBESS::ci.reliability(type = "omega")
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> omega_total(const stats::covariance_estimate<Scalar>& c,
                                                         const omega_options& options = {}) {
  auto all = one_factor_reliability(c, options);
  if (!all) return all.error();
  return std::move(all->omega);
}

namespace detail {

/// Omega of one covariance matrix after another, each fit starting from the whole sample's.
template <class Scalar>
class repeated_omega {
 public:
  repeated_omega(const stats::vector<Scalar>& uniqueness_share, const stats::vector<Scalar>& variance,
                 double least_uniqueness)
      : start_(uniqueness_share),
        // An item that does not vary in a resample keeps a variance of rounding size, not zero.
        least_variance_(4096 * std::numeric_limits<Scalar>::epsilon() * variance),
        fitter_(uniqueness_share.size(), static_cast<Scalar>(least_uniqueness)) {}

  [[nodiscard]] std::optional<Scalar> operator()(const stats::matrix<Scalar>& covariance) {
    if (!(covariance.diagonal().array() > least_variance_.array()).all()) return std::nullopt;
    fitter_.start_from(start_);
    if (!fitter_.fit(covariance, true)) return std::nullopt;
    fitter_.standardized_loadings(loadings_);
    const auto variance = covariance.diagonal().array();
    const Scalar sum = (loadings_.array() * variance.sqrt()).sum();
    const Scalar errors = (fitter_.uniqueness_share().array() * variance).sum();
    return sum * sum / (sum * sum + errors);
  }

 private:
  stats::vector<Scalar> start_;
  stats::vector<Scalar> least_variance_;
  stats::one_factor_fitter<Scalar> fitter_;
  stats::vector<Scalar> loadings_{};
};

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> omega_with_adf(const stats::matrix_ref<Scalar>& items,
                                                            const stats::covariance_estimate<Scalar>& c,
                                                            const omega_options& options) {
  omega_options analytic = options;
  analytic.interval = omega_interval::delta;
  auto all = one_factor_reliability(c, analytic);
  if (!all) return all.error();
  const stats::factor_solution<Scalar>& fit = all->solution;
  const one_factor_coefficient<Scalar> f = omega_of<Scalar>(fit.loadings.col(0), fit.uniqueness);
  stats::vector<Scalar> gradient(2 * c.n_columns());
  gradient << f.by_loading, f.by_uniqueness;
  const auto slope = stats::one_factor_slope<Scalar>(fit, c.covariance, gradient);
  if (!slope) return slope.error();
  const auto se = stats::adf_standard_error_of<Scalar>(items, c, *slope);
  if (!se) return se.error();
  basic_estimate<Scalar> out = std::move(all->omega);
  out.notes.clear();
  add_one_factor_notes(c, fit, true, out.notes);
  out.standard_error = *se;
  out.interval = omega_interval_of(out.estimate, *se, omega_interval::adf, options.level);
  using std::isfinite;
  if (!isfinite(out.interval.lower) || !isfinite(out.interval.upper))
    return error{.code = errc::numeric_failure, .function = "omega_total"};
  out.method = std::string("omega, one-factor maximum likelihood, ") +
               (c.handling == stats::missing_cells::listwise ? "listwise, ADF " : "pairwise, ADF ") +
               std::string(number_text(100 * options.level, 6)) + " %";
  return out;
}

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> omega_with_jackknife(const stats::matrix_ref<Scalar>& items,
                                                                  const stats::covariance_estimate<Scalar>& c,
                                                                  const omega_options& options) {
  omega_options analytic = options;
  analytic.interval = omega_interval::delta;
  auto all = one_factor_reliability(c, analytic);
  if (!all) return all.error();
  const stats::vector<Scalar> variance = c.covariance.diagonal();
  const stats::vector<Scalar> share = all->solution.uniqueness.cwiseQuotient(variance);
  const auto left_out = jackknife_covariance_statistic<Scalar>(
      items, c.handling, all->omega.estimate, options.level,
      [&] { return repeated_omega<Scalar>(share, variance, options.least_uniqueness); });
  if (!left_out) return left_out.error();
  basic_estimate<Scalar> out = std::move(all->omega);
  out.notes.clear();
  add_one_factor_notes(c, all->solution, true, out.notes);
  out.interval = left_out->interval;
  out.standard_error = left_out->standard_error;
  out.method = std::string("omega, one-factor maximum likelihood, ") +
               (c.handling == stats::missing_cells::listwise ? "listwise, jackknife " : "pairwise, jackknife ") +
               std::string(number_text(100 * options.level, 6)) + " %";
  return out;
}

template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> omega_with_bootstrap(const stats::matrix_ref<Scalar>& items,
                                                                  const stats::covariance_estimate<Scalar>& c,
                                                                  const omega_options& options) {
  omega_options analytic = options;
  analytic.interval = omega_interval::delta;
  auto all = one_factor_reliability(c, analytic);
  if (!all) return all.error();
  const bootstrap_bca& settings = *options.interval.bootstrap();
  const stats::vector<Scalar> variance = c.covariance.diagonal();
  const stats::vector<Scalar> share = all->solution.uniqueness.cwiseQuotient(variance);
  all->omega.notes.clear();
  add_one_factor_notes(c, all->solution, true, all->omega.notes);
  const auto b = bootstrap_covariance_statistic<Scalar>(
      items, c.handling, settings, options.interval.is_bca(), all->omega.estimate, options.level,
      [&] { return repeated_omega<Scalar>(share, variance, options.least_uniqueness); });
  if (!b) return b.error();
  basic_estimate<Scalar> out = std::move(all->omega);
  apply_bootstrap(*b, settings.replicates, out);
  out.method = std::string("omega, one-factor maximum likelihood, ") +
               (c.handling == stats::missing_cells::listwise ? "listwise, " : "pairwise, ") +
               bootstrap_name(settings, options.interval.is_bca()) + " " +
               std::string(number_text(100 * options.level, 6)) + " %";
  return out;
}

}  // namespace detail

/// McDonald's omega (total) of a table of answers; see the form that takes covariances.
/// \param items    persons x items; NaN is missing
/// \param options  rows behind each covariance, level and kind of the interval
/// \return      estimate, standard error, interval, method in words, n, notes. The automatic interval is the
///              jackknife, from 1000 persons on ADF; where one person decides whether omega exists it is delta, and a
///              note says so
/// Errors:      those of stats::covariance and of one_factor_reliability
/// Missing:     pairwise by default; notes say how many persons left items out
/// Numerics:    ADF: omega's derivative by the covariances in closed form, then one pass over the answers, O(n k^2)
/// R:           semTools::compRelSEM(fit, obs.var = FALSE)
template <class Derived>
[[nodiscard]] auto omega_total(const Eigen::MatrixBase<Derived>& items, const omega_options& options = {})
    -> result<basic_estimate<typename Derived::Scalar>> {
  using Scalar = typename Derived::Scalar;
  if (auto legal = validate(options); !legal) return legal.error();
  auto c = stats::covariance(items, options.missing);
  if (!c) return c.error();
  const bool automatic = options.interval.is(omega_interval::automatic);
  if (options.interval.is(omega_interval::adf) || (automatic && c->n() >= adf_least_persons))
    return detail::omega_with_adf<Scalar>(items.derived(), *c, options);
  if (options.interval.bootstrap()) return detail::omega_with_bootstrap<Scalar>(items.derived(), *c, options);
  if (options.interval.is(omega_interval::jackknife))
    return detail::omega_with_jackknife<Scalar>(items.derived(), *c, options);
  if (!automatic) return omega_total(*c, options);
  auto out = detail::omega_with_jackknife<Scalar>(items.derived(), *c, options);
  if (out || out.error().code != errc::bootstrap_failed) return out;
  out = omega_total(*c, options);
  if (out) {
    out->notes.emplace_back(
        "the jackknife fails on these data, and the delta interval does not hold either: read it as a rough guide");
  }
  return out;
}

/// McDonald's omega (total) of a response table.
template <class Scalar>
[[nodiscard]] result<basic_estimate<Scalar>> omega_total(const basic_response_matrix<Scalar>& items,
                                                         const omega_options& options = {}) {
  return omega_total(stats::as_matrix(items), options);
}

}  // namespace rapport

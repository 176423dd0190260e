// SPDX-License-Identifier: BSL-1.0
// What one more change point costs: BIC, modified BIC, AIC and others.
#pragma once

#include <cmath>

#include <rapport/core/index.hpp>

namespace rapport::stats {

/// What is added to the cost for every change.
template <class Scalar>
struct change_penalty {
  Scalar value{};           ///< per change; not negative
  bool log_length = false;  ///< also the logarithm of the length of every segment
};

/// Penalties by name, with d parameters per segment and n values.
enum class penalty_kind : unsigned char {
  bic,           ///< (d + 1) log n: the change's place counts as a parameter
  bic0,          ///< d log n
  mbic,          ///< (d + 2) log n, and log(length) for every segment
  aic,           ///< 2 (d + 1)
  hannan_quinn,  ///< 2 (d + 1) log log n
  none           ///< 0
};

/// The penalty of a name.
/// \param kind          name
/// \param n             values in the series
/// \param n_parameters  per segment; cost.n_parameters()
/// \return           the penalty for costs on the scale of minus twice the log-likelihood
/// Not for:          mean_cost of a series that was not divided by its SD
/// Reference:        Zhang & Siegmund (2007), doi 10.1111/j.1541-0420.2006.00662.x, for the modified BIC; it divides the
///                   length by n under the logarithm, the form here follows R and is stricter
/// R:                the penalties of changepoint::cpt.mean
template <class Scalar>
[[nodiscard]] change_penalty<Scalar> make_penalty(penalty_kind kind, index n, index n_parameters) {
  using std::log;
  const Scalar d = static_cast<Scalar>(n_parameters);
  const Scalar log_n = log(static_cast<Scalar>(n));
  switch (kind) {
    case penalty_kind::bic: return {(d + 1) * log_n, false};
    case penalty_kind::bic0: return {d * log_n, false};
    case penalty_kind::mbic: return {(d + 2) * log_n, true};
    case penalty_kind::aic: return {2 * (d + 1), false};
    case penalty_kind::hannan_quinn: return {log_n > 1 ? Scalar(2 * (d + 1) * log(log_n)) : Scalar(0), false};
    case penalty_kind::none: break;
  }
  return {};
}

}  // namespace rapport::stats

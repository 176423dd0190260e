// SPDX-License-Identifier: BSL-1.0
// Factor analysis against reference values.
#include <rapport/core/failure.hpp>
#include <rapport/stats/factor_analysis.hpp>

#include "accuracy_parts.hpp"

namespace accuracy {

namespace {

using namespace rapport::stats;

void compare_extraction(const data_set& d, const matrix<double>& r, rapport::index n, rapport::index m,
                        factor_method method, const std::string& name, table& out) {
  const auto f = extract_factors(r, m, {.method = method}).value();
  const std::string exact = "exact_" + name + "_";
  out.add(d, exact + "h2", numbers_of(f.loadings.rowwise().squaredNorm()));
  out.add(d, exact + "loading_abs", numbers_of(f.loadings.cwiseAbs()));
  out.add(d, "psych_" + name + "_h2", numbers_of(f.loadings.rowwise().squaredNorm()));
  const auto fit = compute_fit_indices<double>(f.implied(), r, n, factor_degrees_of_freedom(r.cols(), m), m,
                                               fit_convention::exploratory)
                       .value();
  out.add(d, exact + "objective", fit.discrepancy);
  out.add(d, exact + "chi2_bartlett", fit.chi_square);
  out.add(d, exact + "dof", static_cast<double>(fit.df));
  out.add(d, exact + "p", *fit.p);
  out.add(d, exact + "rmsea_chi", fit.rmsea);
  out.add(d, exact + "tli_chi2", *fit.tli);
  out.add(d, exact + "bic", fit.bic);
  out.add(d, exact + "srmr_offdiag_rms", fit.rms_residual);
  out.add(d, "psych_" + name + "_null_chisq", fit.baseline_chi_square);
}

}  // namespace

void compare_factors(const data_set& d, table& out) {
  if (!d.has("nfactors")) return;
  const auto n = static_cast<rapport::index>(d.numbers("n")[0]);
  const auto m = static_cast<rapport::index>(d.numbers("nfactors")[0]);
  matrix<double> r;
  if (d.x.rows() == d.x.cols()) {
    r = d.x;
  } else {
    r = correlation_from_covariance(covariance(d.x, missing_cells::listwise).value().covariance).value();
  }
  compare_extraction(d, r, n, m, factor_method::maximum_likelihood, "ml", out);
  compare_extraction(d, r, n, m, factor_method::minimum_residual, "minres", out);
  compare_extraction(d, r, n, m, factor_method::principal_axis, "pa", out);
}

}  // namespace accuracy

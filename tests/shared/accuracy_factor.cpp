// SPDX-License-Identifier: BSL-1.0
// Factor analysis against reference values.
#include <algorithm>

#include <rapport/core/failure.hpp>
#include <rapport/stats/factor_analysis.hpp>
#include <rapport/stats/factor_count.hpp>
#include <rapport/stats/rotation.hpp>

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

/// Rotations are known up to the order and sign of columns.
void compare_rotation(const data_set& d, const matrix<double>& loadings, rotation_options options,
                      const std::string& key, table& out) {
  if (!d.has(key)) return;
  const auto found = rotate(loadings, options).value();
  if (options.method == rotation_method::oblimin || options.method == rotation_method::geomin)
    out.add(d, key + "_f", found.criterion);
  const auto wanted = d.numbers(key);
  const auto m = loadings.cols();
  // Columns whose sums of squares are close change places with a rounding: each is compared with its nearest.
  matrix<double> target(loadings.rows(), m);
  for (rapport::index i = 0; i < target.rows(); ++i) {
    for (rapport::index j = 0; j < m; ++j) target(i, j) = wanted[rapport::as_size(i * m + j)];
  }
  matrix<double> ordered(target.rows(), m);
  std::vector<rapport::index> column(rapport::as_size(m));
  for (rapport::index j = 0; j < m; ++j) {
    double best = 1e300;
    for (rapport::index f = 0; f < m; ++f) {
      const double distance = (found.loadings.col(f) - target.col(j)).norm();
      if (distance < best) {
        best = distance;
        column[rapport::as_size(j)] = f;
      }
    }
    ordered.col(j) = found.loadings.col(column[rapport::as_size(j)]);
  }
  out.add(d, key, numbers_of(ordered));
  matrix<double> phi(m, m);
  for (rapport::index i = 0; i < m; ++i) {
    for (rapport::index j = 0; j < m; ++j)
      phi(i, j) = found.factor_correlation(column[rapport::as_size(i)], column[rapport::as_size(j)]);
  }
  out.add(d, key + "_phi", numbers_of(phi));
}

void compare_rotations(const data_set& d, const matrix<double>& r, rapport::index m, factor_method method,
                       const std::string& name, table& out) {
  const auto f = extract_factors(r, m, {.method = method}).value();
  const std::string rot = "rot_" + name + "_";
  compare_rotation(d, f.loadings, {.method = rotation_method::varimax}, rot + "varimax_kaiser", out);
  compare_rotation(d, f.loadings, {.method = rotation_method::promax}, rot + "promax4", out);
  compare_rotation(d, f.loadings, {.method = rotation_method::oblimin}, rot + "oblimin", out);
  compare_rotation(d, f.loadings, {.method = rotation_method::oblimin, .kaiser = true}, rot + "quartimin_kaiser", out);
  compare_rotation(d, f.loadings, {.method = rotation_method::geomin}, rot + "geominQ", out);
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
  const auto adequacy = kmo(r).value();
  out.add(d, "kmo", adequacy.overall);
  out.add(d, "kmo_items", numbers_of(adequacy.items));
  const auto sphericity = bartlett_test(r, n).value();
  out.add(d, "bartlett_chi2", sphericity.statistic);
  out.add(d, "bartlett_df", static_cast<double>(sphericity.df));
  out.add(d, "bartlett_p", sphericity.p);
  auto map = minimum_average_partial(r).value();
  out.add(d, "map_best", static_cast<double>(map.n_components));
  map.average.push_back(1);  // with all but one component taken out
  map.average.resize((std::min)(map.average.size(), d.numbers("map_0_to_m").size()));  // some lists stop earlier
  out.add(d, "map_0_to_m", map.average);
  out.add(d, "eigenvalues", numbers_of(parallel_analysis(r, n, {.replicates = 10}).value().eigenvalues));
  compare_extraction(d, r, n, m, factor_method::maximum_likelihood, "ml", out);
  compare_extraction(d, r, n, m, factor_method::minimum_residual, "minres", out);
  compare_extraction(d, r, n, m, factor_method::principal_axis, "pa", out);
  compare_rotations(d, r, m, factor_method::maximum_likelihood, "ml", out);
  compare_rotations(d, r, m, factor_method::minimum_residual, "minres", out);
}

}  // namespace accuracy

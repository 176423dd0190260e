// SPDX-License-Identifier: BSL-1.0
// The rows of a mixed model, checked, in coordinates that lose no digits: orthogonal columns, scores of unit size.
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// The most random effects per cluster.
inline constexpr int max_random_effects = 6;

/// A matrix as small as the random effects of one cluster; lives on the stack.
template <class Scalar>
using small_matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, 0, max_random_effects, max_random_effects>;
template <class Scalar>
using small_vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1, 0, max_random_effects, 1>;
/// Random effects x fixed effects. Bounding one side lets Eigen multiply coefficient by coefficient, which for a few rows
/// is faster than its blocked product, and compiles in a fraction of the time.
template <class Scalar>
using random_by_fixed = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, 0, max_random_effects, Eigen::Dynamic>;
/// Rows x random effects.
template <class Scalar>
using rows_by_random = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, 0, Eigen::Dynamic, max_random_effects>;

/// How random effects of one cluster may covary.
enum class random_structure : unsigned char {
  correlated,   ///< any covariance matrix
  uncorrelated  ///< variances only; then the origin of time matters
};

/// The rows of a linear mixed model, sorted by cluster.
///
///     y = X beta + Z b + e,   b ~ N(0, G) per cluster,   e ~ N(0, residual_var I)
template <class Scalar>
struct mixed_model_data {
  matrix<Scalar> x{};                  ///< rows x fixed effects
  matrix<Scalar> z{};                  ///< rows x random effects
  vector<Scalar> y{};                  ///< rows
  std::vector<index> cluster_begin{};  ///< first row of each cluster, and the number of rows at the end
  random_structure structure = random_structure::correlated;

  [[nodiscard]] index n_clusters() const noexcept { return std::ssize(cluster_begin) - 1; }
};

/// Rows in standard coordinates: X (and Z where its covariances are free) with orthogonal columns of mean square 1, and
/// the least-squares residuals of the scores, of mean square 1.
template <class Scalar>
struct standardized_rows {
  matrix<Scalar> x{};
  rows_by_random<Scalar> z{};
  vector<Scalar> residual{};  ///< y / score_scale - x start
  matrix<Scalar> x_factor{};  ///< X of the data = x times this
  matrix<Scalar> z_factor{};
  vector<Scalar> start{};  ///< least-squares coefficients of y / score_scale on x
  Scalar score_scale{1};
};

namespace detail {

[[nodiscard]] inline error failed_design(errc code, index row = -1, index column = -1, std::string_view subject = {}) {
  return {.code = code, .function = "mixed_model_design", .row = row, .column = column, .subject = subject};
}

/// Makes the columns of `a` orthogonal, each of length `length`, and returns the upper triangle r with a = q r.
/// A column that depends on the ones before it becomes zero, and so does its row of r. Two sweeps keep the columns
/// orthogonal to the last digits (Giraud, Langou & Rozloznik 2005, doi 10.1016/j.camwa.2005.08.009).
template <class Scalar, class Columns>
[[nodiscard]] matrix<Scalar> orthogonalize(Columns&& a, const Scalar& length) {
  using std::sqrt;
  const index k = a.cols();
  const Scalar relative_zero = sqrt(std::numeric_limits<Scalar>::epsilon()) / 100;
  matrix<Scalar> r = matrix<Scalar>::Zero(k, k);
  for (index j = 0; j < k; ++j) {
    // Brought to size 1 first, so that no square overflows.
    const Scalar size = a.rows() > 0 ? Scalar(a.col(j).cwiseAbs().maxCoeff()) : Scalar(0);
    if (size == 0) continue;
    a.col(j) /= size;
    const Scalar norm_before = a.col(j).norm();
    for (int sweep = 0; sweep < 2; ++sweep) {
      for (index i = 0; i < j; ++i) {
        if (r(i, i) == 0) continue;
        const Scalar along = a.col(i).dot(a.col(j)) / (length * length);
        a.col(j) -= along * a.col(i);
        r(i, j) += along;
      }
    }
    const Scalar norm = a.col(j).norm();
    if (norm <= relative_zero * norm_before) {
      a.col(j).setZero();
    } else {
      r(j, j) = norm / length;
      a.col(j) /= r(j, j);
    }
    r.col(j) *= size;
  }
  return r;
}

/// Makes the columns of `z` of length `length` and returns the diagonal factor that leads back.
template <class Scalar>
[[nodiscard]] matrix<Scalar> scale_columns(rows_by_random<Scalar>& z, const Scalar& length) {
  matrix<Scalar> factor = matrix<Scalar>::Zero(z.cols(), z.cols());
  for (index j = 0; j < z.cols(); ++j) {
    factor(j, j) = z.col(j).norm() / length;
    if (factor(j, j) > 0) z.col(j) /= factor(j, j);
  }
  return factor;
}

/// Checks the sizes and numbers of rows.
/// Errors: errc::size_mismatch; errc::invalid_option; errc::too_few_clusters; errc::not_finite
template <class Scalar>
[[nodiscard]] result<void> check_rows(const mixed_model_data<Scalar>& data, index fewest_random) {
  const index n = data.y.size();
  error mismatch = failed_design(errc::size_mismatch, -1, -1, "x or z");
  mismatch.value = static_cast<double>(data.x.rows());
  mismatch.lower = static_cast<double>(n);
  if (data.x.rows() != n || data.z.rows() != n || data.cluster_begin.empty() || data.cluster_begin.back() != n)
    return mismatch;
  const index q = data.z.cols();
  if (q < fewest_random || q > max_random_effects) {
    error e = failed_design(errc::invalid_option, -1, -1, "the number of random effects");
    e.value = static_cast<double>(q);
    e.lower = static_cast<double>(fewest_random);
    e.upper = max_random_effects;
    return e;
  }
  if (data.n_clusters() < 2) {
    error e = failed_design(errc::too_few_clusters);
    e.value = static_cast<double>(data.n_clusters());
    e.lower = 2;
    return e;
  }
  for (index i = 0; i < n; ++i) {
    using std::isfinite;
    bool finite = isfinite(data.y(i));
    for (index j = 0; j < data.x.cols(); ++j) finite = finite && isfinite(data.x(i, j));
    for (index j = 0; j < q; ++j) finite = finite && isfinite(data.z(i, j));
    if (!finite) return failed_design(errc::not_finite, i);
  }
  return {};
}

/// Checks rows and brings them to standard coordinates.
/// \param fewest_random  the fewest random effects that the model can do with
/// \return            the rows
/// Errors:            those of check_rows; errc::collinear naming the column by its position; errc::zero_variance if the
///                    fixed effects explain every score
template <class Scalar>
[[nodiscard]] result<standardized_rows<Scalar>> standardize(const mixed_model_data<Scalar>& data, index fewest_random) {
  using std::sqrt;
  if (auto legal = check_rows(data, fewest_random); !legal) return legal.error();
  standardized_rows<Scalar> out;
  out.x = data.x;
  out.z = data.z;
  const auto n_rows = static_cast<Scalar>(data.y.size());
  const Scalar length = sqrt(n_rows);
  out.x_factor = orthogonalize<Scalar>(out.x, length);
  out.z_factor = data.structure == random_structure::correlated ? orthogonalize<Scalar>(out.z, length)
                                                                : scale_columns(out.z, length);
  for (index j = 0; j < out.x.cols(); ++j) {
    if (out.x_factor(j, j) == 0) return failed_design(errc::collinear, -1, j, "of the fixed effects");
  }
  for (index j = 0; j < out.z.cols(); ++j) {
    if (out.z_factor(j, j) == 0) return failed_design(errc::collinear, -1, j, "of the random effects");
  }

  // Least squares first: the residuals are small where the scores are large, so no digits are lost below. They are
  // brought to a mean square of 1, so that neither large nor small scores leave the range of the arithmetic.
  const Scalar size = data.y.cwiseAbs().maxCoeff();
  if (!(size > 0)) return failed_design(errc::zero_variance, -1, -1, "the score");
  const vector<Scalar> y = data.y / size;
  out.start = out.x.transpose() * y / n_rows;
  out.residual = y - out.x * out.start;
  const Scalar root_mean_square = out.residual.norm() / length;
  const Scalar noise = std::numeric_limits<Scalar>::epsilon() * 10;
  if (!(root_mean_square > noise))
    return failed_design(errc::zero_variance, -1, -1, "the score, beyond the fixed effects,");
  out.residual /= root_mean_square;
  out.start /= root_mean_square;
  out.score_scale = size * root_mean_square;
  return out;
}

}  // namespace detail

namespace detail {
RAPPORT_INSTANCE(result<standardized_rows<double>> standardize(const mixed_model_data<double>&, index));
}  // namespace detail

}  // namespace rapport::stats

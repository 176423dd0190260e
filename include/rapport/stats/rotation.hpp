// SPDX-License-Identifier: BSL-1.0
// Rotation of factor loadings: varimax, promax, oblimin (quartimin), geomin, the oblique ones from several starts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/core/result.hpp>
#include <rapport/stats/linalg/cholesky.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// Which simple structure is looked for.
enum class rotation_method : unsigned char {
  none,     ///< the loadings as they are
  varimax,  ///< orthogonal; largest variance of squared loadings within columns
  promax,   ///< oblique; least squares towards the varimax loadings to the fourth power
  oblimin,  ///< oblique; quartimin, the oblimin with gamma 0: smallest products of squared loadings
  geomin    ///< oblique; smallest geometric means of squared loadings plus .01
};

/// How loadings are rotated.
struct rotation_options {
  rotation_method method = rotation_method::oblimin;
  bool kaiser = false;  ///< rows brought to length one before and back after; varimax and promax always do
  int starts = 9;       ///< of the oblique criteria; the lowest value is kept; at least 1
};

/// Rotated loadings: columns by falling sum of squares, each with a positive sum of cubes.
template <class Scalar>
struct rotation_result {
  matrix<Scalar> loadings{};            ///< items x factors; the pattern, if factors are correlated
  matrix<Scalar> factor_correlation{};  ///< the identity, if they are not
  Scalar criterion{};                   ///< minimum of oblimin or geomin; 0 for the others
  bool converged = true;                ///< false: the iterations of the best start ran out
};

namespace detail {

/// Turns pairs of columns until no turn raises the varimax criterion.
template <class Scalar>
void turn_to_varimax(matrix<Scalar>& l) {
  using std::atan2;
  using std::cos;
  using std::sin;
  constexpr int most_sweeps = 1000;
  const auto n = static_cast<Scalar>(l.rows());
  const Scalar negligible = 8 * std::numeric_limits<Scalar>::epsilon();
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    bool turned = false;
    for (index a = 0; a < l.cols(); ++a) {
      for (index b = a + 1; b < l.cols(); ++b) {
        const auto x = l.col(a).array();
        const auto y = l.col(b).array();
        const vector<Scalar> u = x.square() - y.square();
        const vector<Scalar> v = 2 * x * y;
        const Scalar numerator = 2 * (u.dot(v) - u.sum() * v.sum() / n);
        const Scalar denominator = u.squaredNorm() - v.squaredNorm() - (u.sum() * u.sum() - v.sum() * v.sum()) / n;
        const Scalar angle = atan2(numerator, denominator) / 4;
        using std::abs;
        if (!(abs(angle) > negligible)) continue;
        turned = true;
        const Scalar c = cos(angle);
        const Scalar s = sin(angle);
        const vector<Scalar> first = c * l.col(a) + s * l.col(b);
        l.col(b) = c * l.col(b) - s * l.col(a);
        l.col(a) = first;
      }
    }
    if (!turned) return;
  }
}

/// A criterion's value and its gradient by the loadings.
template <class Scalar>
[[nodiscard]] Scalar rotation_criterion(rotation_method method, const matrix<Scalar>& l, matrix<Scalar>& gradient) {
  using std::exp;
  const auto m = static_cast<Scalar>(l.cols());
  const matrix<Scalar> squares = l.cwiseAbs2();
  if (method == rotation_method::oblimin) {
    // Each squared loading times the others of its row.
    const matrix<Scalar> others = squares.rowwise().sum().replicate(1, l.cols()) - squares;
    gradient = l.cwiseProduct(others);
    return squares.cwiseProduct(others).sum() / 4;
  }
  const Scalar offset = static_cast<Scalar>(0.01);
  const matrix<Scalar> raised = squares.array() + offset;
  const vector<Scalar> means = (raised.array().log().rowwise().sum() / m).exp();
  gradient = (2 / m) * (l.cwiseQuotient(raised).array().colwise() * means.array());
  return means.sum();
}

/// Where an oblique rotation stands: loadings = a (T^-1)', factor correlations T'T.
template <class Scalar>
struct oblique_point {
  matrix<Scalar> transform{};
  matrix<Scalar> inverse{};
  matrix<Scalar> loadings{};
  matrix<Scalar> gradient{};
  Scalar value{};

  /// False if the factors coincide.
  [[nodiscard]] bool set(rotation_method method, const matrix<Scalar>& a, const matrix<Scalar>& t) {
    transform = t;
    const auto factor = cholesky_factor<Scalar>::make(t.transpose() * t);
    if (!factor) return false;
    inverse = factor->solve(t.transpose());
    loadings = a * inverse.transpose();
    value = rotation_criterion(method, loadings, gradient);
    return true;
  }
};

/// Descends along the projected gradient, columns of T kept at length one.
/// Reference: Jennrich (2002), doi 10.1007/BF02294706
template <class Scalar>
[[nodiscard]] bool descend_oblique(rotation_method method, const matrix<Scalar>& a, oblique_point<Scalar>& at) {
  using std::pow;
  constexpr int most_iterations = 10000;
  const Scalar enough = pow(std::numeric_limits<Scalar>::epsilon(), Scalar(0.6));
  Scalar step(1);
  oblique_point<Scalar> next;
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    const matrix<Scalar> g = -(at.loadings.transpose() * at.gradient * at.inverse).transpose();
    const vector<Scalar> along = at.transform.cwiseProduct(g).colwise().sum().transpose();
    const matrix<Scalar> projected = g - at.transform * along.asDiagonal();
    const Scalar length = projected.norm();
    if (length < enough) return true;
    step *= 2;
    bool moved = false;
    for (int halving = 0; halving < 60 && !moved; ++halving) {
      matrix<Scalar> t = at.transform - step * projected;
      t.colwise().normalize();
      moved = next.set(method, a, t) && at.value - next.value > length * length * step / 2;
      if (!moved) step /= 2;
    }
    // At the limit of the arithmetic no step lowers the value any more.
    if (!moved) return length < pow(std::numeric_limits<Scalar>::epsilon(), Scalar(0.3));
    std::swap(at, next);
  }
  return false;
}

/// An orthogonal matrix: the identity, the turn to varimax, or a random one of a fixed seed.
template <class Scalar>
[[nodiscard]] matrix<Scalar> starting_transform(const matrix<Scalar>& a, int start) {
  const index m = a.cols();
  if (start == 0) return matrix<Scalar>::Identity(m, m);
  if (start == 1) {
    matrix<Scalar> rotated = a;
    turn_to_varimax(rotated);
    // rotated = a T, so T solves the normal equations; a has full column rank.
    const auto factor = cholesky_factor<Scalar>::make(a.transpose() * a);
    if (factor) return factor->solve(a.transpose() * rotated);
    return matrix<Scalar>::Identity(m, m);
  }
  random_stream random(0, static_cast<std::uint64_t>(start));
  matrix<Scalar> t(m, m);
  for (index i = 0; i < t.size(); ++i) t(i) = static_cast<Scalar>(random.normal());
  for (index j = 0; j < m; ++j) {
    for (index i = 0; i < j; ++i) t.col(j) -= t.col(i).dot(t.col(j)) * t.col(i);
    t.col(j).normalize();
  }
  return t;
}

/// Orders columns by their sums of squares and turns them to positive sums of cubes.
template <class Scalar>
void arrange(rotation_result<Scalar>& r) {
  const index m = r.loadings.cols();
  std::vector<index> order(as_size(m));
  std::iota(order.begin(), order.end(), index{0});
  const vector<Scalar> squares = r.loadings.colwise().squaredNorm().transpose();
  std::stable_sort(order.begin(), order.end(), [&](index a, index b) { return squares(a) > squares(b); });
  const matrix<Scalar> l = r.loadings;
  const matrix<Scalar> phi = r.factor_correlation;
  vector<Scalar> sign(m);
  for (index j = 0; j < m; ++j) {
    const auto column = l.col(order[as_size(j)]).array();
    sign(j) = column.cube().sum() < 0 ? Scalar(-1) : Scalar(1);
    r.loadings.col(j) = sign(j) * column;
  }
  for (index j = 0; j < m; ++j) {
    for (index i = 0; i < m; ++i)
      r.factor_correlation(i, j) = sign(i) * sign(j) * phi(order[as_size(i)], order[as_size(j)]);
  }
}

/// Least squares from varimax loadings towards their fourth powers.
template <class Scalar>
[[nodiscard]] result<void> turn_to_promax(rotation_result<Scalar>& r) {
  const matrix<Scalar>& x = r.loadings;
  const matrix<Scalar> target = x.array() * x.array().abs().cube();
  const auto factor = cholesky_factor<Scalar>::make(x.transpose() * x);
  if (!factor) return error{.code = errc::not_positive_definite, .function = "rotate", .subject = "the loadings"};
  matrix<Scalar> u = factor->solve(x.transpose() * target);
  const auto inner = cholesky_factor<Scalar>::make(u.transpose() * u);
  if (!inner) return error{.code = errc::not_positive_definite, .function = "rotate", .subject = "the promax target"};
  const vector<Scalar> scale = inner->inverse().diagonal().cwiseSqrt();
  u = u * scale.asDiagonal();
  r.factor_correlation = scale.cwiseInverse().asDiagonal() * inner->inverse() * scale.cwiseInverse().asDiagonal();
  r.loadings = x * u;
  return {};
}

}  // namespace detail

/// Rotates loadings to simple structure.
/// Model:       varimax: the sum over columns of the variance of squared loadings, largest; oblimin: sum over pairs of
///              columns of products of squared loadings, / 2, smallest; geomin: sum over rows of the geometric mean of
///              squared loadings + .01, smallest; promax: least squares from varimax to its loadings |l|^4 sign(l)
/// \param loadings  items x factors, unrotated, full column rank
/// \param options   method, Kaiser's normalisation, starts
/// \return      rotated loadings and factor correlations
/// Errors:      errc::too_few_columns without factors; errc::not_positive_definite if the loadings have no full rank;
///              errc::not_finite; errc::invalid_option
/// Numerics:    varimax by plane rotations with a closed form; oblique ones by gradient projection, from the axes given,
///              from varimax and from random axes, since they have local minima; the lowest value is kept
/// Not for:     deciding how many factors there are
/// Reference:   Kaiser (1958), doi 10.1007/BF02289233; Jennrich (2002), doi 10.1007/BF02294706; Yates (1987) for geomin
/// R:           varimax(), promax(), GPArotation::oblimin(), GPArotation::geominQ()
template <class Scalar>
[[nodiscard]] result<rotation_result<Scalar>> rotate(const matrix<Scalar>& loadings,
                                                     const rotation_options& options = {}) {
  constexpr const char* function = "rotate";
  const index m = loadings.cols();
  if (options.starts < 1) {
    return error{.code = errc::invalid_option,
                 .function = function,
                 .value = static_cast<double>(options.starts),
                 .lower = 1,
                 .upper = 1000,
                 .subject = "the number of starts"};
  }
  if (m < 1) return error{.code = errc::too_few_columns, .function = function, .value = 0, .lower = 1};
  if (!loadings.allFinite()) return error{.code = errc::not_finite, .function = function};
  rotation_result<Scalar> out;
  out.loadings = loadings;
  out.factor_correlation = matrix<Scalar>::Identity(m, m);
  if (m == 1 || options.method == rotation_method::none) {
    if (options.method != rotation_method::none) detail::arrange(out);
    return out;
  }
  if (!cholesky_factor<Scalar>::make(loadings.transpose() * loadings)) {
    return error{.code = errc::not_positive_definite, .function = function, .subject = "the loadings"};
  }

  const bool orthogonal = options.method == rotation_method::varimax || options.method == rotation_method::promax;
  vector<Scalar> length = vector<Scalar>::Ones(loadings.rows());
  if (options.kaiser || orthogonal) {
    length = loadings.rowwise().norm();
    for (index i = 0; i < length.size(); ++i) {
      if (!(length(i) > 0)) length(i) = Scalar(1);  // an item without communality stays where it is
    }
  }
  const matrix<Scalar> a = length.cwiseInverse().asDiagonal() * loadings;
  if (orthogonal) {
    out.loadings = a;
    detail::turn_to_varimax(out.loadings);
    out.loadings = length.asDiagonal() * out.loadings;
    if (options.method == rotation_method::promax) {
      if (auto turned = detail::turn_to_promax(out); !turned) return turned.error();
    }
    detail::arrange(out);
    return out;
  }

  bool found = false;
  for (int start = 0; start < options.starts; ++start) {
    detail::oblique_point<Scalar> at;
    if (!at.set(options.method, a, detail::starting_transform(a, start))) continue;
    const bool converged = detail::descend_oblique(options.method, a, at);
    // A start counts as lower if it is so by more than the last digits, so that the first of equal ones is kept.
    const Scalar margin = Scalar(1e-9) * (1 + out.criterion);
    if (found && !(at.value < out.criterion - margin)) continue;
    found = true;
    out.criterion = at.value;
    out.converged = converged;
    out.loadings = length.asDiagonal() * at.loadings;
    out.factor_correlation = at.transform.transpose() * at.transform;
  }
  if (!found) return error{.code = errc::numeric_failure, .function = function, .subject = "the rotation"};
  detail::arrange(out);
  return out;
}

RAPPORT_INSTANCE(result<rotation_result<double>> rotate(const matrix<double>&, const rotation_options&));

}  // namespace rapport::stats

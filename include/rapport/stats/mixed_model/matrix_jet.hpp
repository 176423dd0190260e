// SPDX-License-Identifier: BSL-1.0
// Matrices that carry their first and second derivatives in a few parameters through sums, products and inverses.
#pragma once

#include <cmath>
#include <utility>

#include <rapport/core/config.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// A matrix as a function of m parameters, known at one point to second order: value, m first and m(m+1)/2 second
/// derivatives. With m = 0 it is a constant.
///
/// The likelihood of a nested model is written once, in these; its exact gradient and Hessian come with it.
/// Numerics:  exact derivatives, no differences; a product costs about (m + 1)(m + 2) plain ones
/// Reference: Griewank & Walther (2008), Evaluating Derivatives, ch. 13
template <class Scalar>
class matrix_jet {
 public:
  matrix_jet() = default;
  /// Zero.
  matrix_jet(index rows, index cols, index n_parameters)
      : rows_(rows),
        cols_(cols),
        n_(n_parameters),
        data_(matrix<Scalar>::Zero(rows, cols * (1 + n_parameters + n_parameters * (n_parameters + 1) / 2))) {}
  /// A constant.
  explicit matrix_jet(const matrix<Scalar>& value) : rows_(value.rows()), cols_(value.cols()), data_(value) {}

  /// A single number: value and derivatives of a function of one parameter.
  [[nodiscard]] static matrix_jet of_parameter(index which, index n_parameters, const Scalar& value,
                                               const Scalar& slope = Scalar(1), const Scalar& curvature = Scalar(0)) {
    matrix_jet out(1, 1, n_parameters);
    out.value()(0, 0) = value;
    out.first(which)(0, 0) = slope;
    out.second(which, which)(0, 0) = curvature;
    return out;
  }
  [[nodiscard]] static matrix_jet number(const Scalar& value) {
    matrix_jet out(1, 1, 0);
    out.value()(0, 0) = value;
    return out;
  }

  [[nodiscard]] index rows() const noexcept { return rows_; }
  [[nodiscard]] index cols() const noexcept { return cols_; }
  [[nodiscard]] index n_parameters() const noexcept { return n_; }
  [[nodiscard]] index n_parts() const noexcept { return 1 + n_ + n_ * (n_ + 1) / 2; }

  [[nodiscard]] auto part(index at) { return data_.middleCols(at * cols_, cols_); }
  [[nodiscard]] auto part(index at) const { return data_.middleCols(at * cols_, cols_); }
  [[nodiscard]] auto value() { return part(0); }
  [[nodiscard]] auto value() const { return part(0); }
  [[nodiscard]] auto first(index k) { return part(1 + k); }
  [[nodiscard]] auto first(index k) const { return part(1 + k); }
  [[nodiscard]] auto second(index k, index l) { return part(position(k, l)); }
  [[nodiscard]] auto second(index k, index l) const { return part(position(k, l)); }
  /// The value of a jet of one number.
  [[nodiscard]] const Scalar& scalar() const { return data_(0, 0); }

  [[nodiscard]] matrix_jet block(index row, index col, index n_rows, index n_cols) const {
    return map(n_rows, n_cols, [&](const auto& from) { return from.block(row, col, n_rows, n_cols); });
  }
  [[nodiscard]] matrix_jet transpose() const {
    return map(cols_, rows_, [](const auto& from) { return from.transpose(); });
  }
  [[nodiscard]] matrix_jet trace() const {
    return map(1, 1, [](const auto& from) { return matrix<Scalar>::Constant(1, 1, from.trace()); });
  }
  [[nodiscard]] matrix_jet row_sums() const {
    return map(rows_, 1, [](const auto& from) { return from.rowwise().sum(); });
  }

  matrix_jet& operator+=(const matrix_jet& other) { return add(Scalar(1), other); }
  matrix_jet& operator-=(const matrix_jet& other) { return add(Scalar(-1), other); }
  /// Adds a multiple of a jet.
  matrix_jet& add(const Scalar& factor, const matrix_jet& other) {
    if (n_ < other.n_) {
      matrix_jet wider(rows_, cols_, other.n_);
      wider.value() = value();
      *this = std::move(wider);
    }
    data_.leftCols(other.data_.cols()) += factor * other.data_;
    return *this;
  }
  matrix_jet& operator*=(const Scalar& factor) {
    data_ *= factor;
    return *this;
  }

  /// f of a single number, given f, f' and f'' at its value.
  [[nodiscard]] matrix_jet apply(const Scalar& f, const Scalar& slope, const Scalar& curvature) const {
    matrix_jet out = *this;
    out *= slope;
    out.value()(0, 0) = f;
    for (index k = 0; k < n_; ++k) {
      for (index l = 0; l <= k; ++l) out.second(k, l) += curvature * first(k) * first(l)(0, 0);
    }
    return out;
  }
  /// 1 / x of a single number.
  [[nodiscard]] matrix_jet reciprocal() const {
    const Scalar inverse = 1 / scalar();
    return apply(inverse, -inverse * inverse, 2 * inverse * inverse * inverse);
  }
  /// The natural logarithm of a single positive number.
  [[nodiscard]] matrix_jet logarithm() const {
    using std::log;
    const Scalar inverse = 1 / scalar();
    return apply(log(scalar()), inverse, -inverse * inverse);
  }

 private:
  [[nodiscard]] index position(index k, index l) const noexcept {
    return 1 + n_ + (k >= l ? k * (k + 1) / 2 + l : l * (l + 1) / 2 + k);
  }
  template <class Function>
  [[nodiscard]] matrix_jet map(index n_rows, index n_cols, const Function& function) const {
    matrix_jet out(n_rows, n_cols, n_);
    for (index at = 0; at < n_parts(); ++at) out.part(at) = function(part(at));
    return out;
  }

  index rows_ = 0;
  index cols_ = 0;
  index n_ = 0;
  matrix<Scalar> data_{};
};

/// The product of two jets.
template <class Scalar>
[[nodiscard]] matrix_jet<Scalar> operator*(const matrix_jet<Scalar>& a, const matrix_jet<Scalar>& b) {
  const index n = (std::max)(a.n_parameters(), b.n_parameters());
  matrix_jet<Scalar> out(a.rows(), b.cols(), n);
  out.value() = a.value().lazyProduct(b.value());
  const bool a_varies = a.n_parameters() > 0;
  const bool b_varies = b.n_parameters() > 0;
  for (index k = 0; k < n; ++k) {
    if (a_varies) out.first(k) += a.first(k).lazyProduct(b.value());
    if (b_varies) out.first(k) += a.value().lazyProduct(b.first(k));
    for (index l = 0; l <= k; ++l) {
      auto second = out.second(k, l);
      if (a_varies) second += a.second(k, l).lazyProduct(b.value());
      if (b_varies) second += a.value().lazyProduct(b.second(k, l));
      if (a_varies && b_varies) {
        second += a.first(k).lazyProduct(b.first(l));
        second += a.first(l).lazyProduct(b.first(k));
      }
    }
  }
  return out;
}

/// A jet times a jet of one number.
template <class Scalar>
[[nodiscard]] matrix_jet<Scalar> scaled(const matrix_jet<Scalar>& a, const matrix_jet<Scalar>& factor) {
  const index n = (std::max)(a.n_parameters(), factor.n_parameters());
  matrix_jet<Scalar> out(a.rows(), a.cols(), n);
  const bool a_varies = a.n_parameters() > 0;
  const bool f_varies = factor.n_parameters() > 0;
  out.value() = factor.scalar() * a.value();
  const auto f = [&](index at) { return factor.part(at)(0, 0); };
  for (index k = 0; k < n; ++k) {
    if (a_varies) out.first(k) += factor.scalar() * a.first(k);
    if (f_varies) out.first(k) += f(1 + k) * a.value();
    for (index l = 0; l <= k; ++l) {
      auto second = out.second(k, l);
      if (a_varies) second += factor.scalar() * a.second(k, l);
      if (f_varies) second += factor.second(k, l)(0, 0) * a.value();
      if (a_varies && f_varies) second += f(1 + k) * a.first(l) + f(1 + l) * a.first(k);
    }
  }
  return out;
}

/// The inverse of a square jet, given the inverse of its value.
template <class Scalar>
[[nodiscard]] matrix_jet<Scalar> inverse_jet(const matrix_jet<Scalar>& a, const matrix<Scalar>& inverse) {
  const index n = a.n_parameters();
  matrix_jet<Scalar> out(a.rows(), a.cols(), n);
  out.value() = inverse;
  for (index k = 0; k < n; ++k) {
    const matrix<Scalar> along = inverse.lazyProduct(a.first(k)).eval();
    out.first(k) = -along.lazyProduct(inverse);
    for (index l = 0; l <= k; ++l) {
      const matrix<Scalar> other = inverse.lazyProduct(a.first(l)).eval();
      matrix<Scalar> inner = along.lazyProduct(other);
      inner += other.lazyProduct(along);
      inner -= inverse.lazyProduct(a.second(k, l));
      out.second(k, l) = inner.lazyProduct(inverse);
    }
  }
  return out;
}

/// The logarithm of the determinant of a square jet, given that of its value and the inverse of its value.
template <class Scalar>
[[nodiscard]] matrix_jet<Scalar> log_determinant_jet(const matrix_jet<Scalar>& a, const matrix<Scalar>& inverse,
                                                     const Scalar& log_determinant) {
  const index n = a.n_parameters();
  matrix_jet<Scalar> out(1, 1, n);
  out.value()(0, 0) = log_determinant;
  for (index k = 0; k < n; ++k) {
    const matrix<Scalar> along = inverse.lazyProduct(a.first(k));
    out.first(k)(0, 0) = along.trace();
    for (index l = 0; l <= k; ++l) {
      const matrix<Scalar> other = inverse.lazyProduct(a.first(l));
      const Scalar bent = inverse.lazyProduct(a.second(k, l)).trace();
      out.second(k, l)(0, 0) = bent - along.cwiseProduct(other.transpose()).sum();
    }
  }
  return out;
}

RAPPORT_INSTANCE(matrix_jet<double> operator*(const matrix_jet<double>&, const matrix_jet<double>&));
RAPPORT_INSTANCE(matrix_jet<double> scaled(const matrix_jet<double>&, const matrix_jet<double>&));
RAPPORT_INSTANCE(matrix_jet<double> inverse_jet(const matrix_jet<double>&, const matrix<double>&));

}  // namespace rapport::stats

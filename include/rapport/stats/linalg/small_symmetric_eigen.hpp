// SPDX-License-Identifier: BSL-1.0
// Eigenvalues and eigenvectors of symmetric matrices of a few rows, by Jacobi rotations.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include <rapport/stats/matrix.hpp>

namespace rapport::stats {

/// a = vectors diag(values) vectors', values in increasing order.
///
/// For the matrices of a handful of rows that mixed models meet. Written out, because Eigen's solver is made for large
/// ones: it costs each program that includes it seconds of compilation, is slower at two rows, and loses the relative
/// accuracy of small eigenvalues that Jacobi's method keeps.
/// Numerics:    O(n^3) per sweep, usually 3 to 6 sweeps; use Eigen's solver beyond some twenty rows
/// Reference:   Golub & Van Loan (2013), Matrix Computations, sec. 8.5
template <class Scalar>
struct small_symmetric_eigen {
  vector<Scalar> values{};
  matrix<Scalar> vectors{};

  /// Decomposes a symmetric matrix.
  explicit small_symmetric_eigen(matrix<Scalar> a) : vectors(matrix<Scalar>::Identity(a.rows(), a.cols())) {
    constexpr int most_sweeps = 60;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      bool rotated = false;
      for (index j = 1; j < a.cols(); ++j) {
        for (index i = 0; i < j; ++i) rotated = rotate(a, i, j) || rotated;
      }
      if (!rotated) break;
    }
    values = a.diagonal();
    sort();
  }

 private:
  /// Makes a(i, j) zero; false if it is negligible already.
  bool rotate(matrix<Scalar>& a, index i, index j) {
    using std::abs;
    using std::sqrt;
    const Scalar off = a(i, j);
    const Scalar negligible = std::numeric_limits<Scalar>::epsilon() * sqrt(abs(a(i, i))) * sqrt(abs(a(j, j)));
    if (off == 0 || abs(off) <= negligible / 4) return false;
    const Scalar ratio = (a(j, j) - a(i, i)) / (2 * off);
    const Scalar tangent = (ratio >= 0 ? Scalar(1) : Scalar(-1)) / (abs(ratio) + sqrt(1 + ratio * ratio));
    const Scalar cosine = 1 / sqrt(1 + tangent * tangent);
    const Scalar sine = tangent * cosine;
    for (index k = 0; k < a.rows(); ++k) {
      const Scalar x = a(k, i);
      const Scalar y = a(k, j);
      a(k, i) = cosine * x - sine * y;
      a(k, j) = sine * x + cosine * y;
    }
    for (index k = 0; k < a.rows(); ++k) {
      const Scalar x = a(i, k);
      const Scalar y = a(j, k);
      a(i, k) = cosine * x - sine * y;
      a(j, k) = sine * x + cosine * y;
      const Scalar u = vectors(k, i);
      const Scalar v = vectors(k, j);
      vectors(k, i) = cosine * u - sine * v;
      vectors(k, j) = sine * u + cosine * v;
    }
    a(i, j) = a(j, i) = Scalar(0);
    return true;
  }

  void sort() {
    for (index i = 0; i < values.size(); ++i) {
      index least = i;
      for (index j = i + 1; j < values.size(); ++j) {
        if (values(j) < values(least)) least = j;
      }
      if (least == i) continue;
      std::swap(values(i), values(least));
      vectors.col(i).swap(vectors.col(least));
    }
  }
};

}  // namespace rapport::stats

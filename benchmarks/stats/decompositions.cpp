// SPDX-License-Identifier: BSL-1.0
// The two hand-written kernels of linear algebra, beside Eigen's decompositions of the same matrices.
#include <cmath>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <rapport/core/random.hpp>
#include <rapport/stats/linalg/small_symmetric_eigen.hpp>
#include <rapport/stats/mixed_model/design.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;
using rapport::stats::matrix;
using block = rapport::stats::rows_by_random<double>;

constexpr index n_matrices = 256;

matrix<double> normal_numbers(rapport::random_stream& random, index rows, index columns) {
  matrix<double> out(rows, columns);
  for (index j = 0; j < columns; ++j) {
    for (index i = 0; i < rows; ++i) out(i, j) = random.normal();
  }
  return out;
}

void symmetric_eigen(benchmark::State& state, index size) {
  rapport::random_stream random(bench::seed, static_cast<std::uint64_t>(size));
  std::vector<matrix<double>> matrices;
  for (index m = 0; m < n_matrices; ++m) {
    // Covariance matrices of size + 2 normal rows, their variances a factor of up to a thousand apart.
    matrix<double> rows = normal_numbers(random, size + 2, size);
    for (index j = 0; j < size; ++j) rows.col(j) *= std::pow(10.0, 1.5 * random.uniform());
    matrices.push_back(rows.transpose() * rows);
  }
  for (const auto& a : matrices) {
    const rapport::stats::small_symmetric_eigen<double> ours(a);
    const Eigen::SelfAdjointEigenSolver<matrix<double>> theirs(a);
    const double scale = theirs.eigenvalues().cwiseAbs().maxCoeff();
    const matrix<double> again = ours.vectors * ours.values.asDiagonal() * ours.vectors.transpose();
    const matrix<double> identity = ours.vectors.transpose() * ours.vectors;
    bench::check_close((ours.values - theirs.eigenvalues()).cwiseAbs().maxCoeff() / scale, 0, 1e-13,
                       "distance of the eigenvalues to Eigen's, over the largest");
    bench::check_close((again - a).cwiseAbs().maxCoeff() / scale, 0, 1e-13, "distance of V D V' to the matrix");
    bench::check_close((identity - matrix<double>::Identity(size, size)).cwiseAbs().maxCoeff(), 0, 1e-13,
                       "distance of V'V to the identity");
  }

  matrix<double> product(size, size);
  bench::compare(
      state,
      {.n = {{"size", size}},
       .floor = "one Eigen product A A",
       .peer = "Eigen::SelfAdjointEigenSolver",
       .operations = n_matrices},
      [&] {
        for (const auto& a : matrices) {
          const rapport::stats::small_symmetric_eigen<double> eigen(a);
          benchmark::DoNotOptimize(eigen.values.data());
        }
      },
      [&] {
        for (const auto& a : matrices) {
          product.noalias() = a * a;  // no overlap
          benchmark::DoNotOptimize(product.data());
        }
      },
      [&] {
        for (const auto& a : matrices) {
          const Eigen::SelfAdjointEigenSolver<matrix<double>> eigen(a);
          benchmark::DoNotOptimize(eigen.eigenvalues().data());
        }
      });
}

void orthogonalize(benchmark::State& state, index rows, index columns) {
  rapport::random_stream random(bench::seed, static_cast<std::uint64_t>(100 * rows + columns));
  std::vector<block> blocks;
  for (index m = 0; m < n_matrices; ++m) {
    // Powers of session numbers, each client's shifted a little, as growth curves have them.
    block powers(rows, columns);
    const double shift = random.uniform();
    for (index i = 0; i < rows; ++i) {
      powers(i, 0) = 1;
      for (index j = 1; j < columns; ++j)
        powers(i, j) = powers(i, j - 1) * (static_cast<double>(i) + shift) / static_cast<double>(rows);
    }
    blocks.push_back(powers);
  }
  for (const block& a : blocks) {
    block q = a;
    const matrix<double> r = rapport::stats::detail::orthogonalize<double>(q, 1.0);
    const matrix<double> theirs = Eigen::HouseholderQR<block>(a).matrixQR().topRows(columns).cwiseAbs();
    bench::check_close((q * r - a).cwiseAbs().maxCoeff(), 0, 1e-14, "distance of Q R to the block");
    bench::check_close((q.transpose() * q - matrix<double>::Identity(columns, columns)).cwiseAbs().maxCoeff(), 0, 1e-14,
                       "distance of Q'Q to the identity");
    // Householder's signs are its own; the entries of R are of the order of sqrt(rows).
    for (index j = 0; j < columns; ++j) {
      for (index i = 0; i <= j; ++i)
        bench::check_close(std::fabs(r(i, j)), theirs(i, j), 1e-13, "an entry of R against Householder's");
    }
  }

  matrix<double> product(columns, columns);
  bench::compare(
      state,
      {.n = {{"rows", rows}, {"columns", columns}},
       .floor = "one Eigen product A'A",
       .peer = "Eigen::HouseholderQR with its thin Q",
       .operations = n_matrices},
      [&] {
        for (const block& a : blocks) {
          block q = a;
          const matrix<double> r = rapport::stats::detail::orthogonalize<double>(q, 1.0);
          benchmark::DoNotOptimize(q.data());
          benchmark::DoNotOptimize(r.data());
        }
      },
      [&] {
        for (const block& a : blocks) {
          product.noalias() = a.transpose() * a;  // no overlap
          benchmark::DoNotOptimize(product.data());
        }
      },
      [&] {
        for (const block& a : blocks) {
          const Eigen::HouseholderQR<block> qr(a);
          const block q = qr.householderQ() * block::Identity(a.rows(), a.cols());
          const matrix<double> r = qr.matrixQR().topRows(a.cols()).template triangularView<Eigen::Upper>();
          benchmark::DoNotOptimize(q.data());
          benchmark::DoNotOptimize(r.data());
        }
      });
}

const bench::registration add_all([] {
  for (const index size : {2, 3, 6}) {
    bench::add("stats/small_symmetric_eigen/" + std::to_string(size) + "x" + std::to_string(size),
               [size](benchmark::State& state) { symmetric_eigen(state, size); });
  }
  for (const index rows : {8, 20, 60}) {
    for (const index columns : {2, 3, 4}) {
      bench::add("stats/orthogonalize/" + std::to_string(rows) + "x" + std::to_string(columns),
                 [rows, columns](benchmark::State& state) { orthogonalize(state, rows, columns); });
    }
  }
});

}  // namespace

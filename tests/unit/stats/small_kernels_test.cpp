// SPDX-License-Identifier: BSL-1.0
// The small kernels: orthogonalization, eigenvalues of small matrices, Newton's method, loops shared between threads.
#include "rapport_test.hpp"

#include <atomic>
#include <Eigen/Eigenvalues>
#include <numeric>

namespace rp = rapport;

using namespace rapport::stats;

namespace {

matrix<double> random_matrix(rapport::random_stream& random, rp::index rows, rp::index columns) {
  matrix<double> out(rows, columns);
  for (rp::index j = 0; j < columns; ++j) {
    for (rp::index i = 0; i < rows; ++i) out(i, j) = random.normal();
  }
  return out;
}

}  // namespace

TEST_CASE("orthogonalize: a = q r, columns orthogonal and of the length asked for", "[kernels]") {
  rapport::random_stream random(1);
  for (const rp::index rows : {3, 8, 50}) {
    const matrix<double> a = random_matrix(random, rows, 3);
    matrix<double> q = a;
    const matrix<double> r = rapport::stats::detail::orthogonalize<double>(q, 2.0);
    CHECK((q * r - a).norm() < 1e-13 * a.norm());
    CHECK((q.transpose() * q - 4 * matrix<double>::Identity(3, 3)).norm() < 1e-13);
    CHECK(r(1, 0) == 0);
  }
}

TEST_CASE("orthogonalize: years beside an intercept stay orthogonal, dependent columns become zero", "[kernels]") {
  matrix<double> a(6, 3);
  for (rp::index i = 0; i < 6; ++i) a.row(i) << 1, 20000 + 0.5 * static_cast<double>(i), 40000 + static_cast<double>(i);
  matrix<double> q = a;
  const matrix<double> r = rapport::stats::detail::orthogonalize<double>(q, 1.0);
  CHECK(std::fabs(q.col(0).dot(q.col(1))) < 1e-14);
  CHECK(q.col(2).isZero(0));
  CHECK(r(2, 2) == 0);
  CHECK((q * r - a).norm() < 1e-9 * a.norm());
}

TEST_CASE("eigenvalues of small matrices agree with Eigen's", "[kernels]") {
  rapport::random_stream random(2);
  for (const rp::index n : {1, 2, 3, 6}) {
    for (int repeat = 0; repeat < 200; ++repeat) {
      const matrix<double> root = random_matrix(random, n, n);
      const matrix<double> a = root + root.transpose();
      const small_symmetric_eigen<double> ours(a);
      const Eigen::SelfAdjointEigenSolver<matrix<double>> theirs(a);
      CHECK((ours.values - theirs.eigenvalues()).norm() < 1e-13 * (1 + a.norm()));
      CHECK((ours.vectors * ours.values.asDiagonal() * ours.vectors.transpose() - a).norm() < 1e-13 * (1 + a.norm()));
      CHECK((ours.vectors.transpose() * ours.vectors - matrix<double>::Identity(n, n)).norm() < 1e-13);
    }
  }
}

TEST_CASE("eigenvalues: equal, zero and widely different ones", "[kernels]") {
  CHECK(small_symmetric_eigen<double>(matrix<double>::Identity(3, 3)).values == vector<double>::Ones(3));
  CHECK(small_symmetric_eigen<double>(matrix<double>::Zero(2, 2)).values.isZero(0));
  matrix<double> a(2, 2);
  a << 1, 1e-9, 1e-9, 1e-16;  // eigenvalues 1 + 1e-18 and 9.9e-17 in exact arithmetic
  CHECK_CLOSE(small_symmetric_eigen<double>(a).values(0), 1e-16 - 1e-18, 1e-6);
}

TEST_CASE("Newton's method finds the minimum of Rosenbrock's function to the last digits", "[kernels]") {
  const auto rosenbrock = [](const vector<double>& at) -> rapport::result<second_order<double>> {
    const double x = at(0);
    const double y = at(1);
    second_order<double> out{100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x), vector<double>(2),
                             matrix<double>(2, 2)};
    out.gradient << -400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x);
    out.hessian << 1200 * x * x - 400 * y + 2, -400 * x, -400 * x, 200;
    return out;
  };
  for (const auto& [x, y] : {std::pair{-1.2, 1.0}, {0.0, 0.0}, {3.0, -4.0}}) {
    const auto found = minimize_newton<double>(rosenbrock, vector<double>(Eigen::Vector2d(x, y))).value();
    CHECK(found.converged);
    CHECK_CLOSE(found.point(0), 1, 1e-12);
    CHECK_CLOSE(found.point(1), 1, 1e-12);
    CHECK(found.decrement >= 0);
  }
}

TEST_CASE("Newton's method shortens steps where the function has no value, and fails only at the start", "[kernels]") {
  const auto log_barrier = [](const vector<double>& at) -> rapport::result<second_order<double>> {
    if (!(at(0) > 0)) return rapport::error{.code = rapport::errc::numeric_failure};
    second_order<double> out{at(0) - std::log(at(0)), vector<double>(1), matrix<double>(1, 1)};
    out.gradient << 1 - 1 / at(0);
    out.hessian << 1 / (at(0) * at(0));
    return out;
  };
  const auto found = minimize_newton<double>(log_barrier, vector<double>(vector<double>::Constant(1, 50.0))).value();
  CHECK(found.converged);
  CHECK_CLOSE(found.point(0), 1, 1e-12);
  CHECK_FALSE(minimize_newton<double>(log_barrier, vector<double>(vector<double>::Constant(1, -1.0))));
}

TEST_CASE("parallel_for calls the body once for each position, with any number of threads", "[kernels]") {
  for (const rp::index threads : {0, 1, 2, 7, 64}) {
    std::vector<std::atomic<int>> calls(1000);
    parallel_for(1000, threads, [&](rp::index i) { calls[rapport::as_size(i)] += 1; });
    CHECK(std::all_of(calls.begin(), calls.end(), [](const std::atomic<int>& n) { return n == 1; }));
  }
  bool called = false;
  parallel_for(0, 4, [&](rp::index) { called = true; });
  CHECK_FALSE(called);
}

TEST_CASE("parallel_for passes an exception of the body on", "[kernels]") {
  for (const rp::index threads : {1, 3}) {
    CHECK_THROWS_AS(parallel_for(100, threads,
                                 [](rp::index i) {
                                   if (i == 37) throw std::runtime_error("37");
                                 }),
                    std::runtime_error);
  }
}

TEST_CASE("distributions agree with values of R 4.2.2", "[distribution]") {
  // print(c(pnorm(-1.5), pnorm(8, lower.tail = FALSE), qnorm(.975), qt(.975, 4.5), 2 * pt(-2.3, 11.7), qf(.025, 29, 319)), digits = 17)
  CHECK_CLOSE(normal_cdf(-1.5), 0.066807201268858057);
  CHECK_CLOSE(normal_upper_tail(8.0), 6.2209605742717841e-16);
  CHECK_CLOSE(normal_quantile(0.975), 1.959963984540054);
  CHECK_CLOSE(student_t_quantile(0.975, 4.5), 2.6589123472044025, 1e-11);
  CHECK_CLOSE(student_t_two_sided(2.3, 11.7), 0.040713260719921360, 1e-11);
  CHECK(student_t_two_sided(2.3, 11.7) == student_t_two_sided(-2.3, 11.7));
  CHECK_CLOSE(fisher_f_quantile(0.025, 29.0, 319.0), 0.54416678157380649, 1e-11);
  CHECK_CLOSE(student_t_two_sided(student_t_quantile(0.975, 11.7), 11.7), 0.05, 1e-12);
  CHECK(std::isnan(normal_quantile(2.0)));
}

// SPDX-License-Identifier: BSL-1.0
// Data sets, harmless and nasty, and the digits that coefficients computed from them in double have lost.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/reliability/icc.hpp>
#include <rapport/reliability/omega.hpp>
#include <rapport/stats/covariance.hpp>

namespace rounding {

using table = rapport::stats::matrix<double>;

/// Of harmless data sets none may lose more: covariances are sums of some hundred products.
inline constexpr double most_digits_lost = 3;

/// One factor, 3 to 8 items, 10 to 200 persons; every second table holds whole numbers from 1 to 7.
inline table random_table(int number) {
  rapport::random_stream random(41, static_cast<std::uint64_t>(number));
  table x(10 + random.below(191), 3 + random.below(6));
  for (rapport::index i = 0; i < x.rows(); ++i) {
    const double trait = random.normal();
    for (rapport::index j = 0; j < x.cols(); ++j) {
      x(i, j) = 4 + trait + random.normal();
      if (number % 2 == 1) x(i, j) = std::clamp(std::round(x(i, j)), 1.0, 7.0);
    }
  }
  return x;
}

inline constexpr int n_nasty = 20;

/// What is nasty about the tables: five kinds in four degrees.
inline std::string nasty_name(int kind) {
  const std::string degree[] = {"2", "4", "6", "8"};
  const std::string d = degree[kind % 4];
  switch (kind / 4) {
    case 0: return "mean 10^" + d + " standard deviations from zero";
    case 1: return "standard deviation 10^-" + d + "0, mean zero";
    case 2: return "one item 10^" + d + " times as wide as the others";
    case 3: return "two items alike up to 10^-" + d;
    default: break;
  }
  return "answers of 1 to 10^" + d + " (powers of ten)";
}

inline table nasty_table(int kind) {
  rapport::random_stream random(42, static_cast<std::uint64_t>(kind));
  const double power = std::pow(10.0, 2 * (kind % 4 + 1));
  table x(100, 4);
  for (rapport::index i = 0; i < x.rows(); ++i) {
    const double trait = random.normal();
    for (rapport::index j = 0; j < x.cols(); ++j) x(i, j) = trait + random.normal();
  }
  switch (kind / 4) {
    case 0: x.array() += power; break;
    case 1: x *= std::pow(power, -10); break;
    case 2: x.col(0) *= power; break;
    case 3:
      for (rapport::index i = 0; i < x.rows(); ++i) x(i, 1) = x(i, 0) + random.normal() / power;
      break;
    default: x = (x.array() * (std::log(power) / 4)).exp(); break;
  }
  return x;
}

/// Digits that `found` has lost against `exact`, differences measured against `size`; never below 0.
template <class Big>
double digits(const double& found, const Big& exact, const Big& size) {
  using std::abs;
  const double relative = static_cast<double>(Big(abs(Big(found) - exact) / size));
  return std::log10(std::max(1.0, relative * 0x1p53));
}

/// The digits that omega must lose: log10 of how strongly it answers to a relative change of the covariances. Some small
/// samples hardly identify the factor; whoever stores their covariances in double has lost these digits already.
template <class Big>
double condition_digits(const rapport::stats::matrix<Big>& covariance, const Big& omega) {
  using std::abs;
  const Big step("1e-25");
  rapport::random_stream random(43, 0);
  double most = 1;
  for (int attempt = 0; attempt < 4; ++attempt) {
    rapport::stats::matrix<Big> moved = covariance;
    for (rapport::index j = 0; j < moved.cols(); ++j) {
      for (rapport::index i = 0; i <= j; ++i) {
        const Big factor = random.chance(0.5) ? Big(1 + step) : Big(1 - step);
        moved(i, j) = moved(j, i) = moved(i, j) * factor;
      }
    }
    const auto fit = rapport::stats::fit_one_factor(moved);
    if (!fit) continue;
    const Big other = rapport::composite_reliability<Big>(fit->loadings.col(0), fit->uniqueness).value();
    most = std::max(most, static_cast<double>(Big(abs(other - omega) / step)));
  }
  return std::log10(most);
}

/// Largest loss of each quantity, where both computations have a value.
template <class Big>
std::vector<std::pair<std::string, double>> digits_lost(const table& x) {
  using std::abs;
  using std::sqrt;
  std::vector<std::pair<std::string, double>> out;
  const auto in_double = rapport::stats::covariance(x).value();
  const auto in_big = rapport::stats::covariance(rapport::stats::matrix<Big>(x.cast<Big>())).value();
  const auto size = [](const Big& value) { return abs(value) > 1 ? Big(abs(value)) : Big(1); };
  double most = 0;
  for (rapport::index i = 0; i < x.cols(); ++i) {
    for (rapport::index j = 0; j < x.cols(); ++j) {
      const Big spread = sqrt(Big(in_big.covariance(i, i) * in_big.covariance(j, j)));
      most = std::max(most, digits<Big>(in_double.covariance(i, j), in_big.covariance(i, j), spread));
    }
  }
  out.emplace_back("covariance", most);
  const Big alpha = rapport::detail::alpha_of(in_big.covariance);
  out.emplace_back("alpha", digits<Big>(rapport::detail::alpha_of(in_double.covariance), alpha, size(alpha)));
  const auto fit = rapport::stats::fit_one_factor(in_double.covariance);
  const auto exact = rapport::stats::fit_one_factor(in_big.covariance);
  constexpr auto failed = rapport::stats::factor_status::not_converged;
  if (fit && exact && fit->status != failed && exact->status != failed) {
    const Big omega = rapport::composite_reliability<Big>(exact->loadings.col(0), exact->uniqueness).value();
    const double found = rapport::composite_reliability<double>(fit->loadings.col(0), fit->uniqueness).value();
    const double lost = digits<Big>(found, omega, Big(1));
    out.emplace_back("omega", lost);
    out.emplace_back("omega, beyond its condition",
                     std::max(0.0, lost - condition_digits<Big>(in_big.covariance, omega)));
  }
  const auto icc = rapport::estimate_icc(x).value();
  const auto exact_icc = rapport::estimate_icc(rapport::stats::matrix<Big>(x.cast<Big>())).value();
  most = 0;
  for (const auto form : rapport::all_icc_forms) {
    if (icc.of(form) && exact_icc.of(form))
      most = std::max(most, digits<Big>(*icc.of(form), *exact_icc.of(form), size(*exact_icc.of(form))));
  }
  out.emplace_back("ICC", most);
  return out;
}

}  // namespace rounding

// SPDX-License-Identifier: BSL-1.0
// How much scores vary: within a client, between clients, altogether. Papers say "SD" and mean any of these.
#pragma once

#include <cmath>
#include <optional>

#include <rapport/data/session_panel.hpp>

namespace rapport::stats {

/// Standard deviations of the scores in a panel; empty where there are too few scores. Divisors n - 1.
template <class Scalar>
struct session_spread {
  std::optional<Scalar> within{};   ///< of scores around their client's mean, pooled over clients
  std::optional<Scalar> between{};  ///< of the clients' means
  std::optional<Scalar> grand{};    ///< of all scores
};

namespace detail {

/// Mean and sum of squares about it, updated one number at a time.
/// Reference: Welford (1962), doi 10.1080/00401706.1962.10490022
template <class Scalar>
struct running_moments {
  index n = 0;
  Scalar mean{};
  Scalar squares{};

  void add(const Scalar& x) {
    ++n;
    const Scalar from_old = x - mean;
    mean += from_old / static_cast<Scalar>(n);
    squares += from_old * (x - mean);
  }
  [[nodiscard]] std::optional<Scalar> sd() const {
    using std::sqrt;
    if (n < 2) return std::nullopt;
    return sqrt(squares / static_cast<Scalar>(n - 1));
  }
};

template <class Scalar>
[[nodiscard]] running_moments<Scalar> moments_of(const session_series<Scalar>& y) {
  running_moments<Scalar> out;
  for (index t = 0; t < y.size(); ++t) {
    if (y.is_observed(t)) out.add(y[t]);
  }
  return out;
}

}  // namespace detail

/// The standard deviation of one client's scores; empty below two.
/// R: sd(y, na.rm = TRUE)
template <class Scalar>
[[nodiscard]] std::optional<Scalar> series_sd(const session_series<Scalar>& y) {
  return detail::moments_of(y).sd();
}

/// Spread of the scores of a panel.
/// Model: within = sqrt(sum_i (n_i - 1) s_i^2 / sum_i (n_i - 1)), s_i = SD of client i's scores
template <class Scalar>
[[nodiscard]] session_spread<Scalar> spread_of(const basic_session_panel<Scalar>& panel) {
  using std::sqrt;
  detail::running_moments<Scalar> grand;
  detail::running_moments<Scalar> means;
  Scalar within_squares(0);
  index within_df = 0;
  for (index client = 0; client < panel.n_clients(); ++client) {
    const auto y = panel.series(client);
    const auto own = detail::moments_of(y);
    if (own.n == 0) continue;
    means.add(own.mean);
    within_squares += own.squares;
    within_df += own.n - 1;
    for (index t = 0; t < y.size(); ++t) {
      if (y.is_observed(t)) grand.add(y[t]);
    }
  }
  session_spread<Scalar> out{std::nullopt, means.sd(), grand.sd()};
  if (within_df > 0) out.within = sqrt(within_squares / static_cast<Scalar>(within_df));
  return out;
}

}  // namespace rapport::stats

// SPDX-License-Identifier: BSL-1.0
// A detector's statistic on the scale of a standard normal, as learned from stable sessions.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/stats/distribution/normal.hpp>

namespace rapport::detail {

/// The normal score with the upper tail that a statistic has among stable sessions: straight lines between some of its
/// quantiles, and on beyond the outer ones, so that clear falls stay apart.
template <class Scalar>
class stable_scale {
 public:
  /// \param stable  the statistic in stable sessions, in any order
  explicit stable_scale(std::vector<Scalar> stable) {
    constexpr double upper_tails[] = {0.8, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002};
    const auto n = static_cast<double>(stable.size());
    std::sort(stable.begin(), stable.end());
    for (const double tail : upper_tails) {
      if (n * tail < 10) break;  // too few sessions beyond it
      const Scalar& at = stable[static_cast<std::size_t>((1 - tail) * n)];
      if (!knots_.empty() && !(at > knots_.back().first)) continue;
      knots_.emplace_back(at, -stats::normal_quantile(static_cast<Scalar>(tail)));
    }
  }

  /// Whether the statistic differs between stable sessions.
  [[nodiscard]] bool is_known() const noexcept { return knots_.size() >= 2; }

  /// The normal score, between -3 and 20; the scale must be known.
  [[nodiscard]] Scalar operator()(const Scalar& statistic) const {
    std::size_t k = 1;
    while (k + 1 < knots_.size() && statistic > knots_[k].first) ++k;
    const auto& [left, z_left] = knots_[k - 1];
    const auto& [right, z_right] = knots_[k];
    const Scalar z = z_left + (z_right - z_left) * ((statistic - left) / (right - left));
    return (std::min)(Scalar(20), (std::max)(Scalar(-3), z));
  }

  /// All statistics of a series; none where the scale is not known.
  void apply(std::vector<std::optional<Scalar>>& statistics) const {
    for (auto& each : statistics) {
      if (each && is_known()) {
        each = (*this)(*each);
      } else {
        each.reset();
      }
    }
  }

 private:
  std::vector<std::pair<Scalar, Scalar>> knots_{};
};

}  // namespace rapport::detail

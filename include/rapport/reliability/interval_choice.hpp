// SPDX-License-Identifier: BSL-1.0
// How callers say which interval they want: one of a coefficient's own, or a bootstrap with its settings.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <rapport/core/estimate.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/stats/bootstrap.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include <rapport/stats/resampled_covariance.hpp>

namespace rapport {

/// The bias-corrected and accelerated bootstrap.
struct bootstrap_bca {
  index replicates = 1999;  ///< at least 99
  std::uint64_t seed = 20240229;
  index threads = 0;                  ///< at most this many; 0: one per processor; the result does not depend on it
  std::span<const index> clusters{};  ///< of each row, from 0, drawn as wholes; empty: persons are drawn
};

/// The percentile bootstrap.
struct bootstrap_percentile {
  index replicates = 1999;
  std::uint64_t seed = 20240229;
  index threads = 0;
  std::span<const index> clusters{};
};

/// An interval of a coefficient's own kind, or a bootstrap.
template <class Kind>
class interval_choice {
 public:
  constexpr interval_choice(Kind kind) : kind_(kind) {}                             // NOLINT: a kind is a choice
  constexpr interval_choice(const bootstrap_bca& b) : bootstrap_(b), bca_(true) {}  // NOLINT
  constexpr interval_choice(const bootstrap_percentile& b)                          // NOLINT
      : bootstrap_(bootstrap_bca{b.replicates, b.seed, b.threads, b.clusters}) {}

  [[nodiscard]] constexpr bool is(Kind kind) const noexcept { return !bootstrap_ && kind_ == kind; }
  /// Meaningless for a bootstrap.
  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  [[nodiscard]] constexpr const std::optional<bootstrap_bca>& bootstrap() const noexcept { return bootstrap_; }
  [[nodiscard]] constexpr bool is_bca() const noexcept { return bca_; }

 private:
  Kind kind_{};
  std::optional<bootstrap_bca> bootstrap_{};
  bool bca_ = false;
};

/// From so many persons on the automatic interval of alpha and omega is ADF, which then equals the jackknife that it is
/// below; see docs/coverage.md.
inline constexpr index adf_least_persons = 1000;

namespace detail {

/// What a bootstrap adds to an estimate.
template <class Scalar>
struct bootstrap_outcome {
  basic_interval<Scalar> interval{};
  std::optional<Scalar> standard_error{};
  index n_undefined = 0;
};

/// Bootstraps a statistic of a covariance matrix.
/// \param make_statistic  makes a callable of (const matrix<Scalar>& covariance) -> std::optional<Scalar>
template <class Scalar, class MakeStatistic>
[[nodiscard]] result<bootstrap_outcome<Scalar>> bootstrap_covariance_statistic(const stats::matrix_ref<Scalar>& items,
                                                                               stats::missing_cells handling,
                                                                               const bootstrap_bca& settings, bool bca,
                                                                               const Scalar& estimate, double level,
                                                                               const MakeStatistic& make_statistic) {
  const stats::bootstrap_options options{settings.replicates, settings.seed, settings.threads};
  if (auto legal = stats::validate(options); !legal) return legal.error();
  const auto table = stats::resampled_covariance<Scalar>::make(items, handling, settings.clusters);
  if (!table) return table.error();
  struct memory {
    typename stats::resampled_covariance<Scalar>::workspace work{};
    stats::matrix<Scalar> covariance{};
  };
  const auto draws = stats::bootstrap<Scalar>(table->n_units(), options, [&] {
    return [&, statistic = make_statistic(), m = memory{}](const stats::vector<Scalar>& weights) mutable {
      return table->compute(weights, m.work, m.covariance) ? statistic(m.covariance) : std::optional<Scalar>();
    };
  });
  bootstrap_outcome<Scalar> out;
  out.n_undefined = draws.n_undefined;
  out.standard_error = stats::replicate_sd(draws);
  auto interval = stats::percentile_interval(draws, level);
  if (bca) {
    const auto left_out = stats::jackknife<Scalar>(table->n_units(), options.threads, [&] {
      return [&, statistic = make_statistic(), m = memory{}](index unit) mutable {
        return table->compute_without(unit, m.work, m.covariance) ? statistic(m.covariance) : std::optional<Scalar>();
      };
    });
    interval = stats::bca_interval(draws, left_out, estimate, level);
  }
  if (!interval) return interval.error();
  out.interval = *interval;
  return out;
}

/// Estimate +- t SE, the SE from leaving out one person at a time, t of Student with n - 1 degrees of freedom.
/// \param make_statistic  makes a callable of (const matrix<Scalar>& covariance) -> std::optional<Scalar>
template <class Scalar, class MakeStatistic>
[[nodiscard]] result<bootstrap_outcome<Scalar>> jackknife_covariance_statistic(const stats::matrix_ref<Scalar>& items,
                                                                               stats::missing_cells handling,
                                                                               const Scalar& estimate, double level,
                                                                               const MakeStatistic& make_statistic) {
  using std::sqrt;
  const auto table = stats::resampled_covariance<Scalar>::make(items, handling);
  if (!table) return table.error();
  struct memory {
    typename stats::resampled_covariance<Scalar>::workspace work{};
    stats::matrix<Scalar> covariance{};
  };
  const auto left_out = stats::jackknife<Scalar>(table->n_units(), 1, [&] {
    return [&, statistic = make_statistic(), m = memory{}](index unit) mutable {
      return table->compute_without(unit, m.work, m.covariance) ? statistic(m.covariance) : std::optional<Scalar>();
    };
  });
  // One person on whom everything hangs leaves no spread to measure.
  if (left_out.n_undefined > 0 || left_out.n_defined() < 2)
    return stats::detail::bootstrap_failure("jackknife", left_out.n_defined(), table->n_units());
  const auto n = static_cast<Scalar>(left_out.n_defined());
  bootstrap_outcome<Scalar> out;
  // The spread of values that share all persons but two is that of the estimate over n - 1.
  out.standard_error = Scalar(*stats::replicate_sd(left_out) * (n - 1) / sqrt(n));
  const Scalar t = stats::student_t_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2, n - 1);
  out.interval = {estimate - t * *out.standard_error, estimate + t * *out.standard_error, level};
  return out;
}

/// "BCa bootstrap (1999 replicates, seed 7)"
[[nodiscard]] inline std::string bootstrap_name(const bootstrap_bca& settings, bool bca) {
  return std::string(bca ? "BCa" : "percentile") + " bootstrap (" + std::to_string(settings.replicates) +
         (settings.clusters.empty() ? " replicates" : " replicates of clusters") + ", seed " +
         std::to_string(settings.seed) + ")";
}

template <class Scalar>
void apply_bootstrap(const bootstrap_outcome<Scalar>& b, index n_replicates, basic_estimate<Scalar>& out) {
  out.interval = b.interval;
  out.standard_error = b.standard_error;
  if (b.n_undefined > 0) {
    out.notes.push_back("in " + std::to_string(b.n_undefined) + " of " + std::to_string(n_replicates) +
                        " resamples the coefficient is not defined; they were left out");
  }
}

}  // namespace detail

}  // namespace rapport

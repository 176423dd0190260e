// SPDX-License-Identifier: BSL-1.0
// Proportions and rates with intervals, of events that come in clusters: episodes of clients, clients of therapists.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <rapport/core/estimate.hpp>
#include <rapport/core/index.hpp>
#include <rapport/stats/distribution/chi_squared.hpp>
#include <rapport/stats/distribution/normal.hpp>

namespace rapport::stats {

/// The score interval of a proportion.
/// Model:       p with |p_hat - p| <= z sqrt(p (1 - p) / n)
/// \param share  observed proportion, in [0, 1]
/// \param n      trials, above 0; not whole if it is an effective number
/// \param level  confidence level, in (0, 1)
/// \return       the interval, within [0, 1]; the proportion lies in it, also at 0 and 1
/// Reference:    Wilson (1927), Probable inference, the law of succession, doi 10.1080/01621459.1927.10502953
/// R:            prop.test(x, n, correct = FALSE)$conf.int
template <class Scalar>
[[nodiscard]] basic_interval<Scalar> wilson_interval(const Scalar& share, const Scalar& n, double level = 0.95) {
  using std::sqrt;
  const Scalar z = normal_quantile<Scalar>((1 + static_cast<Scalar>(level)) / 2);
  const Scalar weight = z * z / n;
  const Scalar center = (share + weight / 2) / (1 + weight);
  const Scalar half = z * sqrt(Scalar(share * (1 - share) / n + weight / (4 * n))) / (1 + weight);
  return {(std::max)(Scalar(0), (std::min)(Scalar(center - half), share)),
          (std::min)(Scalar(1), (std::max)(Scalar(center + half), share)), level};
}

/// The exact interval of a Poisson rate.
/// Model:       count ~ Poisson(rate x exposure); the ends are rates at which so few, so many, have probability
///              (1 - level) / 2
/// \param count     events; not whole if it is an effective number
/// \param exposure  above 0; the unit of the rate
/// \param level     confidence level, in (0, 1)
/// \return          the interval of the rate
/// Reference:       Garwood (1936), Fiducial limits for the Poisson distribution, doi 10.1093/biomet/28.3-4.437
/// R:               poisson.test(count, exposure)$conf.int
template <class Scalar>
[[nodiscard]] basic_interval<Scalar> poisson_interval(const Scalar& count, const Scalar& exposure,
                                                      double level = 0.95) {
  const Scalar tail = (1 - static_cast<Scalar>(level)) / 2;
  const Scalar lower = count > 0 ? Scalar(chi_squared_quantile<Scalar>(tail, 2 * count) / 2) : Scalar(0);
  const Scalar upper = chi_squared_quantile<Scalar>(1 - tail, 2 * count + 2) / 2;
  return {lower / exposure, upper / exposure, level};
}

/// Events of one cluster, and the trials (or the time) in which they could happen.
template <class Scalar>
struct cluster_count {
  Scalar events{};
  Scalar exposure{};
};

namespace detail {

/// Events and exposure of all clusters, and the variance of the events around a common rate.
template <class Scalar>
struct pooled_counts {
  Scalar events{};
  Scalar exposure{};
  Scalar variance{};
  index n_clusters = 0;  ///< with some exposure

  explicit pooled_counts(std::span<const cluster_count<Scalar>> clusters) {
    for (const auto& each : clusters) {
      events += each.events;
      exposure += each.exposure;
      n_clusters += each.exposure > 0 ? 1 : 0;
    }
    if (n_clusters < 2) return;
    for (const auto& each : clusters) {
      const Scalar apart = each.events - each.exposure * events / exposure;
      variance += apart * apart;
    }
    variance *= static_cast<Scalar>(n_clusters) / static_cast<Scalar>(n_clusters - 1);
  }
};

}  // namespace detail

/// The proportion of trials with an event, where trials of one cluster may resemble each other.
/// Model:       share = events / trials; Wilson's interval at the effective number of trials n / deff, deff = variance
///              between clusters over the binomial one, at least 1. At shares of 0 and 1 every cluster counts as one trial
/// \param clusters  events and trials of each
/// \param level     confidence level, in (0, 1)
/// \return          the proportion; empty without trials
/// Reference:       Korn & Graubard (1998), Confidence intervals for proportions with small expected number of positive
///                  counts estimated from survey data, Survey Methodology 24, 193-201; effective n in Wilson's interval:
///                  Franco et al. (2019), doi 10.1093/jssam/smy019
template <class Scalar>
[[nodiscard]] std::optional<basic_estimate<Scalar>> clustered_proportion(
    std::span<const cluster_count<Scalar>> clusters, double level = 0.95) {
  const detail::pooled_counts<Scalar> all(clusters);
  if (!(all.exposure > 0)) return std::nullopt;
  const Scalar share = all.events / all.exposure;
  const Scalar binomial = share * (1 - share) * all.exposure;
  const Scalar n = binomial > 0 ? Scalar(all.exposure / (std::max)(Scalar(1), Scalar(all.variance / binomial)))
                                : (std::min)(all.exposure, static_cast<Scalar>(all.n_clusters));
  return basic_estimate<Scalar>{share,
                                std::nullopt,
                                wilson_interval<Scalar>(share, n, level),
                                "Wilson, effective number of trials by client",
                                all.n_clusters,
                                {}};
}

/// The rate of events per unit of exposure, where events of one cluster may come together.
/// Model:       rate = events / exposure; the exact Poisson interval of events / deff in exposure / deff, deff = variance
///              between clusters over the Poisson one, at least 1
/// \param clusters  events and exposure of each
/// \param level     confidence level, in (0, 1)
/// \return          the rate; empty without exposure
/// Reference:       Garwood (1936), doi 10.1093/biomet/28.3-4.437
template <class Scalar>
[[nodiscard]] std::optional<basic_estimate<Scalar>> clustered_rate(std::span<const cluster_count<Scalar>> clusters,
                                                                   double level = 0.95) {
  const detail::pooled_counts<Scalar> all(clusters);
  if (!(all.exposure > 0)) return std::nullopt;
  const Scalar effect = all.events > 0 ? (std::max)(Scalar(1), Scalar(all.variance / all.events)) : Scalar(1);
  return basic_estimate<Scalar>{all.events / all.exposure,
                                std::nullopt,
                                poisson_interval<Scalar>(all.events / effect, all.exposure / effect, level),
                                "exact Poisson, effective number of events by client",
                                all.n_clusters,
                                {}};
}

}  // namespace rapport::stats

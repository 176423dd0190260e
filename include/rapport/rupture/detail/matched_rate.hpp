// SPDX-License-Identifier: BSL-1.0
// What a detector finds if its threshold is set so that stable sessions give a chosen rate of false alarms.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/stats/matrix.hpp>

namespace rapport::detail {

/// The statistic in the sessions of one true episode, in order; sessions that were not judged hold the lowest number.
template <class Scalar>
struct episode_statistics {
  index client = 0;
  std::vector<Scalar> of_session{};
  Scalar largest = std::numeric_limits<Scalar>::lowest();
};

/// At one rate of false alarms.
template <class Scalar>
struct found_at_rate {
  std::optional<Scalar> threshold{};  ///< alarms lie above it; empty: every session that was judged
  Scalar false_alarms{};              ///< per 100 stable sessions, at most what was asked for
  std::optional<Scalar> sensitivity{};
  std::optional<Scalar> precision{};  ///< episodes found, of these and the false alarms of all stable sessions
  std::optional<Scalar> delay{};      ///< mean, in scored sessions, of episodes that were found
};

/// Statistics of stable sessions and of true episodes, ready for any threshold and any weights of clients.
template <class Scalar>
class rate_curve {
 public:
  /// The largest statistics first; `judged` holds (statistic, client) of the stable sessions that set the rate and have a
  /// statistic, `stable` how many such sessions each client has, judged or not, `all_stable` all stable ones.
  rate_curve(std::vector<std::pair<Scalar, index>> judged, std::vector<Scalar> stable, std::vector<Scalar> all_stable,
             std::vector<episode_statistics<Scalar>> episodes)
      : judged_(std::move(judged)),
        stable_(std::move(stable)),
        all_stable_(std::move(all_stable)),
        episodes_(std::move(episodes)) {
    std::sort(judged_.begin(), judged_.end(), [](const auto& a, const auto& b) { return a > b; });
    std::sort(episodes_.begin(), episodes_.end(), [](const auto& a, const auto& b) { return a.largest > b.largest; });
  }

  /// With the lowest threshold that gives at most so many false alarms per 100 stable sessions.
  [[nodiscard]] std::optional<found_at_rate<Scalar>> at(const Scalar& rate, const stats::vector<Scalar>& weight) const {
    const Scalar n_stable = total(stable_, weight);
    if (!(n_stable > 0)) return std::nullopt;
    found_at_rate<Scalar> out;
    Scalar alarms(0);
    for (std::size_t i = 0; i < judged_.size();) {
      Scalar ties(0);
      std::size_t next = i;
      for (; next < judged_.size() && judged_[next].first == judged_[i].first; ++next)
        ties += weight(judged_[next].second);
      if (100 * (alarms + ties) > rate * n_stable * (1 + Scalar(1e-12))) {
        out.threshold = judged_[i].first;
        break;
      }
      alarms += ties;
      i = next;
    }
    out.false_alarms = 100 * alarms / n_stable;
    Scalar n(0);
    Scalar found(0);
    Scalar waited(0);
    for (const auto& each : episodes_) {
      const Scalar w = weight(each.client);
      n += w;
      const auto first = std::find_if(each.of_session.begin(), each.of_session.end(),
                                      [&](const Scalar& s) { return is_alarm(s, out.threshold); });
      if (first == each.of_session.end()) continue;
      found += w;
      waited += w * static_cast<Scalar>(first - each.of_session.begin());
    }
    if (n > 0) out.sensitivity = found / n;
    if (found > 0) out.delay = waited / found;
    const Scalar false_ones = alarms / n_stable * total(all_stable_, weight);
    if (found + false_ones > 0) out.precision = found / (found + false_ones);
    return out;
  }

  /// The mean sensitivity over false alarms from 0 to `rate` per 100 stable sessions, straight lines between thresholds.
  [[nodiscard]] std::optional<Scalar> area(const Scalar& rate, const stats::vector<Scalar>& weight) const {
    const Scalar n_stable = total(stable_, weight);
    Scalar n(0);
    for (const auto& each : episodes_) n += weight(each.client);
    if (!(n_stable > 0) || !(n > 0)) return std::nullopt;
    const Scalar end = rate * n_stable / 100;
    Scalar area(0);
    Scalar alarms(0);
    Scalar found(0);
    std::size_t e = 0;
    for (std::size_t i = 0; i < judged_.size() && alarms < end;) {
      const Scalar at = judged_[i].first;
      for (; e < episodes_.size() && episodes_[e].largest > at; ++e) found += weight(episodes_[e].client);
      Scalar ties(0);
      for (; i < judged_.size() && judged_[i].first == at; ++i) ties += weight(judged_[i].second);
      Scalar more(0);
      for (; e < episodes_.size() && episodes_[e].largest == at; ++e) more += weight(episodes_[e].client);
      if (ties > 0) {
        const Scalar width = (std::min)(ties, Scalar(end - alarms));
        area += width * (found + more * width / ties / 2);
      }
      alarms += ties;
      found += more;
    }
    // Below the lowest statistic there is nothing left to find but by alarms at random.
    if (alarms < end) {
      for (; e < episodes_.size() && episodes_[e].largest > std::numeric_limits<Scalar>::lowest(); ++e)
        found += weight(episodes_[e].client);
      area += (end - alarms) * found;
    }
    return area / (end * n);
  }

 private:
  [[nodiscard]] static bool is_alarm(const Scalar& s, const std::optional<Scalar>& threshold) {
    return threshold ? s > *threshold : s > std::numeric_limits<Scalar>::lowest();
  }
  [[nodiscard]] static Scalar total(const std::vector<Scalar>& of_client, const stats::vector<Scalar>& weight) {
    Scalar sum(0);
    for (index c = 0; c < std::ssize(of_client); ++c) sum += weight(c) * of_client[as_size(c)];
    return sum;
  }

  std::vector<std::pair<Scalar, index>> judged_;
  std::vector<Scalar> stable_;
  std::vector<Scalar> all_stable_;
  std::vector<episode_statistics<Scalar>> episodes_;
};

}  // namespace rapport::detail

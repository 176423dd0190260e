// SPDX-License-Identifier: BSL-1.0
// Many clients, many subscales: which episodes stand when the share of false ones among them is to be kept low.
#pragma once

#include <span>
#include <vector>

#include <rapport/rupture/detect.hpp>
#include <rapport/stats/false_discovery.hpp>

namespace rapport {

/// Sets q_null of all episodes over the clients of several detections: the same panel by subscales, or by detectors.
/// Model:      each evaluable client of each detection is one test, with the smallest p_null of its episodes (1 without
///             any); q_null of an episode is the adjusted p-value (Benjamini and Hochberg) of its client. An episode with
///             q_null <= .1 belongs to a list of which at most a tenth is false on average
/// \param all  with chance levels; an episode without p_null gets no q_null
/// Not for:    a false discovery rate over episodes: a client's further episodes share the q_null of the clearest one
/// Reference:  Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x
template <class Scalar>
void control_false_discoveries(std::span<basic_detection<Scalar>> all) {
  std::vector<Scalar> p;
  std::vector<std::vector<index>> test_of(all.size());
  for (std::size_t d = 0; d < all.size(); ++d) {
    for (const auto& client : all[d].clients) {
      test_of[d].push_back(client.not_evaluable == nullptr ? std::ssize(p) : index{-1});
      if (client.not_evaluable == nullptr) p.push_back(Scalar(1));
    }
    for (const auto& e : all[d].episodes) {
      const index test = test_of[d][as_size(e.client_position)];
      if (test >= 0 && e.p_null && *e.p_null < p[as_size(test)]) p[as_size(test)] = *e.p_null;
    }
  }
  const auto adjusted = stats::false_discovery_adjusted<Scalar>(p);
  for (std::size_t d = 0; d < all.size(); ++d) {
    for (auto& e : all[d].episodes) {
      const index test = test_of[d][as_size(e.client_position)];
      e.q_null.reset();
      if (test >= 0 && e.p_null) e.q_null = adjusted[as_size(test)];
    }
  }
}

}  // namespace rapport

// SPDX-License-Identifier: BSL-1.0
// The scores of a panel as the rows of a mixed model with powers of time.
#pragma once

#include <vector>

#include <rapport/data/session_panel.hpp>
#include <rapport/stats/mixed_model/design.hpp>

namespace rapport::stats {

/// A polynomial in time whose first terms differ between clients.
struct time_polynomial {
  index n_fixed = 2;   ///< terms of the mean curve: 1 for a constant, 2 for a line, ...
  index n_random = 2;  ///< the first so many of them differ between clients
  double center = 0;   ///< the time that counts as 0
  random_structure structure = random_structure::correlated;
};

/// The rows of the model, clients without a score left out.
template <class Scalar>
struct session_rows {
  mixed_model_data<Scalar> data{};
  std::vector<index> client_of_cluster{};  ///< position of each cluster's client in the panel
};

/// Lists the scored sessions of a panel with the powers of their times.
template <class Scalar>
[[nodiscard]] session_rows<Scalar> rows_of(const basic_session_panel<Scalar>& panel, const time_polynomial& shape) {
  session_rows<Scalar> out;
  const index n = panel.n_observed();
  out.data.x.resize(n, shape.n_fixed);
  out.data.z.resize(n, shape.n_random);
  out.data.y.resize(n);
  out.data.structure = shape.structure;
  index row = 0;
  for (index client = 0; client < panel.n_clients(); ++client) {
    const auto series = panel.series(client);
    const index first = row;
    for (index t = 0; t < series.size(); ++t) {
      if (!series.is_observed(t)) continue;
      const Scalar time = series.session[as_size(t)] - static_cast<Scalar>(shape.center);
      Scalar power(1);
      for (index j = 0; j < shape.n_fixed; ++j) {
        out.data.x(row, j) = power;
        if (j < shape.n_random) out.data.z(row, j) = power;
        power *= time;
      }
      out.data.y(row) = series[t];
      ++row;
    }
    if (row == first) continue;
    out.data.cluster_begin.push_back(first);
    out.client_of_cluster.push_back(client);
  }
  out.data.cluster_begin.push_back(n);
  return out;
}

}  // namespace rapport::stats

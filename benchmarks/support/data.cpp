// SPDX-License-Identifier: BSL-1.0
// Generators of the benchmarks' data.
#include "data.hpp"

#include <cmath>
#include <ostream>

#include <rapport/core/failure.hpp>
#include <rapport/core/missing.hpp>
#include <rapport/core/random.hpp>

namespace bench {

using rapport::as_size;
using rapport::random_stream;

rapport::stats::matrix<double> item_answers(index persons, index items, double missing_share) {
  constexpr double cuts[] = {-1.2, -0.4, 0.4, 1.2};
  rapport::stats::matrix<double> out(persons, items);
  random_stream random(seed, 1);
  for (index i = 0; i < persons; ++i) {
    const double trait = random.normal();
    for (index j = 0; j < items; ++j) {
      const double loading = 0.5 + 0.3 * static_cast<double>(j) / static_cast<double>(items);
      const double latent = loading * trait + std::sqrt(1 - loading * loading) * random.normal();
      double answer = 1;
      for (const double cut : cuts) answer += latent > cut ? 1 : 0;
      out(i, j) = random.chance(missing_share) ? rapport::missing_value<double>() : answer;
    }
  }
  return out;
}

const char* to_string(schedule when) noexcept {
  switch (when) {
    case schedule::balanced: return "balanced";
    case schedule::unbalanced: return "unbalanced";
    case schedule::dated: return "dated";
  }
  return "unknown";
}

rapport::stats::mixed_model_data<double> growth_rows(index clients, index sessions, schedule when,
                                                     const growth_truth& truth) {
  rapport::stats::mixed_model_data<double> out;
  const index most = clients * sessions;
  out.x.resize(most, 2);
  out.y.resize(most);
  const double own = std::sqrt(1 - truth.correlation * truth.correlation);
  index row = 0;
  for (index c = 0; c < clients; ++c) {
    random_stream random(seed, static_cast<std::uint64_t>(1000 + c));
    const double z = random.normal();
    const double level = truth.intercept + truth.intercept_sd * z;
    const double trend = truth.slope + truth.slope_sd * (truth.correlation * z + own * random.normal());
    out.cluster_begin.push_back(row);
    for (index s = 0; s < sessions; ++s) {
      // Weekly sessions take place on one of five days.
      const double day = when == schedule::dated ? static_cast<double>(random.below(5)) / 7 : 0;
      const double time = static_cast<double>(s) + day;
      const double score = level + trend * time + truth.residual_sd * random.normal();
      const bool is_dropped = when != schedule::balanced && random.chance(0.1);
      const index kept = row - out.cluster_begin.back();
      if (is_dropped && kept + (sessions - s) > 3) continue;
      out.x(row, 0) = 1;
      out.x(row, 1) = time;
      out.y(row) = score;
      ++row;
    }
  }
  out.cluster_begin.push_back(row);
  out.x.conservativeResize(row, 2);
  out.y.conservativeResize(row);
  out.z = out.x;
  return out;
}

rapport::session_panel panel_of(const rapport::stats::mixed_model_data<double>& rows) {
  std::vector<index> client;
  std::vector<double> session;
  std::vector<double> score;
  for (index c = 0; c < rows.n_clusters(); ++c) {
    for (index i = rows.cluster_begin[as_size(c)]; i < rows.cluster_begin[as_size(c) + 1]; ++i) {
      client.push_back(c + 1);
      session.push_back(rows.x(i, 1));
      score.push_back(rows.y(i));
    }
  }
  return rapport::session_panel::make(client, session, score).value();
}

void cross_products(const rapport::stats::mixed_model_data<double>& rows, std::vector<double>& sums) {
  const index clients = rows.n_clusters();
  sums.resize(as_size(5 * clients));
  const double* z0 = rows.z.data();
  const double* z1 = z0 + rows.z.rows();
  const double* y = rows.y.data();
  double* out = sums.data();
  for (index c = 0; c < clients; ++c, out += 5) {
    double s00 = 0;
    double s01 = 0;
    double s11 = 0;
    double s0y = 0;
    double s1y = 0;
    for (index i = rows.cluster_begin[as_size(c)]; i < rows.cluster_begin[as_size(c) + 1]; ++i) {
      s00 += z0[i] * z0[i];
      s01 += z0[i] * z1[i];
      s11 += z1[i] * z1[i];
      s0y += z0[i] * y[i];
      s1y += z1[i] * y[i];
    }
    out[0] = s00;
    out[1] = s01;
    out[2] = s11;
    out[3] = s0y;
    out[4] = s1y;
  }
}

void write_csv(std::ostream& out, const rapport::stats::mixed_model_data<double>& rows) {
  out << "client,session,score\n";
  for (index c = 0; c < rows.n_clusters(); ++c) {
    for (index i = rows.cluster_begin[as_size(c)]; i < rows.cluster_begin[as_size(c) + 1]; ++i) {
      out << c + 1 << ',' << rows.x(i, 1) << ',' << rows.y(i) << '\n';
    }
  }
}

void write_csv(std::ostream& out, const rapport::stats::matrix<double>& table) {
  for (index j = 0; j < table.cols(); ++j) out << (j == 0 ? "" : ",") << 'i' << j + 1;
  out << '\n';
  for (index i = 0; i < table.rows(); ++i) {
    for (index j = 0; j < table.cols(); ++j) {
      if (j > 0) out << ',';
      if (rapport::is_missing(table(i, j))) {
        out << "NA";
      } else {
        out << table(i, j);
      }
    }
    out << '\n';
  }
}

}  // namespace bench

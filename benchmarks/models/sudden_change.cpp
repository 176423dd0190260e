// SPDX-License-Identifier: BSL-1.0
// Sudden gains of many clients by the three criteria, as R suddengains finds them.
#include <cmath>
#include <ostream>
#include <string>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/rupture/sudden_change.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::index;

constexpr index n_sessions = 12;

/// Whole-number symptom scores from 0 to 40, one in ten missing; every third client falls by 8 from session 8 on.
rapport::response_matrix symptoms(index clients) {
  rapport::random_stream random(bench::seed, 32);
  rapport::response_matrix out(clients, n_sessions);
  for (index c = 0; c < clients; ++c) {
    const double level = 15 + 17 * random.uniform();
    for (index t = 0; t < n_sessions; ++t) {
      const double fall = c % 3 == 2 && t >= 7 ? 8 : 0;
      const double score = std::round(level + 3 * random.normal() - fall);
      out(c, t) = random.chance(0.1) ? std::nan("") : std::fmin(40, std::fmax(0, score));
    }
  }
  return out;
}

rapport::sudden_change_rule seven_points() {
  rapport::sudden_change_rule rule;
  rule.cutoff = 7;
  return rule;
}

/// The criteria in plain loops.
index naive_count(const rapport::response_matrix& scores) {
  index n = 0;
  for (index c = 0; c < scores.n_persons(); ++c) {
    for (index j = 2; j + 1 < n_sessions; ++j) {
      double sum[2] = {0, 0};
      double squares[2] = {0, 0};
      double count[2] = {0, 0};
      for (index t = (std::max)(index{0}, j - 3); t < (std::min)(n_sessions, j + 3); ++t) {
        if (!std::isnan(scores(c, t))) sum[t >= j] += scores(c, t), count[t >= j] += 1;
      }
      if (count[0] < 2 || count[1] < 2) continue;
      for (index t = (std::max)(index{0}, j - 3); t < (std::min)(n_sessions, j + 3); ++t) {
        const double off = scores(c, t) - sum[t >= j] / count[t >= j];
        if (!std::isnan(off)) squares[t >= j] += off * off;
      }
      const double df = count[0] + count[1] - 2;
      const double critical = rapport::stats::student_t_quantile<double>(0.975, df);
      const double fall = scores(c, j - 1) - scores(c, j);
      const double apart = sum[0] / count[0] - sum[1] / count[1];
      n += fall >= 7 && fall >= 0.25 * scores(c, j - 1) && apart > critical * std::sqrt((squares[0] + squares[1]) / df);
    }
  }
  return n;
}

void sudden_gains(benchmark::State& state, index clients) {
  const auto scores = symptoms(clients);
  const auto rule = seven_points();
  const index n = std::ssize(rapport::find_sudden_changes(scores, rule).value().changes);
  bench::check(n == naive_count(scores), "the number of gains differs from the naive count");
  bench::check(n > 0, "there are no gains");
  bench::compare(
      state,
      {.n = {{"clients", clients}, {"sessions", n_sessions}},
       .floor = "one pass over the scores",
       .answer = static_cast<double>(n)},
      [&] { return rapport::find_sudden_changes(scores, rule); },
      [&] {
        double sum = 0;
        for (index c = 0; c < clients; ++c) {
          for (index t = 0; t < n_sessions; ++t) sum += scores(c, t);
        }
        return sum;
      });
}

const bench::registration add_all([] {
  for (const index clients : {index{100}, index{10000}}) {
    if (bench::current_settings().skips(clients * n_sessions)) continue;
    const std::string name = "models/sudden_gains/clients_" + std::to_string(clients);
    bench::add(name, [=](benchmark::State& state) { sudden_gains(state, clients); });
    bench::add_table(name, "sudden_gains", "symptoms_" + std::to_string(clients) + ".csv", [=](std::ostream& out) {
      out << "id";
      for (index t = 1; t <= n_sessions; ++t) out << ",s" << t;
      const auto scores = symptoms(clients);
      for (index c = 0; c < clients; ++c) {
        out << '\n' << c + 1;
        for (index t = 0; t < n_sessions; ++t) {
          out << ',';
          if (!std::isnan(scores(c, t))) out << scores(c, t);
        }
      }
      out << '\n';
    });
  }
});

}  // namespace

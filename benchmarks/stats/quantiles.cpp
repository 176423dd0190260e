// SPDX-License-Identifier: BSL-1.0
// Quantiles of the normal, t and F distributions, beside one exponential per number.
#include <cmath>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/stats/distribution/fisher_f.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>
#include "data.hpp"
#include "measure.hpp"

namespace {

using rapport::as_size;
using rapport::index;

constexpr index n_numbers = 1024;

struct arguments {
  std::vector<double> p = std::vector<double>(as_size(n_numbers));
  std::vector<double> df = std::vector<double>(as_size(n_numbers));
  std::vector<double> out = std::vector<double>(as_size(n_numbers));

  arguments() {
    rapport::random_stream random(bench::seed);
    for (double& each : p) each = random.uniform();
    for (double& each : df) each = 4 + 200 * random.uniform();
  }
};

template <class Quantile>
void measure(benchmark::State& state, arguments& given, const Quantile& quantile) {
  bench::compare(
      state, {.n = {{"numbers", n_numbers}}, .floor = "one std::exp per number", .operations = n_numbers},
      [&] {
        for (std::size_t i = 0; i < given.p.size(); ++i) given.out[i] = quantile(given.p[i], given.df[i]);
      },
      [&] {
        for (std::size_t i = 0; i < given.p.size(); ++i) given.out[i] = std::exp(given.p[i]);
      });
}

void normal(benchmark::State& state) {
  arguments given;
  // R 4.2.2: qnorm(c(.975, 1e-10)); good to some units in the last place.
  bench::check_close(rapport::stats::normal_quantile(0.975), 1.9599639845400536, 1e-14, "qnorm(.975)");
  bench::check_close(rapport::stats::normal_quantile(1e-10), -6.3613409024040557, 1e-14, "qnorm(1e-10)");
  for (const double p : given.p)
    bench::check_close(rapport::stats::normal_cdf(rapport::stats::normal_quantile(p)), p, 1e-14, "pnorm(qnorm(p))");
  measure(state, given, [](double p, double) { return rapport::stats::normal_quantile(p); });
}

void student_t(benchmark::State& state) {
  arguments given;
  // R 4.2.2: qt(c(.975, .999), c(7.3, 58)); 1e-13 is what the two libraries agree on.
  bench::check_close(rapport::stats::student_t_quantile(0.975, 7.3), 2.3450667365477025, 1e-13, "qt(.975, 7.3)");
  bench::check_close(rapport::stats::student_t_quantile(0.999, 58.0), 3.2367953388866741, 1e-13, "qt(.999, 58)");
  for (std::size_t i = 0; i < given.p.size(); ++i) {
    const double t = rapport::stats::student_t_quantile(given.p[i], given.df[i]);
    const double tail = rapport::stats::student_t_two_sided(t, given.df[i]);
    bench::check_close(tail, 2 * (std::min)(given.p[i], 1 - given.p[i]), 1e-12, "2 pt(-|qt(p, df)|, df)");
  }
  measure(state, given, [](double p, double df) { return rapport::stats::student_t_quantile(p, df); });
}

void fisher_f(benchmark::State& state) {
  arguments given;
  // Feldt's interval of 60 and of 200 000 persons. R 4.2.2: qf(c(.025, .975), 59, 649). For the large one R's qf takes
  // the second df for infinite (1.0062074); from the beta distribution: x = qbeta(.975, 199999 / 2, 2199989 / 2),
  // x / (1 - x) * 2199989 / 199999.
  bench::check_close(rapport::stats::fisher_f_quantile(0.025, 59.0, 649.0), 0.66353471431554989, 1e-12, "qf(.025)");
  bench::check_close(rapport::stats::fisher_f_quantile(0.975, 59.0, 649.0), 1.41855401707443973, 1e-12, "qf(.975)");
  bench::check_close(rapport::stats::fisher_f_quantile(0.975, 199999.0, 2199989.0), 1.006485669985528, 1e-11,
                     "the .975 quantile for 199999 and 2199989 df");
  for (std::size_t i = 0; i < given.p.size(); ++i) {
    const double t = rapport::stats::student_t_quantile((1 + given.p[i]) / 2, given.df[i]);
    bench::check_close(rapport::stats::fisher_f_quantile(given.p[i], 1.0, given.df[i]), t * t, 1e-11,
                       "qf(p, 1, df) against qt((1 + p) / 2, df)^2");
  }
  measure(state, given, [](double p, double df) { return rapport::stats::fisher_f_quantile(p, df, 11 * df); });
}

const bench::registration add_all([] {
  bench::add("stats/normal_quantile", normal);
  bench::add("stats/student_t_quantile", student_t);
  bench::add("stats/fisher_f_quantile", fisher_f);
});

}  // namespace

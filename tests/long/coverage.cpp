// SPDX-License-Identifier: BSL-1.0
// How often do 95 % intervals for alpha, omega and Rc hold the population value of the answers that are observed?
//
// usage: coverage alpha|omega|rc CELLS FIRST REPLICATES             analytic intervals
//        coverage alpha-bootstrap|omega-bootstrap CELLS FIRST REPLICATES   999 resamples in each replicate
//        coverage cells                                             lists the cells
// CELLS is a range like 0-119. FIRST is the number of the first replicate: parts with other numbers are other data, and
// tests/long/coverage.py adds the parts up. One line of CSV per cell and interval on the output.
//
// Persons have a normal trait, items are loadings x trait + normal error, with loadings from .5 to .8. Ceiling 0: these
// numbers are the answers. Else answers fall into five categories, the given share of them into the highest. The
// population value follows from the exact covariances of the categories, which are sums of bivariate normal
// probabilities; for omega it is the one-factor solution of these covariances.
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/reliability/multilevel.hpp>
#include <rapport/reliability/omega.hpp>
#include <rapport/stats/distribution/bivariate_normal.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/distribution/student_t.hpp>

namespace {

using rapport::index;
using matrix = rapport::stats::matrix<double>;
using vector = rapport::stats::vector<double>;

struct cell {
  index persons = 0;
  index items = 0;
  double ceiling = 0;  ///< share of the highest category; 0: continuous answers
  double missing = 0;
};

std::vector<cell> all_cells() {
  std::vector<cell> out;
  for (const double missing : {0.0, 0.1}) {
    for (const double ceiling : {0.0, 0.3, 0.6}) {
      for (const index items : {3, 6, 12, 36}) {
        for (const index persons : {30, 50, 100, 200, 500}) out.push_back({persons, items, ceiling, missing});
      }
    }
  }
  return out;
}

/// The thresholds of the categories: the highest begins where the share says, the others .8 below each other.
std::vector<double> thresholds_of(double ceiling) {
  if (!(ceiling > 0)) return {};
  const double last = rapport::stats::normal_quantile(1 - ceiling);
  return {last - 2.4, last - 1.6, last - 0.8, last};
}

double answer_of(double latent, const std::vector<double>& thresholds) {
  if (thresholds.empty()) return latent;
  double out = 1;
  for (const double t : thresholds) out += latent > t ? 1 : 0;
  return out;
}

/// Covariance of two answers whose latent values are standard normal with correlation rho; rho = 1: their variance.
double covariance_of_answers(double rho, const std::vector<double>& thresholds) {
  if (thresholds.empty()) return rho;
  double out = 0;
  for (const double s : thresholds) {
    for (const double t : thresholds) {
      const double both = rapport::stats::bivariate_normal_cdf(-s, -t, rho);
      out += both - rapport::stats::normal_cdf(-s) * rapport::stats::normal_cdf(-t);
    }
  }
  return out;
}

double loading_of(index item, index items) {
  return 0.5 + 0.3 * static_cast<double>(item) / static_cast<double>(items - 1);
}

matrix population_covariance(const cell& c) {
  const auto thresholds = thresholds_of(c.ceiling);
  matrix out(c.items, c.items);
  for (index i = 0; i < c.items; ++i) {
    for (index j = 0; j < c.items; ++j) {
      const double rho = i == j ? 1 : loading_of(i, c.items) * loading_of(j, c.items);
      out(i, j) = covariance_of_answers(rho, thresholds);
    }
  }
  return out;
}

matrix draw_scale(const cell& c, rapport::random_stream& random) {
  const auto thresholds = thresholds_of(c.ceiling);
  matrix out(c.persons, c.items);
  for (index i = 0; i < c.persons; ++i) {
    const double trait = random.normal();
    for (index j = 0; j < c.items; ++j) {
      const double l = loading_of(j, c.items);
      const double latent = l * trait + std::sqrt(1 - l * l) * random.normal();
      out(i, j) = answer_of(latent, thresholds);
      if (random.chance(c.missing)) out(i, j) = std::nan("");
    }
  }
  return out;
}

/// Sessions of clients: correlation .4 between sessions, .6 between the items of one session.
constexpr double same_client = 0.4;
constexpr double same_session = 0.6;
constexpr index n_sessions = 5;

double population_rc(const cell& c) {
  const auto thresholds = thresholds_of(c.ceiling);
  const double within = covariance_of_answers(same_session, thresholds);
  const double session = within - covariance_of_answers(same_client, thresholds);
  const double rest = covariance_of_answers(1, thresholds) - within;
  return session / (session + rest / static_cast<double>(c.items));
}

rapport::result<rapport::session_items> draw_sessions(const cell& c, rapport::random_stream& random) {
  const auto thresholds = thresholds_of(c.ceiling);
  rapport::response_matrix items(c.persons * n_sessions, c.items);
  std::vector<index> client;
  std::vector<index> session;
  for (index i = 0; i < c.persons; ++i) {
    const double trait = std::sqrt(same_client) * random.normal();
    for (index t = 0; t < n_sessions; ++t) {
      const double state = trait + std::sqrt(same_session - same_client) * random.normal();
      for (index j = 0; j < c.items; ++j) {
        const double answer = answer_of(state + std::sqrt(1 - same_session) * random.normal(), thresholds);
        if (!random.chance(c.missing)) items(std::ssize(client), j) = answer;
      }
      client.push_back(i);
      session.push_back(t);
    }
  }
  return rapport::session_items::make(client, session, items);
}

struct count {
  long covered = 0;
  long below = 0;  ///< the whole interval lies below the population value
  long above = 0;
  long failed = 0;
};

class tally {
 public:
  explicit tally(double population) : population_(population) {}

  void add(const std::string& name, double lower, double upper) {
    count& one = counts_[name];
    if (!std::isfinite(lower) || !std::isfinite(upper)) {
      ++one.failed;
    } else if (upper < population_) {
      ++one.below;
    } else if (lower > population_) {
      ++one.above;
    } else {
      ++one.covered;
    }
  }
  void add(const std::string& name, const rapport::result<rapport::basic_interval<double>>& i) {
    i ? add(name, i->lower, i->upper) : fail(name);
  }
  void add(const std::string& name, const rapport::result<rapport::basic_estimate<double>>& e) {
    e ? add(name, e->interval.lower, e->interval.upper) : fail(name);
  }
  void fail(const std::string& name) { ++counts_[name].failed; }

  void print(const std::string& coefficient, const cell& c, long first, long replicates) const {
    for (const auto& [name, n] : counts_) {
      std::printf("%s,%s,%td,%td,%g,%g,%ld,%ld,%ld,%ld,%ld,%ld,%.10f\n", coefficient.c_str(), name.c_str(), c.persons,
                  c.items, c.ceiling, c.missing, first, replicates, n.covered, n.below, n.above, n.failed, population_);
    }
    std::fflush(stdout);
  }

 private:
  double population_;
  std::map<std::string, count> counts_{};
};

/// A standard error turned into an interval on the scales of log(1 - x) and log(x / (1 - x)).
void add_scales(tally& t, const std::string& name, double x, double se, double quantile) {
  const double half = quantile * se / (1 - x);
  t.add(name + " log", 1 - (1 - x) * std::exp(half), 1 - (1 - x) * std::exp(-half));
  if (!(x > 0)) return t.fail(name + " logit");
  const double centre = std::log(x / (1 - x));
  t.add(name + " logit", 1 / (1 + std::exp(half / x - centre)), 1 / (1 + std::exp(-half / x - centre)));
}

/// The interval that the library gives without a choice, and its standard error on two other scales.
void add_default(tally& t, const rapport::result<rapport::basic_estimate<double>>& found) {
  t.add("default", found);
  if (!found || found->method.find("jackknife") == std::string::npos) {
    for (const char* name : {"jackknife log", "jackknife logit"}) t.fail(name);
    return;
  }
  const double quantile = rapport::stats::student_t_quantile(0.975, static_cast<double>(found->n - 1));
  add_scales(t, "jackknife", found->estimate, *found->standard_error, quantile);
}

void try_alpha(const matrix& x, tally& t) {
  using kind = rapport::alpha_interval;
  add_default(t, rapport::cronbach_alpha(x));
  const auto c = rapport::stats::covariance(x);
  for (const kind k : {kind::feldt, kind::bonett, kind::duhachek}) {
    const std::string name(to_string(k));
    c ? t.add(name, rapport::cronbach_alpha(*c, {.interval = k})) : t.fail(name);
  }
  t.add("ADF", rapport::cronbach_alpha(x, {.interval = kind::adf}));
}

void try_omega(const matrix& x, tally& t) {
  using kind = rapport::omega_interval;
  add_default(t, rapport::omega_total(x));
  t.add("ADF", rapport::omega_total(x, {.interval = kind::adf}));
  const auto delta = rapport::omega_total(x, {.interval = kind::delta});
  t.add("delta", delta);
  if (!delta) return t.fail("logit");
  t.add("logit", rapport::detail::omega_interval_of(delta->estimate, *delta->standard_error, kind::logit,
                                                    delta->interval.level));
}

void try_bootstrap(bool alpha, const matrix& x, std::uint64_t seed, tally& t) {
  const rapport::bootstrap_bca bca{.replicates = 999, .seed = seed, .threads = 1};
  const rapport::bootstrap_percentile percentile{.replicates = 999, .seed = seed, .threads = 1};
  if (alpha) {
    t.add("BCa", rapport::cronbach_alpha(x, {.interval = bca}));
    t.add("percentile", rapport::cronbach_alpha(x, {.interval = percentile}));
  } else {
    t.add("BCa", rapport::omega_total(x, {.interval = bca}));
  }
}

double population_of(const std::string& what, const cell& c) {
  if (what == "rc") return population_rc(c);
  const matrix s = population_covariance(c);
  if (what.rfind("alpha", 0) == 0) return rapport::detail::alpha_of(s);
  const auto fit = rapport::stats::fit_one_factor(s).value();
  return rapport::composite_reliability(vector(fit.loadings.col(0)), fit.uniqueness).value();
}

void run_cell(const std::string& what, const cell& c, index number, long first, long replicates) {
  tally t(population_of(what, c));
  for (long r = first; r < first + replicates; ++r) {
    // Every cell and replicate has a stream of its own.
    rapport::random_stream random(20240601, static_cast<std::uint64_t>(number) * 100000000 + std::uint64_t(r));
    if (what == "rc") {
      const auto data = draw_sessions(c, random);
      t.add("default", data ? rapport::change_reliability(*data) : data.error());
      continue;
    }
    const matrix x = draw_scale(c, random);
    if (what == "alpha") try_alpha(x, t);
    if (what == "omega") try_omega(x, t);
    if (what == "alpha-bootstrap" || what == "omega-bootstrap")
      try_bootstrap(what == "alpha-bootstrap", x, static_cast<std::uint64_t>(r) + 1, t);
  }
  t.print(what.substr(0, what.find('-')), c, first, replicates);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto cells = all_cells();
  if (what == "cells") {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::printf("%zu: %td persons, %td items, ceiling %g %%, missing %g %%\n", i, cells[i].persons, cells[i].items,
                  100 * cells[i].ceiling, 100 * cells[i].missing);
    }
    return 0;
  }
  const bool known =
      what == "alpha" || what == "omega" || what == "rc" || what == "alpha-bootstrap" || what == "omega-bootstrap";
  if (!known || argc != 5) {
    std::fputs("usage: coverage alpha|omega|rc|alpha-bootstrap|omega-bootstrap CELLS FIRST REPLICATES\n", stderr);
    return 2;
  }
  const std::string range = argv[2];
  const std::size_t dash = range.find('-');
  const std::size_t begin = std::stoul(range);
  const std::size_t end = dash == std::string::npos ? begin : std::stoul(range.substr(dash + 1));
  for (std::size_t i = begin; i <= end && i < cells.size(); ++i)
    run_cell(what, cells[i], static_cast<rapport::index>(i), std::stol(argv[3]), std::stol(argv[4]));
  return 0;
}

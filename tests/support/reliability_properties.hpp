// SPDX-License-Identifier: BSL-1.0
// What must hold of every reliability coefficient on every table: checked here, counted by the programs that include this.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/reliability/alpha.hpp>
#include <rapport/reliability/guttman.hpp>
#include <rapport/reliability/icc_inference.hpp>
#include <rapport/reliability/item_statistics.hpp>
#include <rapport/reliability/kappa.hpp>
#include <rapport/reliability/kendall.hpp>
#include <rapport/reliability/krippendorff.hpp>
#include <rapport/reliability/multi_rater.hpp>
#include <rapport/reliability/omega.hpp>
#include <rapport/reliability/ordinal.hpp>
#include <rapport/reliability/split_half.hpp>

namespace properties {

using table = rapport::stats::matrix<double>;

/// How often each property was looked at, and how often it did not hold; refusals by their reason.
class record {
 public:
  void check(const std::string& property, bool holds, int table_number) {
    auto& one = checks_[property];
    ++one.seen;
    if (!holds && ++one.broken == 1) one.first_broken = table_number;
  }
  void refused(std::string_view what, const rapport::error& e) {
    ++refusals_[std::string(what) + ": " + "rapport." + std::to_string(static_cast<int>(e.code))];
    // A reason is a sentence that names the place.
    check("a refusal has words", !rapport::message(e).view().empty(), 0);
  }

  struct counts {
    long seen = 0;
    long broken = 0;
    int first_broken = -1;
  };
  [[nodiscard]] const std::map<std::string, counts>& checks() const { return checks_; }
  [[nodiscard]] const std::map<std::string, long>& refusals() const { return refusals_; }

 private:
  std::map<std::string, counts> checks_{};
  std::map<std::string, long> refusals_{};
};

/// Answers of persons to items: 2 to 61 persons, 2 to 9 items, up to 7 categories of which some may be empty, items that
/// do not vary, items that run against the others, missing cells.
inline table ordinal_table(int number) {
  rapport::random_stream random(51, static_cast<std::uint64_t>(number));
  const rapport::index n = 2 + (random.chance(0.5) ? random.below(9) : random.below(60));
  const rapport::index k = 2 + random.below(8);
  const rapport::index categories = 2 + random.below(6);
  const double strength = 1.5 * random.uniform();
  const double shift = 3 * (random.uniform() - 0.5);  // towards one end: empty categories and ceilings
  const double missing = random.chance(0.5) ? 0 : 0.3 * random.uniform();
  const double odd_items = random.chance(0.7) ? 0 : 0.4;
  table x(n, k);
  for (rapport::index j = 0; j < k; ++j) {
    for (rapport::index i = 0; i < n; ++i) x(i, j) = random.normal();
  }
  for (rapport::index i = 0; i < n; ++i) {
    const double trait = strength * random.normal();
    x.row(i).array() += trait;
  }
  for (rapport::index j = 0; j < k; ++j) {
    const bool constant = random.chance(odd_items);
    const bool against = random.chance(odd_items);
    for (rapport::index i = 0; i < n; ++i) {
      const double latent = against ? -x(i, j) : x(i, j);
      const double answer = std::floor((latent + shift) * 1.2 + static_cast<double>(categories) / 2);
      x(i, j) = constant ? 1 : std::fmin(std::fmax(answer, 0), static_cast<double>(categories - 1)) + 1;
      if (random.chance(missing)) x(i, j) = std::numeric_limits<double>::quiet_NaN();
    }
  }
  return x;
}

/// Rounding that a coefficient of size near 1 may show.
inline constexpr double rounding = 1e-12;

inline void check_estimate(record& r, const std::string& what,
                           const rapport::result<rapport::basic_estimate<double>>& e, double least, double most,
                           int number) {
  if (!e) return r.refused(what, e.error());
  r.check(what + " is finite", std::isfinite(e->estimate), number);
  r.check(what + " lies in its range", e->estimate >= least - rounding && e->estimate <= most + rounding, number);
  if (e->estimate > 1 + rounding) {
    const bool named = std::any_of(e->notes.begin(), e->notes.end(),
                                   [](const std::string& note) { return note.find("above 1") != std::string::npos; });
    r.check("a note says why " + what + " is above 1", named, number);
  }
  r.check("the interval of " + what + " is finite",
          std::isfinite(e->interval.lower) && std::isfinite(e->interval.upper), number);
  r.check("the interval of " + what + " holds the estimate", e->interval.contains(e->estimate), number);
  if (e->standard_error)
    r.check("the standard error of " + what + " is finite and not negative",
            std::isfinite(*e->standard_error) && *e->standard_error >= 0, number);
}

inline void check_range(record& r, const std::string& what, const std::optional<double>& x, double least, double most,
                        int number) {
  if (x) r.check(what + " lies in its range", *x >= least - rounding && *x <= most + rounding, number);
}

inline constexpr double no_limit = std::numeric_limits<double>::max();

/// Properties of the coefficients of covariances.
inline void check_scale(record& r, const table& x, int number) {
  using rapport::alpha_interval;
  const auto c = rapport::stats::covariance(x);
  if (!c) return r.refused("covariance", c.error());
  // A pairwise matrix that is not positive semidefinite belongs to no answers at all: alpha above 1 then has a name.
  const bool complete = c->n_complete == c->n_rows;
  const double most = complete ? 1 : no_limit;
  constexpr alpha_interval kinds[] = {alpha_interval::feldt,  alpha_interval::bonett, alpha_interval::duhachek,
                                      alpha_interval::fisher, alpha_interval::adf,    alpha_interval::hakstian_whalen};
  for (const auto kind : kinds) {
    check_estimate(r, "alpha, " + std::string(to_string(kind)), rapport::cronbach_alpha(x, {.interval = kind}),
                   -no_limit, most, number);
  }
  if (number % 20 == 0) {
    const rapport::bootstrap_bca few{.replicates = 199, .seed = 1, .threads = 1};
    const rapport::bootstrap_percentile percentile{.replicates = 199, .seed = 1, .threads = 1};
    check_estimate(r, "alpha, BCa", rapport::cronbach_alpha(x, {.interval = few}), -no_limit, most, number);
    check_estimate(r, "omega, BCa", rapport::omega_total(x, {.interval = few}), 0, 1, number);
    if (const auto e = rapport::cronbach_alpha(x, {.interval = percentile}); !e)
      r.refused("alpha, percentile", e.error());
    check_estimate(r, "alpha, automatic", rapport::cronbach_alpha(x), -no_limit, most, number);
  }
  if (const auto s = rapport::standardized_alpha(*c)) {
    check_range(r, "standardized alpha", *s, -no_limit, most, number);
  } else {
    r.refused("standardized alpha", s.error());
  }
  if (const auto l = rapport::guttman_lambdas(*c)) {
    r.check("alpha is not above lambda 2", l->lambda3 <= l->lambda2 + rounding * std::fmax(1, std::fabs(l->lambda2)),
            number);
    r.check("lambda 1 is not above alpha where that is positive", l->lambda3 < 0 || l->lambda1 <= l->lambda3, number);
    r.check("lambda 1 is not above lambda 5", l->lambda1 <= l->lambda5, number);
    check_range(r, "lambda 2", l->lambda2, -no_limit, most, number);
    check_range(r, "lambda 6", l->lambda6, -no_limit, most, number);
    const auto splits = rapport::split_half(*c);
    if (splits) {
      const double near = rounding * std::fmax(1, std::fabs(splits->min));
      r.check("the split halves are in order", splits->min <= splits->mean + near && splits->mean <= splits->max + near,
              number);
      check_range(r, "the best split half", splits->max, -no_limit, most, number);
    } else {
      r.refused("split half", splits.error());
    }
  } else {
    r.refused("lambdas", l.error());
  }
  for (const auto kind : {rapport::omega_interval::delta, rapport::omega_interval::logit}) {
    const std::string name = kind == rapport::omega_interval::delta ? "delta" : "logit";
    const auto o = rapport::one_factor_reliability(*c, {.interval = kind});
    if (!o) {
      r.refused("omega", o.error());
      break;
    }
    check_estimate(r, "omega, " + name, o->omega, 0, 1, number);
    check_estimate(r, "standardized omega, " + name, o->omega_standardized, 0, 1, number);
    check_estimate(r, "AVE, " + name, o->ave, 0, 1, number);
    check_estimate(r, "H, " + name, o->maximal_reliability, 0, 1, number);
  }
  if (const auto items = rapport::item_statistics(x, *c)) {
    for (const auto& item : *items) {
      check_range(r, "raw r", item.raw_r, -1, 1, number);
      check_range(r, "r with the rest", item.r_drop, complete ? -1 : -no_limit, complete ? 1 : no_limit, number);
      check_range(r, "std r", item.std_r, complete ? -1 : -no_limit, complete ? 1 : no_limit, number);
      check_range(r, "alpha if dropped", item.alpha_if_dropped, -no_limit, most, number);
      check_range(r, "loading", item.loading, -1, 1, number);
    }
  } else {
    r.refused("item statistics", items.error());
  }
}

/// Properties of the coefficients of raters: the columns are raters.
inline void check_agreement(record& r, const table& x, int number) {
  const auto estimate = [&](const std::string& what, const auto& e, double least, double most) {
    if (!e) return r.refused(what, e.error());
    r.check(what + " is finite", std::isfinite(e->estimate), number);
    r.check(what + " lies in its range", e->estimate >= least - rounding && e->estimate <= most + rounding, number);
    r.check("the interval of " + what + " holds the estimate", e->interval.contains(e->estimate), number);
  };
  if (const auto icc = rapport::intraclass_correlations(x)) {
    for (const auto form : rapport::all_icc_forms) {
      const auto& one = icc->of(form);
      if (!one) continue;
      const std::string name(to_string(form));
      r.check(name + " lies in its range", std::isfinite(one->estimate) && one->estimate <= 1 + rounding, number);
      r.check("the interval of " + name + " holds the estimate", one->interval.contains(one->estimate), number);
    }
  } else {
    r.refused("ICC", icc.error());
  }
  // Where ratings are missing, the expected agreement counts subjects with one rating and the observed one does not: both
  // then speak of different subjects, and -1 is no bound.
  const double least = x.hasNaN() ? -no_limit : -1;
  estimate("Fleiss' kappa", rapport::fleiss_kappa(x), least, 1);
  estimate("Conger's kappa", rapport::conger_kappa(x), least, 1);
  estimate("Brennan-Prediger", rapport::brennan_prediger(x), -1, 1);
  estimate("Gwet's AC", rapport::gwet_ac(x), least, 1);
  for (const auto metric : {rapport::rating_metric::nominal, rapport::rating_metric::ordinal,
                            rapport::rating_metric::interval, rapport::rating_metric::ratio}) {
    estimate("Krippendorff's alpha, " + std::string(to_string(metric)), rapport::krippendorff_alpha(x, metric), -1, 1);
  }
  if (const auto w = rapport::kendall_w(x)) {
    check_range(r, "Kendall's W", w->w, 0, 1, number);
    check_range(r, "p of Kendall's W", w->p, 0, 1, number);
  } else {
    r.refused("Kendall's W", w.error());
  }
}

/// Polychoric correlations and what rests on them.
inline void check_ordinal(record& r, const table& x, int number) {
  const auto p = rapport::stats::polychoric(x);
  if (!p) return r.refused("polychoric", p.error());
  r.check("polychoric correlations lie in their range",
          p->correlation.allFinite() && p->correlation.cwiseAbs().maxCoeff() <= 1, number);
  if (const auto a = rapport::ordinal_alpha(*p); !a) r.refused("ordinal alpha", a.error());
  const auto o = rapport::categorical_omega(*p);
  if (!o) return r.refused("categorical omega", o.error());
  check_range(r, "categorical omega, model", o->omega_model, 0, 1, number);
  r.check("categorical omega is finite", std::isfinite(o->omega), number);
}

/// Alpha, omega and the ICC do not depend on the order of persons and items, on the origin or on the unit.
inline void check_invariance(record& r, const table& x, int number) {
  const auto alpha_of = [](const table& t) {
    const auto c = rapport::stats::covariance(t);
    if (!c) return std::optional<double>();
    const auto alpha = rapport::cronbach_alpha(*c);
    return alpha ? std::optional<double>(alpha->estimate) : std::optional<double>();
  };
  const auto omega_of = [](const table& t) {
    const auto o = rapport::omega_total(t);
    return o ? std::optional<double>(o->estimate) : std::optional<double>();
  };
  const auto icc_of = [](const table& t) {
    const auto icc = rapport::estimate_icc(t);
    return icc ? icc->of(rapport::icc_form::icc2k) : std::optional<double>();
  };
  const auto same = [](const std::optional<double>& a, const std::optional<double>& b, double tolerance) {
    if (!a || !b) return a.has_value() == b.has_value();
    return std::fabs(*a - *b) <= tolerance * std::fmax(1, std::fabs(*a));
  };
  rapport::random_stream random(52, static_cast<std::uint64_t>(number));
  table persons = x;
  for (rapport::index i = x.rows() - 1; i > 0; --i) persons.row(i).swap(persons.row(random.below(i + 1)));
  table items = x;
  for (rapport::index j = x.cols() - 1; j > 0; --j) items.col(j).swap(items.col(random.below(j + 1)));
  const table shifted = x.array() + 17;
  const table scaled = 8 * x;
  const auto alpha = alpha_of(x);
  // Whole numbers: sums are exact, so another order gives the same bits.
  r.check("alpha has the same bits in any order of persons", same(alpha, alpha_of(persons), 0), number);
  r.check("alpha does not depend on the order of items", same(alpha, alpha_of(items), rounding), number);
  r.check("alpha has the same bits after a shift by a whole number", same(alpha, alpha_of(shifted), 0), number);
  // Sums of products are about a whole number near the mean, which another unit moves.
  r.check("alpha does not depend on the unit", same(alpha, alpha_of(scaled), rounding), number);
  const auto omega = omega_of(x);
  r.check("omega has the same bits in any order of persons", same(omega, omega_of(persons), 0), number);
  r.check("omega has the same bits after a shift by a whole number", same(omega, omega_of(shifted), 0), number);
  const auto icc = icc_of(x);
  r.check("ICC2k does not depend on the order of persons", same(icc, icc_of(persons), 1e-9), number);
  r.check("ICC2k does not depend on the order of raters", same(icc, icc_of(items), 1e-9), number);
}

/// Everything, on tables `first` to `last - 1`.
inline record check_tables(int first, int last) {
  record r;
  for (int number = first; number < last; ++number) {
    const table x = ordinal_table(number);
    check_scale(r, x, number);
    check_agreement(r, x, number);
    check_invariance(r, x, number);
    if (number % 10 == 0) check_ordinal(r, x, number);
  }
  return r;
}

}  // namespace properties

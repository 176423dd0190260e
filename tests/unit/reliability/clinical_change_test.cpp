// SPDX-License-Identifier: BSL-1.0
// Cut-offs and clinical outcomes, and the refusal to make up cut-offs without a published norm.
#include "rapport_test.hpp"

#include <rapport/reliability/clinical_change.hpp>

namespace {

using rapport::better_scores;
using rapport::change_verdict;
using rapport::clinical_outcome;
using rapport::errc;

rapport::outcome_norms<double> symptoms() {
  return {.measure = "a symptom scale",
          .clinical = {{20, 6, "Someone (2001)"}},
          .functional = {{5, 4, "Another (2002)"}},
          .better = better_scores::lower};
}

rapport::basic_reliable_change<double> judged(change_verdict verdict) {
  rapport::basic_reliable_change<double> out;
  out.verdict = verdict;
  return out;
}

}  // namespace

TEST_CASE("cut-offs a, b and c", "[clinical_change]") {
  const auto down = rapport::cutoffs(symptoms()).value();
  CHECK(down.a == 8);
  CHECK(*down.b == 13);
  // c is where both normal curves, each in units of its own SD, are as far away.
  CHECK_CLOSE((20 - *down.c) / 6, (*down.c - 5) / 4);
  CHECK(down.recommended() == *down.c);

  auto turned = symptoms();
  turned.clinical->mean = -20;
  turned.functional->mean = -5;
  turned.better = better_scores::higher;
  const auto up = rapport::cutoffs(turned).value();
  CHECK(up.a == -8);
  CHECK(*up.b == -13);
  CHECK_CLOSE(*up.c, -*down.c);

  auto clinical_only = symptoms();
  clinical_only.functional.reset();
  const auto alone = rapport::cutoffs(clinical_only).value();
  CHECK_FALSE(alone.b);
  CHECK_FALSE(alone.c);
  CHECK(alone.recommended() == 8);
}

TEST_CASE("no cut-off without a published clinical norm", "[clinical_change]") {
  const auto refused = rapport::cutoffs<double>({.measure = "wai-sr-client"});
  CHECK(refused.error().code == errc::no_clinical_norm);
  CHECK(rapport::message(refused.error()).view().find("wai-sr-client") != std::string_view::npos);
  auto unsourced = symptoms();
  unsourced.clinical->source.clear();
  CHECK(rapport::cutoffs(unsourced).error().code == errc::no_clinical_norm);
  unsourced = symptoms();
  unsourced.functional->source.clear();
  CHECK(rapport::cutoffs(unsourced).error().code == errc::no_clinical_norm);
  auto wrong = symptoms();
  wrong.clinical->sd = 0;
  CHECK(rapport::cutoffs(wrong).error().code == errc::invalid_option);
  wrong = symptoms();
  wrong.better = better_scores::higher;
  CHECK(rapport::cutoffs(wrong).error().code == errc::invalid_option);
  wrong = symptoms();
  wrong.clinical->mean = std::numeric_limits<double>::quiet_NaN();
  CHECK(rapport::cutoffs(wrong).error().code == errc::not_finite);
}

TEST_CASE("recovered, improved, unchanged, deteriorated", "[clinical_change]") {
  const auto limits = rapport::cutoffs(symptoms()).value();  // c = 11
  CHECK(*limits.c == 11);
  const auto outcome = [&](change_verdict verdict, double pre, double post) {
    return rapport::classify_change(judged(verdict), pre, post, limits);
  };
  CHECK(outcome(change_verdict::improved, 20, 10) == clinical_outcome::recovered);
  CHECK(outcome(change_verdict::improved, 20, 11) == clinical_outcome::improved);  // on the cut-off is clinical
  CHECK(outcome(change_verdict::improved, 11, 5) == clinical_outcome::recovered);
  CHECK(outcome(change_verdict::improved, 30, 15) == clinical_outcome::improved);
  CHECK(outcome(change_verdict::improved, 9, 2) == clinical_outcome::improved);  // was not clinical before
  CHECK(outcome(change_verdict::unchanged, 12, 10) == clinical_outcome::unchanged);
  CHECK(outcome(change_verdict::deteriorated, 10, 20) == clinical_outcome::deteriorated);
  CHECK(to_string(clinical_outcome::recovered) == "recovered");
}

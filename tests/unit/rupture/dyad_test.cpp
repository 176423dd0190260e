// SPDX-License-Identifier: BSL-1.0
// Dyads: congruence by hand, recognition of planted ruptures, agreement with codes, refusals.
#include "rapport_test.hpp"

#include <rapport/rupture/dyad.hpp>
#include <rapport/simulate/dyads.hpp>

namespace rp = rapport;
using rapport::errc;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN();

rp::session_panel panel_of(const std::vector<std::pair<std::string, std::vector<double>>>& courses) {
  std::vector<rp::session_row<double>> rows;
  for (const auto& [id, course] : courses) {
    for (std::size_t t = 0; t < course.size(); ++t) rows.push_back({id, static_cast<double>(t) + 1, course[t], {}});
  }
  return rp::session_panel::from_rows(rows).value();
}

/// A fall by more than a point from a session to the next.
struct fall {
  static constexpr rp::detector_info info{"fall", "test", rp::trust::own};
  void operator()(const rp::series& y, rp::episode_sink out) const {
    out.evaluable(y.size() - 1);
    for (rp::index t = 1; t < y.size(); ++t) {
      if (y.is_observed(t) && y.is_observed(t - 1) && y[t] < y[t - 1] - 1) out.onset_at(t);
    }
  }
};

rp::detection falls_in(const rp::session_panel& panel) {
  return rp::detect(panel, fall{}, {.null_series = 0, .tolerance = 0.2}).value();
}

}  // namespace

TEST_CASE("congruence of a dyad by hand", "[dyad]") {
  const auto client = panel_of({{"a", {5, 6, 4, missing, 5}}, {"b", {5, 5}}, {"c", {3, 3, 3}}});
  const auto therapist = panel_of({{"a", {4, 5, 4, 4, 4}}, {"c", {4, 5, 6}}});
  const auto found = rp::congruence_of(client, therapist);
  REQUIRE(found.size() == 3);
  const auto& a = found[0];
  CHECK(a.n_common == 4);
  CHECK_CLOSE(a.mean_difference, 0.75);
  CHECK_CLOSE(a.difference_sd.value(), 0.5);  // differences 1, 1, 0, 1
  // Products around 5 and 4.25: client squares 2, therapist squares .75, products 1.
  CHECK_CLOSE(a.correlation.value(), 1 / std::sqrt(2 * 0.75));
  REQUIRE(a.divergence.size() == 5);
  CHECK(a.divergence[0].value() == 1);
  CHECK_FALSE(a.divergence[3]);
  CHECK(found[1].n_common == 0);
  CHECK_FALSE(found[1].correlation);
  CHECK_FALSE(found[2].correlation);  // a constant series
  CHECK_CLOSE(found[2].mean_difference, -2.0);
}

TEST_CASE("ruptures are classed by who shows them", "[dyad]") {
  const auto client = panel_of({{"2", {6, 6, 3, 6, 6, 6, 4, 6}}, {"10", {6, 6, 6, 6, 6, 3, 6, 6}}});
  const auto therapist = panel_of({{"2", {6, 6, 6, 3, 6, 6, 6, 6}}, {"10", {6, 3, 6, 6, 6, 6, 6, 6}}});
  const auto found = rp::recognize(falls_in(client), falls_in(therapist), 1.0).value();
  REQUIRE(found.ruptures.size() == 4);
  CHECK(found.ruptures[0].seen_by == rp::recognition::both);
  CHECK(found.ruptures[1].seen_by == rp::recognition::client_only);
  CHECK(found.ruptures[2].seen_by == rp::recognition::therapist_only);
  CHECK(found.ruptures[3].seen_by == rp::recognition::client_only);
  CHECK(found.ruptures[2].client == "10");
  CHECK((found.n_both == 1 && found.n_client_only == 2 && found.n_therapist_only == 1));
  CHECK_CLOSE(found.recognized->estimate, 1.0 / 3);
  CHECK_CLOSE(found.agreement->estimate, 1.0 / 4);
  const auto strict = rp::recognize(falls_in(client), falls_in(therapist), 0.0).value();
  CHECK(strict.n_both == 0);
  CHECK(rp::recognize(falls_in(client), falls_in(therapist), -1.0).error().code == errc::invalid_option);
  const auto none = rp::recognize(rp::detection{}, rp::detection{}).value();
  CHECK_FALSE(none.recognized);
}

TEST_CASE("planted recognition is recovered", "[dyad]") {
  const rp::dyad_options o{.n_clients = 400,
                           .state_sd = 0.05,
                           .error_sd = 0.05,
                           .ruptures = 100,
                           .most_ruptures = 1,
                           .least_depth = 2,
                           .largest_depth = 2,
                           .shape = rp::episode_pattern::v,
                           .missing_session = 0,
                           .dropout = 0,
                           .recognition = 0.4};
  const auto simulated = rp::simulate_dyads(o).value();
  const auto client = rp::session_panel::from_rows(simulated.client_ratings).value();
  const auto therapist = rp::session_panel::from_rows(simulated.therapist_ratings).value();
  const auto found = rp::recognize(falls_in(client), falls_in(therapist)).value();
  rp::index both = 0, client_only = 0, therapist_only = 0;
  for (const auto& r : simulated.ruptures) {
    both += r.seen_by == rp::rupture_seen_by::both ? 1 : 0;
    client_only += r.seen_by == rp::rupture_seen_by::client_only ? 1 : 0;
    therapist_only += r.seen_by == rp::rupture_seen_by::therapist_only ? 1 : 0;
  }
  // Falls of 2 among noise of .07: all are found, but those that the end of the scale cuts short.
  CHECK(std::abs(found.n_both - both) <= both / 20 + 1);
  CHECK(std::abs(found.n_client_only - client_only) <= client_only / 20 + 1);
  CHECK(std::abs(found.n_therapist_only - therapist_only) <= therapist_only / 20 + 1);
  CHECK(found.recognized->interval.contains(0.4));
}

TEST_CASE("agreement with codes by hand", "[dyad]") {
  const auto panel = panel_of({{"a", {6, 6, 3, 3, 6, 6, missing, 6}}, {"b", {6, 6, 6, 6, 6, 6, 6, 6}}});
  const auto found = falls_in(panel);  // client a, sessions 3 and 4
  const std::vector<rp::coded_session> codes = {{"a", 4}, {"a", 5}, {"a", 7}, {"b", 2}};
  const auto exact = rp::agreement_with_codes<double>(panel, found, codes, 0).value();
  CHECK((exact.n_both == 1 && exact.n_coded == 2 && exact.n_detected == 1 && exact.n_neither == 11));
  // Observed 12 / 15; by chance (3 * 2 + 12 * 13) / 225 = .72.
  CHECK_CLOSE(exact.kappa.value(), (0.8 - 0.72) / (1 - 0.72), 1e-12);
  CHECK_CLOSE(exact.sensitivity->estimate, 1.0 / 3);
  CHECK_CLOSE(exact.precision->estimate, 0.5);
  const auto near = rp::agreement_with_codes<double>(panel, found, codes, 1).value();
  CHECK_CLOSE(near.sensitivity->estimate, 2.0 / 3);
  CHECK_CLOSE(near.precision->estimate, 1.0);
  const auto none = rp::agreement_with_codes<double>(
                        panel, rp::detect(panel_of({{"a", {6, 6}}, {"b", {6, 6}}}), fall{}, {.null_series = 0}).value(),
                        std::vector<rp::coded_session>{}, 1)
                        .value();
  CHECK_FALSE(none.kappa);
  CHECK_FALSE(none.sensitivity);
  CHECK(rp::agreement_with_codes<double>(panel, found, std::vector<rp::coded_session>{{"z", 1}}).error().row == 0);
  CHECK(rp::agreement_with_codes<double>(panel, found, codes, -1).error().code == errc::invalid_option);
  CHECK(rp::agreement_with_codes<double>(panel_of({{"a", {1, 2}}}), found, codes).error().code == errc::size_mismatch);
}

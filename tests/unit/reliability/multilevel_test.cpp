// SPDX-License-Identifier: BSL-1.0
// Repeated measures: coefficients from variances, unequal sessions and missing items, order of rows, coverage.
#include "rapport_test.hpp"

#include <rapport/reliability/multilevel.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rp = rapport;

namespace {

using rapport::errc;
using rapport::response_matrix;
using rapport::session_items;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct rows {
  std::vector<std::string> client{};
  std::vector<double> session{};
  std::vector<std::vector<double>> items{};

  [[nodiscard]] rapport::result<session_items> table() const {
    response_matrix x(static_cast<rp::index>(items.size()), items.empty() ? 0 : std::ssize(items[0]));
    for (rp::index i = 0; i < x.n_persons(); ++i) {
      for (rp::index j = 0; j < x.n_items(); ++j) x(i, j) = items[rapport::as_size(i)][rapport::as_size(j)];
    }
    return session_items::make(client, session, x);
  }
};

/// Client, session and client-session variance 1, .1, .5; item .2, client-item .2; rest 1.
rows simulated(rapport::random_stream& random, int clients, int sessions, int n_items, double share_missing = 0) {
  std::vector<double> item;
  std::vector<double> time;
  for (int j = 0; j < n_items; ++j) item.push_back(std::sqrt(0.2) * random.normal());
  for (int s = 0; s < sessions; ++s) time.push_back(std::sqrt(0.1) * random.normal());
  rows out;
  for (int c = 0; c < clients; ++c) {
    const double level = random.normal();
    std::vector<double> own;
    for (int j = 0; j < n_items; ++j) own.push_back(std::sqrt(0.2) * random.normal());
    for (int s = 0; s < sessions; ++s) {
      const double state = std::sqrt(0.5) * random.normal();
      out.client.push_back("c" + std::to_string(c));
      out.session.push_back(s + 1);
      out.items.emplace_back();
      for (std::size_t j = 0; j < item.size(); ++j) {
        const double y = level + own[j] + state + item[j] + time[rapport::as_size(s)] + random.normal();
        out.items.back().push_back(random.chance(share_missing) ? missing : y);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("crossed coefficients are ratios of their variances", "[multilevel]") {
  rapport::random_stream random(1);
  const auto found = rapport::multilevel_reliability(simulated(random, 30, 5, 4).table().value()).value();
  REQUIRE(found.crossed);
  const auto& a = found.crossed->anova;
  const double p = a.a.variance + a.ac.variance / 4;
  const double change = a.ab.variance;
  const double e = a.residual.variance;
  CHECK_CLOSE(found.crossed->r1f.estimate, p / (p + e / 4), 1e-12);
  CHECK_CLOSE(found.crossed->rkf.estimate, p / (p + e / 20), 1e-12);
  CHECK_CLOSE(found.crossed->r1r.estimate, p / (p + a.b.variance + change + e / 4), 1e-12);
  CHECK_CLOSE(found.crossed->rkr.estimate, p / (p + (a.b.variance + change) / 5 + e / 20), 1e-12);
  CHECK_CLOSE(found.crossed->rc.estimate, change / (change + e / 4), 1e-12);
  const auto& v = found.nested;
  CHECK_CLOSE(found.rcn.estimate, v.session_var / (v.session_var + v.residual_var / 4), 1e-12);
  CHECK_CLOSE(found.rkrn.estimate, v.client_var / (v.client_var + v.session_var / 5 + v.residual_var / 20), 1e-12);
  CHECK_CLOSE(found.session_error_sd, std::sqrt(v.residual_var / 4), 1e-12);
  CHECK(found.n_sessions == 5);
  random = rapport::random_stream(1);
  CHECK(rapport::change_reliability(simulated(random, 30, 5, 4).table().value())->estimate ==
        found.crossed->rc.estimate);
}

TEST_CASE("intervals of the reliability of change cover the truth", "[multilevel]") {
  rapport::random_stream random(2);
  constexpr int n_samples = 600;
  int crossed = 0;
  for (int s = 0; s < n_samples; ++s) {
    const auto found = rapport::multilevel_reliability(simulated(random, 40, 5, 4).table().value()).value();
    crossed += found.crossed->rc.interval.contains(0.5 / (0.5 + 0.25));  // change .5, error 1 over 4 items
  }
  INFO(crossed << " of 600");
  // 95 % of 600 is 570, standard error 5.3; for large samples, so a little more than four of them.
  CHECK(crossed > 545);
  CHECK(crossed < 595);
}

TEST_CASE("the nested interval covers the truth of a nested world", "[multilevel]") {
  rapport::random_stream random(22);
  int covered = 0;
  constexpr int n_samples = 600;
  for (int s = 0; s < n_samples; ++s) {
    rows data;
    for (int c = 0; c < 40; ++c) {
      const double level = random.normal();
      const int n_sessions = 3 + static_cast<int>(random.below(4));
      for (int t = 0; t < n_sessions; ++t) {
        const double state = std::sqrt(0.5) * random.normal();
        data.client.push_back(std::to_string(c));
        data.session.push_back(t);
        data.items.push_back({});
        for (int j = 0; j < 4; ++j) data.items.back().push_back(level + state + random.normal());
      }
    }
    const auto found = rapport::multilevel_reliability(data.table().value()).value();
    covered += found.rcn.interval.contains(0.5 / 0.75);
  }
  INFO(covered << " of 600");
  CHECK(covered > 545);
  CHECK(covered < 595);
}

TEST_CASE("unequal sessions and missing items: nested coefficients, and why there are no crossed ones",
          "[multilevel]") {
  rapport::random_stream random(3);
  auto data = simulated(random, 20, 6, 3, 0.1);
  data.client.resize(110);
  data.session.resize(110);
  data.items.resize(110);
  data.items[7] = {missing, missing, missing};
  const auto found = rapport::multilevel_reliability(data.table().value()).value();
  CHECK_FALSE(found.crossed);
  CHECK_FALSE(found.why_not_crossed.empty());
  const auto change = rapport::change_reliability(data.table().value()).value();
  CHECK(change.estimate == found.rcn.estimate);
  CHECK(change.notes.back().find("nested") != std::string::npos);
  CHECK(found.n_empty >= 1);
  CHECK(found.nested.converged);
  CHECK(found.rcn.interval.contains(found.rcn.estimate));

  // The order of rows does not matter, to the last bit.
  rows shuffled = data;
  std::reverse(shuffled.client.begin(), shuffled.client.end());
  std::reverse(shuffled.session.begin(), shuffled.session.end());
  std::reverse(shuffled.items.begin(), shuffled.items.end());
  const auto again = rapport::multilevel_reliability(shuffled.table().value()).value();
  CHECK(again.rcn.estimate == found.rcn.estimate);
  CHECK(again.rkrn.interval.upper == found.rkrn.interval.upper);
}

TEST_CASE("repeated measures refuse what they cannot use", "[multilevel]") {
  rapport::random_stream random(4);
  const auto data = simulated(random, 3, 2, 2);
  const auto code = [](const rows& r) {
    const auto table = r.table();
    if (!table) return table.error().code;
    const auto found = rapport::multilevel_reliability(*table);
    REQUIRE_FALSE(found);
    return found.error().code;
  };
  auto bad = data;
  bad.session[1] = 1;
  CHECK(code(bad) == errc::duplicate_session);
  bad = data;
  bad.session[1] = missing;
  CHECK(code(bad) == errc::missing_session);
  bad = data;
  bad.client[2] = "";
  CHECK(code(bad) == errc::missing_id);
  bad = data;
  bad.items[2][1] = std::numeric_limits<double>::infinity();
  CHECK(bad.table().error().column == 1);
  CHECK(code(bad) == errc::not_finite);
  bad = data;
  bad.session.pop_back();
  CHECK(code(bad) == errc::size_mismatch);
  CHECK(code(rows{}) == errc::no_data);
  for (auto& client : bad.client) client = "one";
  bad.session = {1, 2, 3, 4, 5, 6};
  CHECK(code(bad) == errc::too_few_clusters);
  bad = data;
  for (auto& items : bad.items) items.pop_back();
  CHECK(code(bad) == errc::too_few_columns);
  bad = data;
  for (auto& items : bad.items) items = {3, 3};
  CHECK(code(bad) == errc::zero_variance);
  CHECK(rapport::multilevel_reliability(data.table().value(), 0).error().code == errc::invalid_option);
}

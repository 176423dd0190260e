// SPDX-License-Identifier: BSL-1.0
// One generator of bad inputs for every public function: a legal call, then the same with one thing wrong.
// Whatever comes in, the answer is a result with finite numbers or an error with a sentence; never NaN, never a crash.
#include "rapport_test.hpp"

namespace rp = rapport;

using rapport::errc;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
const double poisons[] = {not_a_number, infinity, -infinity, 1e308, -1e308, 5e-324, 0.0, -0.0};

Eigen::MatrixXd legal_items() {
  rapport::random_stream random(1);
  Eigen::MatrixXd x(12, 4);
  for (rp::index i = 0; i < 12; ++i) {
    for (rp::index j = 0; j < 4; ++j) x(i, j) = static_cast<double>(1 + random.below(5));
  }
  return x;
}

struct sessions {
  std::vector<int> client{};
  std::vector<double> session{};
  std::vector<double> score{};
};

sessions legal_sessions() {
  rapport::random_stream random(2);
  sessions out;
  for (int c = 1; c <= 5; ++c) {
    for (int s = 1; s <= 6; ++s) {
      out.client.push_back(c);
      out.session.push_back(s);
      out.score.push_back(c + 0.2 * s + random.normal());
    }
  }
  return out;
}

bool has_sentence(const rapport::error& e) {
  const std::string text = message(e).c_str();
  return text.find("[rapport.") != std::string::npos && text.find("unknown error") == std::string::npos &&
         text.find('{') == std::string::npos;
}

/// An estimate of the library: finite throughout.
void check_sound(const rapport::result<rapport::basic_estimate<double>>& a) {
  if (!a) {
    CHECK(has_sentence(a.error()));
    return;
  }
  CHECK(std::isfinite(a->estimate));
  CHECK(std::isfinite(a->interval.lower));
  CHECK(std::isfinite(a->interval.upper));
  CHECK(a->interval.contains(a->estimate));
  if (a->standard_error) CHECK(std::isfinite(*a->standard_error));
}

void check_sound(const rapport::result<rapport::growth_fit>& fit) {
  if (!fit) {
    CHECK(has_sentence(fit.error()));
    return;
  }
  for (const auto& each : fit->fixed()) {
    CHECK(std::isfinite(each.estimate));
    CHECK(std::isfinite(each.standard_error));
    CHECK(std::isfinite(each.df));
    CHECK(each.p >= 0);
    CHECK(each.p <= 1);
  }
  CHECK(std::isfinite(fit->criterion()));
  CHECK_FALSE(fit->report().empty());
}

void check_sound(const rapport::result<rapport::detection>& found) {
  if (!found) {
    CHECK(has_sentence(found.error()));
    return;
  }
  for (const auto& e : found->episodes) {
    CHECK(std::isfinite(e.depth));
    CHECK(std::isfinite(e.score));
    if (e.p_null) CHECK((*e.p_null > 0 && *e.p_null <= 1));
  }
}

}  // namespace

TEST_CASE("alpha with one cell wrong", "[bad_input]") {
  check_sound(rapport::cronbach_alpha(legal_items()));
  REQUIRE(rapport::cronbach_alpha(legal_items()));
  for (const double poison : poisons) {
    for (const rp::index cell : {0, 7, 47}) {
      Eigen::MatrixXd x = legal_items();
      x(cell % 12, cell / 12) = poison;
      const auto a = rapport::cronbach_alpha(x);
      check_sound(a);
      if (std::isinf(poison)) {
        REQUIRE_FALSE(a);
        CHECK(a.error().code == errc::not_finite);
        CHECK(a.error().row == cell % 12);
        CHECK(a.error().column == cell / 12);
      }
    }
  }
}

TEST_CASE("alpha with a whole row, a whole column or everything wrong", "[bad_input]") {
  for (const double poison : poisons) {
    Eigen::MatrixXd x = legal_items();
    x.row(3).setConstant(poison);
    check_sound(rapport::cronbach_alpha(x));
    x = legal_items();
    x.col(2).setConstant(poison);
    check_sound(rapport::cronbach_alpha(x));
    x.setConstant(poison);
    CHECK_FALSE(rapport::cronbach_alpha(x));
  }
  for (const rp::index rows : {0, 1, 2}) {
    for (const rp::index columns : {0, 1, 2})
      check_sound(rapport::cronbach_alpha(Eigen::MatrixXd(legal_items().topLeftCorner(rows, columns))));
  }
}

TEST_CASE("a panel with one thing wrong", "[bad_input]") {
  const auto make = [](const sessions& s) { return rapport::session_panel::make(s.client, s.session, s.score); };
  REQUIRE(make(legal_sessions()));
  for (const std::size_t row : {std::size_t{0}, std::size_t{13}, std::size_t{29}}) {
    for (const double poison : {not_a_number, infinity, -infinity}) {
      auto s = legal_sessions();
      s.session[row] = poison;
      REQUIRE_FALSE(make(s));
      CHECK(make(s).error().code == (std::isnan(poison) ? errc::missing_session : errc::not_finite));
      CHECK(make(s).error().row == static_cast<rp::index>(row));
      s = legal_sessions();
      s.score[row] = poison;
      CHECK(make(s).has_value() == std::isnan(poison));
    }
    auto s = legal_sessions();
    s.session[row] = s.session[row == 0 ? 1 : row - 1];
    if (row % 6 != 0 || row == 0) CHECK(make(s).error().code == errc::duplicate_session);
  }
  auto s = legal_sessions();
  s.score.pop_back();
  CHECK(make(s).error().code == errc::size_mismatch);
  CHECK(make({}).error().code == errc::no_data);
}

TEST_CASE("growth and detection on panels that are legal but odd", "[bad_input]") {
  std::vector<sessions> odd;
  for (const double poison : {1e150, -1e150, 1e-300, 0.0}) {
    auto s = legal_sessions();
    s.score[8] = poison;
    odd.push_back(s);
    s = legal_sessions();
    for (double& score : s.score) score *= poison;
    odd.push_back(s);
    s = legal_sessions();
    for (double& time : s.session) time = time * 1e-3 + poison;
    odd.push_back(s);
  }
  auto s = legal_sessions();
  for (std::size_t i = 0; i < s.score.size(); i += 2) s.score[i] = not_a_number;
  odd.push_back(s);
  s = legal_sessions();
  for (double& score : s.score) score = not_a_number;
  odd.push_back(s);
  s = legal_sessions();
  for (std::size_t i = 6; i < s.score.size(); ++i) s.score[i] = not_a_number;  // one client alone has scores
  odd.push_back(s);
  odd.push_back({{1}, {1}, {1}});
  odd.push_back({{1, 2}, {1, 1}, {1, 2}});
  odd.push_back({{1, 1, 2, 2}, {1, 2, 1, 2}, {1, 2, 1, 2}});
  odd.push_back({{1, 1, 1, 2, 2, 2}, {1, 2, 3, 1, 2, 3}, {1, 2, 3, 1, 2, 3}});  // everybody on the same line exactly
  odd.push_back({{1, 1, 1, 2, 2, 2}, {1, 2, 3, 1, 2, 3}, {1, 2, 3, 2, 3, 4}});  // parallel lines exactly
  for (std::size_t i = 0; i < odd.size(); ++i) {
    INFO("case " << i);
    const auto panel = rapport::session_panel::make(odd[i].client, odd[i].session, odd[i].score);
    if (!panel) {
      CHECK(has_sentence(panel.error()));
      continue;
    }
    for (const auto& coding : {rapport::time_coding(rapport::linear{}), rapport::linear{}.random_slope(),
                               rapport::linear{}.random_slope_uncorrelated(), rapport::time_coding(rapport::level{}),
                               rapport::cubic{}.random_all()}) {
      check_sound(rapport::fit_growth(*panel, coding));
    }
    check_sound(rapport::detect(*panel, rapport::drop_repair{}, {.null_series = 9}));
    check_sound(rapport::detect(*panel, rapport::strauss2006_like(), {.null_series = 9}));
    check_sound(rapport::detect(*panel, rapport::innovations(), {.null_series = 9}));
  }
}

TEST_CASE("one client with a very long series", "[bad_input]") {
  constexpr rp::index n = 200000;
  std::vector<int> client(rapport::as_size(n), 1);
  std::vector<double> session(rapport::as_size(n));
  std::vector<double> score(rapport::as_size(n));
  rapport::random_stream random(3);
  for (rp::index t = 0; t < n; ++t) {
    session[rapport::as_size(t)] = static_cast<double>(t);
    score[rapport::as_size(t)] = random.normal();
  }
  for (int s = 0; s < 3; ++s) {
    client.push_back(2);
    session.push_back(s);
    score.push_back(random.normal());
  }
  const auto panel = rapport::session_panel::make(client, session, score).value();
  check_sound(rapport::fit_growth(panel, rapport::linear{}.random_slope()));
  const auto found = rapport::detect(panel, rapport::innovations(), {.null_series = 0});
  REQUIRE(found);
  CHECK(found->n_evaluable() == n - 1 + 2);
}

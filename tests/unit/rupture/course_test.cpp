// SPDX-License-Identifier: BSL-1.0
// The course of an episode: nadir, repair, status and pattern, case by case.
#include "rapport_test.hpp"

namespace rp = rapport;

using rapport::episode_course;
using rapport::episode_pattern;
using rapport::episode_status;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// A series of sessions 1, 2, ... with a view on it.
struct example {
  std::vector<double> session{};
  std::vector<double> score{};
  rapport::panel_options<double> options{};

  example(std::initializer_list<double> scores) : score(scores) {
    for (std::size_t t = 1; t <= scores.size(); ++t) session.push_back(static_cast<double>(t));
  }
  [[nodiscard]] rapport::series view() const { return {session, score, options}; }

  /// The episode that begins at a position, measured from the score before, repaired within a tolerance of 0.5.
  [[nodiscard]] rapport::episode from(rp::index onset) const {
    const rapport::repair_rule<double> rule{0.5, 4, 1};
    const auto y = view();
    const rp::index pre = rapport::detail::previous_observed(y, onset);
    const double level = y[pre];
    const auto course =
        rapport::follow(y, pre, onset, onset, rule.hold, [&](rp::index, rp::index s) { return y[s] >= level - 0.5; });
    return rapport::describe(y, course, level, rule);
  }
};

}  // namespace

TEST_CASE("a V: down in one session, back in one", "[course]") {
  const auto e = example{5, 5, 3, 5, 5, 5, 5, 5}.from(2);
  CHECK(e.pre == 2);
  CHECK(e.onset == 3);
  CHECK(e.nadir == 3);
  CHECK(e.repair == 4.0);
  CHECK(e.depth == 2);
  CHECK(e.duration == 1);
  CHECK(e.recovery == 1);
  CHECK(e.status == episode_status::repaired);
  CHECK(e.pattern == episode_pattern::v);
  CHECK(e.flags == std::vector<std::string>{"first sessions"});
}

TEST_CASE("patterns by the speed of fall and repair", "[course]") {
  CHECK(example{5, 5, 5, 4, 3, 5, 5}.from(3).pattern == episode_pattern::slope_then_jump);
  CHECK(example{5, 5, 5, 2, 3.5, 5, 5}.from(3).pattern == episode_pattern::drop_then_slope);
  CHECK(example{5, 5, 5, 4, 2, 3.5, 5}.from(3).pattern == episode_pattern::u);
  CHECK(example{5, 5, 5, 2, 2, 2.2, 5}.from(3).pattern == episode_pattern::trough);
  CHECK(example{5, 5, 5, 2, 2.5, 2.3, 2.4, 2.2}.from(3).pattern == episode_pattern::step);
  CHECK(example{5, 5, 5, 4, 3.5, 3, 2.5}.from(3).pattern == episode_pattern::slide);
  CHECK(example{5, 5, 5, 2, 4, 2, 5}.from(3).pattern == episode_pattern::w);
}

TEST_CASE("statuses", "[course]") {
  SECTION("unrepaired: little regained, with sessions enough to see it") {
    const auto e = example{5, 5, 5, 2, 2.5, 2.5, 2.5, 2.5}.from(3);
    CHECK(e.status == episode_status::unrepaired);
    CHECK_CLOSE(e.recovery, 0.5 / 3);
    CHECK_FALSE(e.repair);
    CHECK(e.duration == 5);
  }
  SECTION("partial: half regained, not the level") {
    CHECK(example{5, 5, 5, 2, 3.5, 4, 4, 4}.from(3).status == episode_status::partial);
  }
  SECTION("censored: too few sessions follow") {
    CHECK(example{5, 5, 5, 2, 2.5, 2.5}.from(3).status == episode_status::censored);
    CHECK(example{5, 5, 5, 2}.from(3).status == episode_status::censored);
  }
  SECTION("over-repaired: three tolerances above the level") {
    CHECK(example{5, 5, 5, 2, 5, 6.5, 6, 6}.from(3).status == episode_status::over_repaired);
    CHECK(example{5, 5, 5, 2, 5, 6.4, 6, 6}.from(3).status == episode_status::repaired);
  }
  SECTION("relapsed: below the halfway line again within the window") {
    CHECK(example{5, 5, 5, 2, 5, 3.4, 5, 5}.from(3).status == episode_status::relapsed);
    CHECK(example{5, 5, 5, 2, 5, 3.6, 5, 5}.from(3).status == episode_status::repaired);  // 3.5 is halfway
    CHECK(example{5, 5, 5, 2, 5, 5, 5, 5, 5, 2}.from(3).status ==
          episode_status::repaired);  // too late to be a relapse
  }
}

TEST_CASE("the nadir is the lowest session before the repair, the first of equals", "[course]") {
  const auto e = example{5, 5, 5, 3, 2, 2, 4, 5}.from(3);
  CHECK(e.onset == 4);
  CHECK(e.nadir == 5);
  CHECK(e.depth == 3);
}

TEST_CASE("a repair must hold as long as asked", "[course]") {
  const example y{5, 5, 5, 2, 5, 2.5, 5, 5, 5};
  const auto s = y.view();
  const auto repaired = [&](rp::index, rp::index t) { return s[t] >= 4.5; };
  CHECK(rapport::follow(s, 2, 3, 3, 1, repaired).repair == rp::index{4});
  CHECK(rapport::follow(s, 2, 3, 3, 2, repaired).repair == rp::index{6});
  CHECK_FALSE(rapport::follow(s, 2, 3, 3, 4, repaired).repair);
}

TEST_CASE("sessions without a score are passed over and flagged", "[course]") {
  const auto e = example{5, 5, 5, missing, 2, missing, 5, 5}.from(4);
  CHECK(e.pre == 3);
  CHECK(e.onset == 5);
  CHECK(e.repair == 7.0);
  CHECK(e.duration == 1);
  CHECK(e.flags == std::vector<std::string>{"gap inside"});
  example numbered{5, 5, 5, 2, 5};
  numbered.session = {1, 2, 3, 5, 6};  // session 4 has no row
  CHECK(numbered.from(3).flags == std::vector<std::string>{"gap inside"});
  numbered.options.time = rapport::session_time::days;
  CHECK(numbered.from(3).flags.empty());
}

TEST_CASE("floor, ceiling and the end of therapy are flagged", "[course]") {
  example y{7, 7, 7, 1};
  y.options.range = rapport::score_range<double>{1, 7, 0};
  CHECK(y.from(3).flags == std::vector<std::string>{"at end", "floor", "ceiling"});
}

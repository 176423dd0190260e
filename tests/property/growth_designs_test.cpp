// SPDX-License-Identifier: BSL-1.0
// A small part of tests/long/growth_designs: the optimum, what is named on the boundary, what must not change anything.
#include "rapport_test.hpp"

#include "random_designs.hpp"

TEST_CASE("random growth designs against a search from many starts", "[property]") {
  constexpr std::uint64_t seed = 72;
  int on_boundary = 0;
  for (std::uint64_t number = 0; number < 60; ++number) {
    INFO("design " << number);
    const auto drawn = rapport_test::draw_design(seed, number);
    const auto fit = rapport::fit_growth(drawn.panel(), drawn.coding, drawn.options).value();
    CHECK(fit.model().report.status != rapport::stats::fit_status::not_converged);
    const auto second = rapport_test::search_again(drawn, 20, seed + number);
    CHECK(fit.criterion() <= second.deviance + 1e-7);
    CHECK(fit.boundary() == second.boundary);
    on_boundary += second.boundary.empty() ? 0 : 1;
    const auto moved = rapport_test::check_invariance(drawn, fit, rapport::random_stream(seed, 1000 + number));
    // A sum in another order, and Newton's last step: rounding of some thousand additions.
    CHECK(moved.order_criterion < 1e-12);
    CHECK(moved.order_prediction < 1e-12);
    // Times moved by hundreds lose some digits before the model sees them.
    CHECK(moved.scale_criterion < 1e-11);
    CHECK(moved.scale_prediction < 1e-9);
  }
  CHECK(on_boundary >= 20);
  CHECK(on_boundary <= 50);
}

TEST_CASE("designs in which the covariance nearly loses a dimension along a curved valley", "[property]") {
  // Found by the long run: the last variance shrinks so slowly that a search of factors alone does not arrive.
  for (const std::uint64_t number : {2489U, 3196U, 4373U, 4603U, 6408U, 7195U, 7795U, 8562U}) {
    INFO("design " << number);
    const auto drawn = rapport_test::draw_design(71, number);
    const auto fit = rapport::fit_growth(drawn.panel(), drawn.coding, drawn.options).value();
    CHECK(fit.model().report.status != rapport::stats::fit_status::not_converged);
    const auto second = rapport_test::search_again(drawn, 20, number);
    CHECK(fit.criterion() <= second.deviance + 1e-7);
    CHECK(fit.boundary() == second.boundary);
  }
}

// SPDX-License-Identifier: BSL-1.0
// Shapes of the mean curve: their terms at a time, their names, what is refused.
#include "rapport_test.hpp"

#include <sstream>

using rapport::errc;
using rapport::time_coding;

namespace {

std::vector<double> terms(const time_coding& coding, double time) {
  Eigen::VectorXd out(coding.n_fixed());
  coding.terms_at(time, out);
  return {out.data(), out.data() + out.size()};
}

}  // namespace

TEST_CASE("the terms of each shape", "[growth]") {
  CHECK(terms(rapport::cubic{}.centered_at(2), 4) == std::vector<double>{1, 2, 4, 8});
  CHECK(terms(rapport::level{}, 4) == std::vector<double>{1});
  CHECK(terms(rapport::log_time{}, 0) == std::vector<double>{1, 0});
  CHECK_CLOSE(terms(rapport::log_time{}.centered_at(1), 3)[1], std::log(3.0));
  CHECK(terms(rapport::sqrt_time{}.centered_at(1), 5) == std::vector<double>{1, 2});
  CHECK_CLOSE(terms(rapport::asymptotic{0.5}, 4)[1], 1 - std::exp(-2.0));
  // Before the knot only the first slope moves, after it only the second; the intercept is the curve at the center.
  CHECK(terms(rapport::piecewise{5}, 3) == std::vector<double>{1, 3, 0});
  CHECK(terms(rapport::piecewise{5}, 8) == std::vector<double>{1, 5, 3});
  CHECK(terms(rapport::piecewise{5}.centered_at(7), 8) == std::vector<double>{1, 0, 1});
  CHECK(terms(rapport::piecewise{5}.centered_at(7), 4) == std::vector<double>{1, -1, -2});
  CHECK(terms(rapport::piecewise{3, 6}, 5) == std::vector<double>{1, 3, 2, 0});
  CHECK(terms(rapport::piecewise{3, 6}, 10) == std::vector<double>{1, 3, 3, 4});
  CHECK(terms(rapport::before_after{5}.centered_at(1), 4) == std::vector<double>{1, 3, 0, 0});
  CHECK(terms(rapport::before_after{5}.centered_at(1), 5) == std::vector<double>{1, 4, 1, 0});
  CHECK(terms(rapport::before_after{5}.centered_at(1), 7) == std::vector<double>{1, 6, 1, 2});
}

TEST_CASE("a broken line is continuous and has the slopes that its coefficients say", "[growth]") {
  const auto coding = rapport::piecewise{2, 4.5}.centered_at(3);
  const double slopes[] = {1, 0.5, -0.25, 2};
  const auto curve = [&](double time) {
    const auto at = terms(coding, time);
    double sum = 0;
    for (std::size_t k = 0; k < at.size(); ++k) sum += slopes[k] * at[k];
    return sum;
  };
  CHECK_CLOSE(curve(3), 1);
  CHECK_CLOSE(curve(1.5) - curve(0.5), 0.5);
  CHECK_CLOSE(curve(4) - curve(3), -0.25);
  CHECK_CLOSE(curve(7) - curve(6), 2);
  for (const double knot : {2.0, 4.5}) CHECK_CLOSE(curve(knot + 1e-9), curve(knot - 1e-9), 0, 1e-8);
}

TEST_CASE("names of terms", "[growth]") {
  using names = std::vector<std::string>;
  CHECK(rapport::quadratic{}.term_names("week") == names{"(Intercept)", "week", "week^2"});
  CHECK(rapport::log_time{}.term_names() == names{"(Intercept)", "log(session)"});
  CHECK(rapport::sqrt_time{}.term_names() == names{"(Intercept)", "sqrt(session)"});
  CHECK(rapport::asymptotic{0.3}.term_names() == names{"(Intercept)", "asymptotic(session)"});
  CHECK(rapport::piecewise{3, 6.5}.term_names() == names{"(Intercept)", "session<3", "session>3", "session>6.5"});
  CHECK(rapport::before_after{4}.term_names() == names{"(Intercept)", "session", "jump@4", "session>4"});
  CHECK(rapport::orthogonal_quadratic{}.term_names() == names{"(Intercept)", "poly(session)1", "poly(session)2"});
}

TEST_CASE("what is no curve is refused", "[growth]") {
  const double many[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const time_coding& coding :
       {time_coding(4), time_coding(-1), time_coding(rapport::time_shape::orthogonal, 0),
        rapport::level{}.random_slope(), time_coding(rapport::time_shape::piecewise, std::span<const double>()),
        time_coding(rapport::time_shape::piecewise, std::span<const double>(many)),
        time_coding(rapport::time_shape::step, std::span<const double>(many, 2)), time_coding(rapport::piecewise{5, 3}),
        time_coding(rapport::piecewise{3, 3}), time_coding(rapport::piecewise{nan}),
        time_coding(rapport::asymptotic{0}), time_coding(rapport::asymptotic{-1}),
        time_coding(rapport::asymptotic{nan})}) {
    REQUIRE_FALSE(coding.check());
    CHECK(coding.check().error().code == errc::invalid_option);
  }
  CHECK(rapport::piecewise{3, 5}.random_all().check());
  CHECK(rapport::level{}.check());
  CHECK(rapport::log_time{}.random_slope().check());
}

// SPDX-License-Identifier: BSL-1.0
// How time enters a growth curve: the shape of the mean, where time counts as zero, what differs between clients.
#pragma once

#include <string>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/core/result.hpp>

namespace rapport {

/// Which terms of the curve clients may have values of their own for.
enum class random_terms : unsigned char {
  intercept,           ///< level
  slope,               ///< level and linear trend, correlated
  slope_uncorrelated,  ///< level and linear trend, uncorrelated: then the origin of time matters
  all                  ///< every term of the curve, correlated
};

/// A polynomial in time, with what differs between clients.
///
/// Start from `level{}`, `linear{}`, `quadratic{}` or `cubic{}` and refine:
///
///     rapport::linear{}.centered_at(1).random_slope()
class time_coding {
 public:
  constexpr explicit time_coding(int degree) noexcept : degree_(degree) {}

  /// This time counts as 0; the intercept is the mean score there.
  [[nodiscard]] constexpr time_coding centered_at(double time) const noexcept {
    time_coding changed = *this;
    changed.center_ = time;
    return changed;
  }
  /// Clients differ in level only; the default.
  [[nodiscard]] constexpr time_coding random_intercept() const noexcept { return with(random_terms::intercept); }
  /// Clients differ in level and trend.
  [[nodiscard]] constexpr time_coding random_slope() const noexcept { return with(random_terms::slope); }
  /// Clients differ in level and trend, and the two are taken to be unrelated at the time that counts as 0.
  [[nodiscard]] constexpr time_coding random_slope_uncorrelated() const noexcept {
    return with(random_terms::slope_uncorrelated);
  }
  /// Clients differ in every term.
  [[nodiscard]] constexpr time_coding random_all() const noexcept { return with(random_terms::all); }

  [[nodiscard]] constexpr time_coding with(random_terms random) const noexcept {
    time_coding changed = *this;
    changed.random_ = random;
    return changed;
  }

  [[nodiscard]] constexpr int degree() const noexcept { return degree_; }
  [[nodiscard]] constexpr double center() const noexcept { return center_; }
  [[nodiscard]] constexpr random_terms random() const noexcept { return random_; }
  [[nodiscard]] constexpr index n_fixed() const noexcept { return degree_ + 1; }
  [[nodiscard]] constexpr index n_random() const noexcept {
    if (random_ == random_terms::intercept) return 1;
    return random_ == random_terms::all ? degree_ + 1 : 2;
  }

  /// Errors: errc::invalid_option for a degree outside 0..3, or a random slope without a slope
  [[nodiscard]] constexpr result<void> check() const noexcept {
    error e{.code = errc::invalid_option,
            .function = "time_coding",
            .value = static_cast<double>(degree_),
            .lower = 0,
            .upper = 3,
            .subject = "the degree"};
    if (degree_ < 0 || degree_ > 3) return e;
    if (n_random() > n_fixed()) {
      e.lower = 1;
      e.subject = "the degree of a curve with random slopes";
      return e;
    }
    return {};
  }

  /// The names of the terms: "(Intercept)", "session", "session^2", ...
  [[nodiscard]] std::vector<std::string> term_names(const std::string& time = "session") const {
    std::vector<std::string> names{"(Intercept)"};
    for (int power = 1; power <= degree_; ++power)
      names.push_back(power == 1 ? time : time + "^" + std::to_string(power));
    return names;
  }

 private:
  int degree_ = 1;
  double center_ = 0;
  random_terms random_ = random_terms::intercept;
};

/// No trend: clients differ in level, the mean stays where it is.
struct level : time_coding {
  constexpr level() noexcept : time_coding(0) {}
};
/// A straight line.
struct linear : time_coding {
  constexpr linear() noexcept : time_coding(1) {}
};
/// A parabola, in raw powers of time.
struct quadratic : time_coding {
  constexpr quadratic() noexcept : time_coding(2) {}
};
/// A cubic, in raw powers of time.
struct cubic : time_coding {
  constexpr cubic() noexcept : time_coding(3) {}
};

}  // namespace rapport

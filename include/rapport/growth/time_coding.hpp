// SPDX-License-Identifier: BSL-1.0
// How time enters a growth curve: the shape of the mean, where time counts as zero, what differs between clients.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <rapport/core/index.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/core/result.hpp>

namespace rapport {

/// Which terms of the curve clients may have values of their own for.
enum class random_terms : unsigned char {
  none,                ///< nothing: one curve for all
  intercept,           ///< level
  slope,               ///< level and the first term of time, correlated
  slope_uncorrelated,  ///< level and the first term of time, uncorrelated: then the origin of time matters
  all                  ///< every term of the curve, correlated
};

/// What a curve is made of.
enum class time_shape : unsigned char {
  polynomial,   ///< powers of time
  orthogonal,   ///< powers of time, made orthogonal over the scored sessions, each of length 1
  logarithm,    ///< log(1 + time)
  square_root,  ///< the square root of time
  piecewise,    ///< one slope up to each knot and one after the last
  step,         ///< a jump at a knot and another slope from there on
  asymptotic    ///< 1 - exp(-rate time): change that levels off, at a rate that is given
};

/// The most knots of a piecewise curve.
inline constexpr int max_knots = 8;

/// The terms of a curve in time, with what differs between clients.
///
/// Start from one of the shapes below and refine:
///
///     rapport::linear{}.centered_at(1).random_slope()
class time_coding {
 public:
  constexpr explicit time_coding(int degree) noexcept : degree_(degree) {}
  constexpr time_coding(time_shape shape, int degree) noexcept : shape_(shape), degree_(degree) {}
  constexpr time_coding(time_shape shape, std::span<const double> knots) noexcept
      : shape_(shape), degree_(1), n_knots_(std::ssize(knots)) {
    for (std::size_t k = 0; k < knots.size() && k < knots_.size(); ++k) knots_[k] = knots[k];
  }

  /// This time counts as 0; the intercept is the mean score there.
  [[nodiscard]] constexpr time_coding centered_at(double time) const noexcept {
    time_coding changed = *this;
    changed.center_ = time;
    return changed;
  }
  /// Clients do not differ except by chance; for least squares and for models of the residuals.
  [[nodiscard]] constexpr time_coding random_none() const noexcept { return with(random_terms::none); }
  /// Clients differ in level only; the default.
  [[nodiscard]] constexpr time_coding random_intercept() const noexcept { return with(random_terms::intercept); }
  /// Clients differ in level and in the first term of time.
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

  [[nodiscard]] constexpr time_shape shape() const noexcept { return shape_; }
  [[nodiscard]] constexpr int degree() const noexcept { return degree_; }
  [[nodiscard]] constexpr double center() const noexcept { return center_; }
  [[nodiscard]] constexpr random_terms random() const noexcept { return random_; }
  /// The knots of a piecewise or broken curve; the rate of an asymptotic one.
  [[nodiscard]] constexpr std::span<const double> knots() const noexcept {
    return {knots_.data(), (std::min)(as_size(n_knots_), knots_.size())};
  }

  /// Terms of the mean curve, the constant among them.
  [[nodiscard]] constexpr index n_fixed() const noexcept {
    switch (shape_) {
      case time_shape::piecewise: return n_knots_ + 2;
      case time_shape::step: return 4;
      case time_shape::logarithm:
      case time_shape::square_root:
      case time_shape::asymptotic: return 2;
      default: return degree_ + 1;
    }
  }
  /// Terms of the curve that differ between clients: the first so many.
  [[nodiscard]] constexpr index n_random() const noexcept {
    switch (random_) {
      case random_terms::none: return 0;
      case random_terms::intercept: return 1;
      case random_terms::all: return n_fixed();
      default: return 2;
    }
  }
  /// True for a constant or a straight line: what a session_model can say.
  [[nodiscard]] constexpr bool is_line() const noexcept { return shape_ == time_shape::polynomial && degree_ <= 1; }

  /// Errors: errc::invalid_option for a degree outside 0..3 (1..3 if orthogonal), a random slope without a slope,
  ///         knots that are too many, not increasing or not numbers, a rate that is not positive
  [[nodiscard]] constexpr result<void> check() const noexcept {
    error e{.code = errc::invalid_option,
            .function = "time_coding",
            .value = static_cast<double>(degree_),
            .lower = shape_ == time_shape::orthogonal ? 1.0 : 0.0,
            .upper = 3,
            .subject = "the degree"};
    if (degree_ < e.lower || degree_ > e.upper) return e;
    if (n_random() > n_fixed()) {
      e.lower = 1;
      e.subject = "the degree of a curve with random slopes";
      return e;
    }
    const bool has_knots = shape_ == time_shape::piecewise || shape_ == time_shape::step;
    if (!has_knots && shape_ != time_shape::asymptotic) return {};
    const int most = shape_ == time_shape::piecewise ? max_knots : 1;
    if (n_knots_ < 1 || n_knots_ > most) {
      e.value = static_cast<double>(n_knots_);
      e.lower = 1;
      e.upper = most;
      e.subject = "the number of knots";
      return e;
    }
    constexpr double most_extreme = 1e300;
    double smallest = has_knots ? -most_extreme : 0;
    for (const double knot : knots()) {
      if (!(knot > smallest && knot < most_extreme)) {
        e.value = knot;
        e.lower = smallest;
        e.upper = most_extreme;
        e.subject = has_knots ? "a knot" : "the rate";
        return e;
      }
      smallest = knot;
    }
    return {};
  }

  /// Whether the curve has a value at a time: logarithm and square root need times that do not lie too early.
  template <class Scalar>
  [[nodiscard]] bool is_defined_at(const Scalar& time) const {
    const Scalar u = time - static_cast<Scalar>(center_);
    if (shape_ == time_shape::logarithm) return u > -1;
    return shape_ != time_shape::square_root || u >= 0;
  }

  /// The terms at a time, `n_fixed()` of them. Those of an orthogonal curve are plain powers here; what makes them
  /// orthogonal depends on the data.
  template <class Scalar, class Out>
  void terms_at(const Scalar& time, Out&& out) const {
    using std::exp;
    using std::log;
    using std::sqrt;
    const auto center = static_cast<Scalar>(center_);
    const Scalar u = time - center;
    out(0) = Scalar(1);
    if (shape_ == time_shape::logarithm) {
      out(1) = log(1 + u);
    } else if (shape_ == time_shape::square_root) {
      out(1) = sqrt(u);
    } else if (shape_ == time_shape::asymptotic) {
      out(1) = 1 - exp(-static_cast<Scalar>(knots_[0]) * u);
    } else if (shape_ == time_shape::piecewise) {
      // Time spent in each segment, counted from the center.
      for (index k = 0; k <= n_knots_; ++k) out(k + 1) = in_segment(time, k) - in_segment(center, k);
    } else if (shape_ == time_shape::step) {
      const auto knot = static_cast<Scalar>(knots_[0]);
      out(1) = u;
      out(2) = time >= knot ? Scalar(1) : Scalar(0);
      out(3) = time >= knot ? Scalar(time - knot) : Scalar(0);
    } else {
      for (int power = 1; power <= degree_; ++power) out(power) = out(power - 1) * u;
    }
  }

  /// The names of the terms: "(Intercept)", "session", "session^2", ...
  [[nodiscard]] std::vector<std::string> term_names(const std::string& time = "session") const {
    std::vector<std::string> names{"(Intercept)"};
    const auto knot = [&](index k) { return std::string(number_text(knots_[as_size(k)])); };
    switch (shape_) {
      case time_shape::logarithm: names.push_back("log(" + time + ")"); break;
      case time_shape::square_root: names.push_back("sqrt(" + time + ")"); break;
      case time_shape::asymptotic: names.push_back("asymptotic(" + time + ")"); break;
      case time_shape::piecewise:
        names.push_back(time + "<" + knot(0));
        for (index k = 0; k < n_knots_; ++k) names.push_back(time + ">" + knot(k));
        break;
      case time_shape::step:
        names.push_back(time);
        names.push_back("jump@" + knot(0));
        names.push_back(time + ">" + knot(0));
        break;
      default:
        for (int power = 1; power <= degree_; ++power) {
          if (shape_ == time_shape::orthogonal) {
            names.push_back("poly(" + time + ")" + std::to_string(power));
          } else {
            names.push_back(power == 1 ? time : time + "^" + std::to_string(power));
          }
        }
    }
    return names;
  }

 private:
  /// How much of the time up to `time` lies between knot k - 1 and knot k.
  template <class Scalar>
  [[nodiscard]] Scalar in_segment(const Scalar& time, index k) const {
    const bool is_first = k == 0;
    const bool is_last = k == n_knots_;
    const Scalar begin = is_first ? Scalar(0) : static_cast<Scalar>(knots_[as_size(k - 1)]);
    const Scalar end = is_last ? time : static_cast<Scalar>(knots_[as_size(k)]);
    const Scalar until = time < end ? time : end;
    return !is_first && until < begin ? Scalar(0) : Scalar(until - begin);
  }

  time_shape shape_ = time_shape::polynomial;
  int degree_ = 1;
  index n_knots_ = 0;
  std::array<double, max_knots> knots_{};
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
/// A parabola in orthogonal polynomials: the terms are uncorrelated and can be tested one by one.
struct orthogonal_quadratic : time_coding {
  constexpr orthogonal_quadratic() noexcept : time_coding(time_shape::orthogonal, 2) {}
};
/// A cubic in orthogonal polynomials.
struct orthogonal_cubic : time_coding {
  constexpr orthogonal_cubic() noexcept : time_coding(time_shape::orthogonal, 3) {}
};
/// Fast at first, then slower: log(1 + time since the center).
struct log_time : time_coding {
  constexpr log_time() noexcept : time_coding(time_shape::logarithm, 1) {}
};
/// Fast at first, then slower, but less so than the logarithm.
struct sqrt_time : time_coding {
  constexpr sqrt_time() noexcept : time_coding(time_shape::square_root, 1) {}
};
/// A broken line: one slope up to each knot, one after the last.
struct piecewise : time_coding {
  constexpr explicit piecewise(double knot) noexcept
      : time_coding(time_shape::piecewise, std::span<const double>(&knot, 1)) {}
  constexpr piecewise(std::initializer_list<double> knots) noexcept
      : time_coding(time_shape::piecewise, std::span<const double>(knots.begin(), knots.size())) {}
};
/// Before and after an event at a known time: a jump there, and another slope from there on.
struct before_after : time_coding {
  constexpr explicit before_after(double time) noexcept
      : time_coding(time_shape::step, std::span<const double>(&time, 1)) {}
};
/// Change that levels off: 1 - exp(-rate time), at a given rate per unit of time.
struct asymptotic : time_coding {
  constexpr explicit asymptotic(double rate) noexcept
      : time_coding(time_shape::asymptotic, std::span<const double>(&rate, 1)) {}
};

}  // namespace rapport

// SPDX-License-Identifier: BSL-1.0
// Random growth designs, half of them on a boundary, and a second search for their optimum: quasi-Newton over factors of
// the covariance from many random starts, and once more over factors of each lower rank.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/random.hpp>
#include <rapport/growth/curve.hpp>

namespace rapport_test {

/// Scores of a simulated study, and the model to be fitted to them.
struct random_design {
  std::vector<std::string> client{};
  std::vector<double> session{};
  std::vector<double> score{};
  rapport::time_coding coding{1};
  rapport::growth_options options{};

  [[nodiscard]] rapport::session_panel panel() const {
    return rapport::session_panel::make(client, session, score).value();
  }
};

/// 6 to 30 clients, 4 to 10 sessions, none or some of them missed; random levels, slopes (correlated or not) or all terms
/// of a parabola; ML or REML. In seven of ten designs the true covariance lacks one dimension or all.
inline random_design draw_design(std::uint64_t seed, std::uint64_t number) {
  rapport::random_stream random(seed, number);
  random_design out;
  const double kind = random.uniform();
  rapport::index q = 2;
  if (kind < 0.25) {
    q = 1;
    out.coding = rapport::linear{};
  } else if (kind < 0.7) {
    out.coding = rapport::linear{}.random_slope();
  } else if (kind < 0.9) {
    out.coding = rapport::linear{}.random_slope_uncorrelated();
  } else {
    q = 3;
    out.coding = rapport::quadratic{}.random_all();
  }
  const auto clients = 6 + random.below(25);
  const auto sessions = 4 + random.below(7);
  out.coding = out.coding.centered_at(static_cast<double>(1 + random.below(3)));
  if (random.chance(0.5)) out.options.method = rapport::stats::likelihood::ml;
  const double missed = random.chance(0.4) ? 0 : 0.25 * random.uniform();

  // The true factor: each later term changes a score by about as much over the course of therapy as the level does.
  Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(q, q);
  for (rapport::index j = 0; j < q; ++j) {
    for (rapport::index i = j; i < q; ++i) {
      const bool correlated = out.coding.random() != rapport::random_terms::slope_uncorrelated;
      if (i != j && !correlated) continue;
      factor(i, j) = (i == j ? 0.3 + random.uniform() : 0.5 * random.normal()) /
                     std::pow(static_cast<double>(sessions) / 2, static_cast<double>(i));
    }
  }
  const double rank = random.uniform();
  if (rank < 0.4) factor.setZero();
  if (rank >= 0.4 && rank < 0.7) factor.col(q - 1).setZero();
  for (rapport::index c = 0; c < clients; ++c) {
    Eigen::VectorXd normal(q);
    for (double& each : normal) each = random.normal();
    const Eigen::VectorXd own = factor * normal;
    for (rapport::index s = 1; s <= sessions; ++s) {
      const double u = static_cast<double>(s) - out.coding.center();
      double score = 5 + 0.1 * u + random.normal();
      for (rapport::index k = 0; k < q; ++k) score += own(k) * std::pow(u, static_cast<double>(k));
      if (s > 2 && random.chance(missed)) continue;
      out.client.push_back(std::to_string(c));
      out.session.push_back(static_cast<double>(s));
      out.score.push_back(score);
    }
  }
  return out;
}

/// The second search.
class many_starts {
 public:
  using design_type = rapport::stats::mixed_model_design<double>;
  using matrix_type = Eigen::MatrixXd;

  many_starts(const design_type& design, rapport::stats::likelihood kind, rapport::random_stream random)
      : design_(design), kind_(kind), random_(random) {
    const rapport::index q = design.n_random();
    correlated_ = design.structure() == rapport::stats::random_structure::correlated;
    for (rapport::index j = 0; j < q; ++j) {
      for (rapport::index i = j; i < (correlated_ ? q : j + 1); ++i) entries_.emplace_back(i, j);
    }
  }

  struct optimum {
    double deviance = std::numeric_limits<double>::infinity();
    matrix_type factor{};
  };

  /// The best optimum in which only the first `rank` columns of the factor, or the columns of a subset, are not zero.
  [[nodiscard]] optimum best_of(int starts, const std::vector<bool>& column_used) {
    optimum best;
    for (int start = 0; start < starts; ++start) {
      matrix_type factor = matrix_type::Zero(design_.n_random(), design_.n_random());
      const double size = std::pow(10.0, 2 * random_.uniform() - 1.5);
      for (const auto& [i, j] : entries_) {
        if (column_used[rapport::as_size(j)]) factor(i, j) = size * random_.normal();
      }
      const optimum found = descend(factor, column_used);
      if (found.deviance < best.deviance) best = found;
    }
    return best;
  }

 private:
  [[nodiscard]] double at(const matrix_type& factor, matrix_type& slope) const {
    const rapport::stats::small_matrix<double> g0 = factor * factor.transpose();
    const auto found = rapport::stats::evaluate<double>(design_, g0, kind_);
    if (!found) return std::numeric_limits<double>::infinity();
    slope = 2 * found->gradient * factor;
    return found->deviance;
  }

  [[nodiscard]] optimum descend(matrix_type factor, const std::vector<bool>& column_used) const {
    std::vector<std::pair<rapport::index, rapport::index>> free;
    for (const auto& entry : entries_) {
      if (column_used[rapport::as_size(entry.second)]) free.push_back(entry);
    }
    const rapport::index n = std::ssize(free);
    const auto gather = [&](const matrix_type& from) {
      Eigen::VectorXd out(n);
      for (rapport::index k = 0; k < n; ++k)
        out(k) = from(free[rapport::as_size(k)].first, free[rapport::as_size(k)].second);
      return out;
    };
    matrix_type slope;
    double value = at(factor, slope);
    Eigen::VectorXd gradient = gather(slope);
    matrix_type inverse = matrix_type::Identity(n, n) / (1 + gradient.norm());
    for (int iteration = 0; iteration < 200 && n > 0; ++iteration) {
      Eigen::VectorXd step = -inverse * gradient;
      if (!(step.dot(gradient) < 0)) {
        inverse = matrix_type::Identity(n, n) / (1 + gradient.norm());
        step = -inverse * gradient;
      }
      if (-step.dot(gradient) < 1e-11) break;
      double length = 1;
      matrix_type moved;
      matrix_type moved_slope;
      double moved_value = value;
      for (; length > 1e-10; length /= 3) {
        moved = factor;
        for (rapport::index k = 0; k < n; ++k)
          moved(free[rapport::as_size(k)].first, free[rapport::as_size(k)].second) += length * step(k);
        moved_value = at(moved, moved_slope);
        if (moved_value <= value + 1e-4 * length * step.dot(gradient)) break;
      }
      if (!(moved_value < value)) break;
      const Eigen::VectorXd moved_gradient = gather(moved_slope);
      const Eigen::VectorXd s = length * step;
      const Eigen::VectorXd y = moved_gradient - gradient;
      factor = moved;
      value = moved_value;
      gradient = moved_gradient;
      const double sy = s.dot(y);
      if (sy > 1e-14 * s.norm() * y.norm()) {
        if (iteration == 0) inverse = matrix_type::Identity(n, n) * (sy / y.squaredNorm());
        const matrix_type left = matrix_type::Identity(n, n) - s * y.transpose() / sy;
        inverse = left * inverse * left.transpose() + s * s.transpose() / sy;
      }
    }
    return {value, factor};
  }

  const design_type& design_;
  rapport::stats::likelihood kind_;
  rapport::random_stream random_;
  bool correlated_ = true;
  std::vector<std::pair<rapport::index, rapport::index>> entries_{};
};

/// What the second search says is on the boundary, in the words of growth_fit::boundary(): the smallest model that
/// reaches the best deviance. A gain below 1e-8 is none.
struct second_opinion {
  double deviance = 0;
  std::string boundary{};
};

inline second_opinion search_again(const random_design& drawn, int starts, std::uint64_t seed) {
  constexpr double no_gain = 1e-8;
  const auto rows = rapport::rows_of_growth<double>(drawn.panel(), drawn.coding).value();
  const auto design = rapport::stats::mixed_model_design<double>::make(rows.data).value();
  many_starts search(design, drawn.options.method, rapport::random_stream(seed));
  const auto q = rapport::as_size(design.n_random());
  const bool correlated = rows.data.structure == rapport::stats::random_structure::correlated;
  // Ranks, or subsets of variances: the smaller ones first, the full model last.
  std::vector<std::vector<bool>> columns;
  if (correlated) {
    for (std::size_t rank = 0; rank <= q; ++rank) {
      columns.emplace_back(q, false);
      std::fill_n(columns.back().begin(), rank, true);
    }
  } else {
    columns = {{false, false}, {true, false}, {false, true}, {true, true}};
  }
  std::vector<many_starts::optimum> found;
  second_opinion out{std::numeric_limits<double>::infinity(), {}};
  for (const auto& used : columns) {
    const bool is_full = std::find(used.begin(), used.end(), false) == used.end();
    found.push_back(search.best_of(is_full ? starts : 1 + starts / 5, used));
    out.deviance = (std::min)(out.deviance, found.back().deviance);
  }
  std::size_t at = 0;
  while (found[at].deviance > out.deviance + no_gain) ++at;
  const std::string names[] = {"(Intercept)", "session", "session^2"};
  std::string zero;
  for (std::size_t k = 0; k < q; ++k) {
    if (correlated ? at > 0 : bool(columns[at][k])) continue;
    zero += (zero.empty() ? "the variance of " : " and the variance of ") + names[k];
  }
  if (!zero.empty()) {
    out.boundary = zero + " is zero";
  } else if (at + 1 < columns.size() && q == 2) {
    const auto back = design.z_factor().triangularView<Eigen::Upper>();
    const Eigen::MatrixXd factor = back.solve(found[at].factor);
    const char* sign = factor(0, 0) * factor(1, 0) > 0 ? "+1" : "-1";
    out.boundary =
        names[0] + " and " + names[1] + " correlate " + sign + " between clients, so one number describes both";
  } else if (at + 1 < columns.size()) {
    out.boundary = "some combination of the clients' deviations has variance zero";
  }
  return out;
}

/// By how much a fit changes that should not: relative differences.
struct invariance {
  double order_criterion = 0;   ///< rows shuffled and clients renamed: the criterion, relative
  double order_prediction = 0;  ///< of every client's expected scores, in residual standard deviations
  double scale_criterion = 0;   ///< time and scores shifted and rescaled: beyond the known constant
  double scale_prediction = 0;
};

inline double largest_difference(const rapport::growth_fit& a, const rapport::growth_fit& b, const random_design& drawn,
                                 double shift, double scale, double time_shift, double time_scale,
                                 const std::vector<std::string>& new_name) {
  double out = 0;
  for (const auto& one : a.client_curves()) {
    const std::string& renamed = new_name.empty() ? one.id : new_name[std::stoul(one.id)];
    for (const auto& other : b.client_curves()) {
      if (other.id != renamed) continue;
      for (std::size_t i = 0; i < drawn.client.size(); ++i) {
        if (drawn.client[i] != one.id) continue;
        const double before = shift + scale * a.expected(one, drawn.session[i]);
        const double after = b.expected(other, time_shift + time_scale * drawn.session[i]);
        out = (std::max)(out, std::fabs(after - before) / (scale * a.residual_sd()));
      }
    }
  }
  return out;
}

/// Fits the same data in another order under other names, and in other units.
inline invariance check_invariance(const random_design& drawn, const rapport::growth_fit& fit,
                                   rapport::random_stream random) {
  invariance out;
  const std::size_t n = drawn.client.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[rapport::as_size(random.below(std::ptrdiff_t(i)))]);
  std::vector<std::string> name;
  for (int k = 0; k < 40; ++k) name.push_back("x" + std::to_string((k * 17 + 5) % 41));
  random_design other = drawn;
  for (std::size_t i = 0; i < n; ++i) {
    other.client[i] = name[std::stoul(drawn.client[order[i]])];
    other.session[i] = drawn.session[order[i]];
    other.score[i] = drawn.score[order[i]];
  }
  const auto shuffled = rapport::fit_growth(other.panel(), drawn.coding, drawn.options).value();
  out.order_criterion = std::fabs(shuffled.criterion() - fit.criterion()) / std::fabs(fit.criterion());
  out.order_prediction = largest_difference(fit, shuffled, drawn, 0, 1, 0, 1, name);

  const bool correlated = drawn.coding.random() != rapport::random_terms::slope_uncorrelated;
  const double time_shift = 100 * random.normal();
  const double time_scale = std::pow(10.0, 2 * random.uniform() - 1);
  const double shift = 100 * random.normal();
  const double scale = std::pow(10.0, 4 * random.uniform() - 2);
  other = drawn;
  for (double& session : other.session) session = time_shift + time_scale * session;
  for (double& score : other.score) score = shift + scale * score;
  // Another origin, where the model does not depend on it; the same point of therapy, where it does.
  const double center = correlated ? drawn.coding.center() + random.normal() : drawn.coding.center();
  const auto moved =
      rapport::fit_growth(other.panel(), drawn.coding.centered_at(time_shift + time_scale * center), drawn.options)
          .value();
  const auto p = static_cast<double>(drawn.coding.n_fixed());
  const bool reml = drawn.options.method == rapport::stats::likelihood::reml;
  double constant = 2 * (static_cast<double>(n) - (reml ? p : 0)) * std::log(scale);
  if (reml) constant += 2 * (p * (p - 1) / 2) * std::log(time_scale);  // the determinant of X'X
  out.scale_criterion = std::fabs(moved.criterion() - fit.criterion() - constant) / std::fabs(fit.criterion());
  out.scale_prediction = largest_difference(fit, moved, drawn, shift, scale, time_shift, time_scale, {});
  return out;
}

}  // namespace rapport_test

// SPDX-License-Identifier: BSL-1.0
// Groups of clients with curves of their own that nobody has named: latent class growth and growth mixture models.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/random.hpp>
#include <rapport/growth/model.hpp>
#include <rapport/stats/linalg/cholesky.hpp>

namespace rapport {

/// How classes are searched.
struct latent_class_options {
  index n_classes = 2;  ///< 1 to 5
  index starts = 20;    ///< random starting points
  std::uint64_t seed = 20240229;
};

/// The most classes.
inline constexpr index most_latent_classes = 5;

/// Checks the options.
/// Errors: errc::invalid_option
[[nodiscard]] inline result<void> validate(const latent_class_options& options) {
  error e{.code = errc::invalid_option, .function = "fit_latent_classes", .lower = 1};
  if (options.n_classes < 1 || options.n_classes > most_latent_classes) {
    e.value = static_cast<double>(options.n_classes);
    e.upper = static_cast<double>(most_latent_classes);
    e.subject = "the number of classes";
    return e;
  }
  constexpr index most_starts = 10000;
  if (options.starts < 1 || options.starts > most_starts) {
    e.value = static_cast<double>(options.starts);
    e.upper = static_cast<double>(most_starts);
    e.subject = "the number of starts";
    return e;
  }
  return {};
}

/// A mixture of growth curves; classes by decreasing probability.
template <class Scalar>
struct basic_latent_classes {
  std::vector<std::string> term_names{};
  stats::vector<Scalar> probability{};        ///< of each class
  stats::matrix<Scalar> coefficients{};       ///< classes x terms
  stats::matrix<Scalar> random_covariance{};  ///< of clients within a class, the same for all
  Scalar residual_var{};
  std::vector<std::string> client{};
  stats::matrix<Scalar> posterior{};  ///< clients x classes
  std::vector<index> modal_count{};   ///< clients whose largest posterior is that of the class
  stats::vector<Scalar> certainty{};  ///< mean posterior of the class among those
  Scalar log_likelihood{};
  index n_parameters = 0;
  Scalar aic{};
  Scalar bic_n_clients{};
  Scalar bic_adjusted{};             ///< with (clients + 2) / 24
  Scalar icl{};                      ///< BIC plus twice the entropy of the posteriors
  Scalar entropy{1};                 ///< 1: every client is certain of its class; 0: none knows anything
  Scalar share_of_starts_at_best{};  ///< below about a half, take more starts
  bool converged = false;
};
using latent_classes = basic_latent_classes<double>;

namespace detail {

/// Expectation and maximisation of a mixture of growth curves, accelerated.
template <class Scalar>
class latent_class_search {
 public:
  struct parameters {
    stats::vector<Scalar> log_odds{};  ///< log of probability_k / probability_0
    stats::matrix<Scalar> beta{};      ///< terms x classes
    stats::matrix<Scalar> root{};      ///< lower triangle, G = root root'
    Scalar log_residual_var{};
  };
  struct point {
    parameters at{};
    Scalar log_likelihood{};
  };

  latent_class_search(const stats::mixed_model_data<Scalar>& rows, index n_classes) : rows_(rows), k_(n_classes) {
    const index n = rows.n_clusters();
    for (index c = 0; c < n; ++c) {
      const index first = rows.cluster_begin[as_size(c)];
      const index count = rows.cluster_begin[as_size(c) + 1] - first;
      clusters_.push_back(
          {rows.x.middleRows(first, count), rows.z.middleRows(first, count), rows.y.segment(first, count)});
    }
  }

  [[nodiscard]] index n_clusters() const noexcept { return std::ssize(clusters_); }

  /// Log-likelihood and posteriors; not finite if a covariance has no factor.
  [[nodiscard]] Scalar expect(const parameters& at, stats::matrix<Scalar>& posterior) {
    using std::atan;
    using std::exp;
    using std::log;
    const Scalar log_two_pi = log(Scalar(8 * atan(Scalar(1))));
    const stats::matrix<Scalar> g = at.root * at.root.transpose();
    const stats::vector<Scalar> log_prior = log_probabilities(at);
    posterior.resize(n_clusters(), k_);
    inverse_.resize(clusters_.size());
    Scalar sum(0);
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
      const cluster& mine = clusters_[c];
      stats::matrix<Scalar> v = mine.z * g * mine.z.transpose();
      v.diagonal().array() += exp(at.log_residual_var);
      const auto factor = stats::cholesky_factor<Scalar>::make(v);
      if (!factor) return -std::numeric_limits<Scalar>::infinity();
      inverse_[c] = factor->inverse();
      const Scalar constant = static_cast<Scalar>(mine.y.size()) * log_two_pi + factor->log_determinant();
      auto row = posterior.row(static_cast<index>(c));
      for (index k = 0; k < k_; ++k) {
        const stats::vector<Scalar> away = mine.y - mine.x * at.beta.col(k);
        row(k) = log_prior(k) - (constant + away.dot(inverse_[c] * away)) / 2;
      }
      const Scalar largest = row.maxCoeff();
      row = (row.array() - largest).exp().matrix().eval();
      const Scalar total = row.sum();
      row /= total;
      sum += largest + log(total);
    }
    return sum;
  }

  /// One cycle of maximisations, each after an expectation; false if a class has died out.
  [[nodiscard]] bool step(parameters& at) {
    using std::log;
    stats::matrix<Scalar> posterior;
    if (!is_finite(expect(at, posterior))) return false;
    const stats::vector<Scalar> share = posterior.colwise().mean().transpose();
    const index p = rows_.x.cols();
    for (index k = 0; k < k_; ++k) {
      if (!(share(k) > 0)) return false;
      stats::matrix<Scalar> xvx = stats::matrix<Scalar>::Zero(p, p);
      stats::vector<Scalar> xvy = stats::vector<Scalar>::Zero(p);
      for (std::size_t c = 0; c < clusters_.size(); ++c) {
        const stats::matrix<Scalar> weighted =
            posterior(static_cast<index>(c), k) * (clusters_[c].x.transpose() * inverse_[c]);
        xvx += weighted * clusters_[c].x;
        xvy += weighted * clusters_[c].y;
      }
      const auto factor = stats::cholesky_factor<Scalar>::make(xvx);
      if (!factor) return false;
      at.beta.col(k) = factor->solve(xvy);
      at.log_odds(k) = log(share(k) / share(0));
    }
    if (!is_finite(expect(at, posterior))) return false;
    const index q = rows_.z.cols();
    const stats::matrix<Scalar> g = at.root * at.root.transpose();
    stats::matrix<Scalar> moments = stats::matrix<Scalar>::Zero(q, q);
    Scalar squares(0);
    for (std::size_t c = 0; c < clusters_.size(); ++c) {
      const cluster& mine = clusters_[c];
      const stats::matrix<Scalar> gain = g * mine.z.transpose() * inverse_[c];
      const stats::matrix<Scalar> left = g - gain * mine.z * g;
      moments += left;
      squares += (mine.z * left).cwiseProduct(mine.z).sum();
      for (index k = 0; k < k_; ++k) {
        const Scalar& weight = posterior(static_cast<index>(c), k);
        const stats::vector<Scalar> away = mine.y - mine.x * at.beta.col(k);
        const stats::vector<Scalar> effect = gain * away;
        moments += weight * effect * effect.transpose();
        squares += weight * (away - mine.z * effect).squaredNorm();
      }
    }
    at.log_residual_var = log(squares / static_cast<Scalar>(rows_.y.size()));
    if (q == 0) return true;
    const auto factor =
        stats::cholesky_factor<Scalar>::make(stats::matrix<Scalar>(moments / static_cast<Scalar>(n_clusters())));
    if (!factor) return false;
    at.root = factor->lower();
    return true;
  }

  /// Climbs until nothing is gained: two cycles and an extrapolation along their change, taken back where it loses.
  [[nodiscard]] point climb(parameters at, const Scalar& tolerance, int most_cycles, bool& converged) {
    stats::matrix<Scalar> posterior;
    point out{at, expect(at, posterior)};
    converged = false;
    for (int cycle = 0; cycle < most_cycles; ++cycle) {
      parameters one = out.at;
      if (!step(one)) return out;
      parameters two = one;
      if (!step(two)) return out;
      const stats::vector<Scalar> x0 = packed(out.at);
      const stats::vector<Scalar> r = packed(one) - x0;
      const stats::vector<Scalar> v = packed(two) - packed(one) - r;
      if (r.cwiseAbs().maxCoeff() < tolerance) {
        converged = true;
        return out;
      }
      const Scalar before = out.log_likelihood;
      out = {two, expect(two, posterior)};
      if (v.norm() > 0) {
        const Scalar length = r.norm() / v.norm();
        if (length > 1) {
          parameters far = unpacked(x0 + 2 * length * r + length * length * v);
          if (step(far)) {
            const Scalar there = expect(far, posterior);
            if (there > out.log_likelihood) out = {far, there};
          }
        }
      }
      if (!is_finite(out.log_likelihood) || out.log_likelihood < before - Scalar(1e-6)) return out;
    }
    return out;
  }

  [[nodiscard]] stats::vector<Scalar> log_probabilities(const parameters& at) const {
    using std::log;
    const Scalar largest = at.log_odds.maxCoeff();
    return at.log_odds.array() - largest - log((at.log_odds.array() - largest).exp().sum());
  }

 private:
  struct cluster {
    stats::matrix<Scalar> x{};
    stats::matrix<Scalar> z{};
    stats::vector<Scalar> y{};
  };

  [[nodiscard]] static bool is_finite(const Scalar& x) {
    using std::isfinite;
    return isfinite(x);
  }

  [[nodiscard]] stats::vector<Scalar> packed(const parameters& from) const {
    const index q = from.root.rows();
    stats::vector<Scalar> out(k_ + from.beta.size() + q * q + 1);
    out << from.log_odds, from.beta.reshaped(), from.root.reshaped(), from.log_residual_var;
    return out;
  }
  [[nodiscard]] parameters unpacked(const stats::vector<Scalar>& from) const {
    const index p = rows_.x.cols();
    const index q = rows_.z.cols();
    return {from.head(k_), from.segment(k_, p * k_).reshaped(p, k_), from.segment(k_ + p * k_, q * q).reshaped(q, q),
            from(from.size() - 1)};
  }

  const stats::mixed_model_data<Scalar>& rows_;
  index k_;
  std::vector<cluster> clusters_{};
  std::vector<stats::matrix<Scalar>> inverse_{};
};

}  // namespace detail

/// Fits a mixture of growth curves: a latent class growth model if clients of a class do not differ (random_none()), and
/// else a growth mixture model.
/// Model:       client i belongs to class k with probability_k; then score_it = terms of time x coefficients_k + the
///              client's deviation + e_it, deviations and errors with the same covariances in all classes
/// \param panel    scores over sessions
/// \param coding   the terms of time, and which of them differ between the clients of a class
/// \param options  classes, starts, seed
/// \return      the best of all starts; `converged` and `share_of_starts_at_best` say how far to trust it
/// Errors:      errc::invalid_option; those of rows_of_growth; errc::too_few_clusters with fewer clients than ten per
///              class; errc::collinear; errc::numeric_failure if no start keeps all classes alive
/// Missing:     sessions without a score are left out; valid if they are missing at random
/// Numerics:    maximum likelihood by expectation and maximisation from random starts, extrapolated (Varadhan & Roland
///              2008), until no parameter moves by 1e-10; O(n^3) per client of n sessions and cycle
/// Not for:     proof that groups exist: a mixture fits any skewed distribution better than one class does
/// Reference:   Muthen & Shedden (1999), doi 10.1111/j.0006-341X.1999.00463.x; Nagin (1999), doi
///              10.1037/1082-989X.4.2.139; Varadhan & Roland (2008), doi 10.1111/j.1467-9469.2007.00585.x
/// R:           lcmm::hlme(score ~ session, mixture = ~session, random = ~1, subject = "client", ng = 2)
template <class Scalar>
[[nodiscard]] result<basic_latent_classes<Scalar>> fit_latent_classes(const basic_session_panel<Scalar>& panel,
                                                                      const time_coding& coding,
                                                                      const latent_class_options& options = {}) {
  using std::abs;
  using std::log;
  using std::sqrt;
  using parameters = typename detail::latent_class_search<Scalar>::parameters;
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto legal = coding.check(); !legal) return legal.error();
  const auto listed = rows_of_growth(panel, coding);
  if (!listed) return listed.error();
  const auto& rows = listed->data;
  const index k = options.n_classes;
  const index p = rows.x.cols();
  const index q = rows.z.cols();
  const index n = rows.n_clusters();
  constexpr index fewest_per_class = 10;
  if (n < fewest_per_class * k) {
    return error{.code = errc::too_few_clusters,
                 .function = "fit_latent_classes",
                 .value = static_cast<double>(n),
                 .lower = static_cast<double>(fewest_per_class * k)};
  }
  const auto standard = stats::detail::standardize(rows, 0);
  if (!standard) return detail::with_name(standard.error(), listed->columns.fixed_names);
  const auto x_factor = standard->x_factor.template triangularView<Eigen::Upper>();
  const Scalar total_var = standard->score_scale * standard->score_scale;
  const stats::vector<Scalar> pooled = x_factor.solve(stats::vector<Scalar>(standard->score_scale * standard->start));

  detail::latent_class_search<Scalar> search(rows, k);
  std::vector<typename detail::latent_class_search<Scalar>::point> ends;
  for (index start = 0; start < (k == 1 ? 1 : options.starts); ++start) {
    random_stream random(options.seed, static_cast<std::uint64_t>(start));
    parameters at{stats::vector<Scalar>::Zero(k), stats::matrix<Scalar>(p, k), stats::matrix<Scalar>::Zero(q, q),
                  log(total_var / 2)};
    for (index j = 0; j < k; ++j) {
      stats::vector<Scalar> away(p);
      for (Scalar& each : away) each = standard->score_scale * static_cast<Scalar>(random.normal());
      at.beta.col(j) = pooled;
      if (k > 1) at.beta.col(j) += x_factor.solve(away);
    }
    for (index j = 0; j < q; ++j) {
      const Scalar size = rows.z.col(j).norm() / sqrt(static_cast<Scalar>(rows.y.size()));
      at.root(j, j) = sqrt(total_var / static_cast<Scalar>(2 * q)) / (size > 0 ? size : Scalar(1));
    }
    bool reached = false;
    constexpr int most_cycles = 500;
    auto end = search.climb(std::move(at), Scalar(1e-5), most_cycles, reached);
    using std::isfinite;
    if (isfinite(end.log_likelihood)) ends.push_back(std::move(end));
  }
  if (ends.empty())
    return error{.code = errc::numeric_failure, .function = "fit_latent_classes", .subject = "every start"};
  auto best = *std::max_element(ends.begin(), ends.end(),
                                [](const auto& a, const auto& b) { return a.log_likelihood < b.log_likelihood; });
  basic_latent_classes<Scalar> out;
  constexpr int most_last_cycles = 5000;
  best = search.climb(best.at, Scalar(1e-10), most_last_cycles, out.converged);
  const Scalar same(1e-3);
  index at_best = 0;
  for (const auto& each : ends) at_best += each.log_likelihood > best.log_likelihood - same ? 1 : 0;
  out.share_of_starts_at_best = static_cast<Scalar>(at_best) / static_cast<Scalar>(k == 1 ? 1 : options.starts);

  stats::matrix<Scalar> posterior;
  out.log_likelihood = search.expect(best.at, posterior);
  const stats::vector<Scalar> probability = search.log_probabilities(best.at).array().exp();
  std::vector<index> order(as_size(k));
  for (index j = 0; j < k; ++j) order[as_size(j)] = j;
  std::sort(order.begin(), order.end(), [&](index a, index b) { return probability(a) > probability(b); });
  out.term_names = listed->columns.fixed_names;
  out.probability.resize(k);
  out.coefficients.resize(k, p);
  out.posterior.resize(n, k);
  for (index j = 0; j < k; ++j) {
    out.probability(j) = probability(order[as_size(j)]);
    out.coefficients.row(j) = best.at.beta.col(order[as_size(j)]).transpose();
    out.posterior.col(j) = posterior.col(order[as_size(j)]);
  }
  out.random_covariance = best.at.root * best.at.root.transpose();
  using std::exp;
  out.residual_var = exp(best.at.log_residual_var);
  out.modal_count.assign(as_size(k), 0);
  out.certainty = stats::vector<Scalar>::Zero(k);
  Scalar uncertainty(0);
  for (index c = 0; c < n; ++c) {
    out.client.push_back(panel.client_id(listed->client_of_cluster[as_size(c)]));
    index mode = 0;
    const Scalar largest = out.posterior.row(c).maxCoeff(&mode);
    ++out.modal_count[as_size(mode)];
    out.certainty(mode) += largest;
    for (index j = 0; j < k; ++j) {
      const Scalar& w = out.posterior(c, j);
      if (w > 0) uncertainty -= w * log(w);
    }
  }
  for (index j = 0; j < k; ++j) {
    if (out.modal_count[as_size(j)] > 0) out.certainty(j) /= static_cast<Scalar>(out.modal_count[as_size(j)]);
  }
  const auto size = static_cast<Scalar>(n);
  out.n_parameters = k - 1 + k * p + q * (q + 1) / 2 + 1;
  const auto free = static_cast<Scalar>(out.n_parameters);
  out.aic = 2 * free - 2 * out.log_likelihood;
  out.bic_n_clients = log(size) * free - 2 * out.log_likelihood;
  out.bic_adjusted = log((size + 2) / 24) * free - 2 * out.log_likelihood;
  out.icl = out.bic_n_clients + 2 * uncertainty;
  if (k > 1) out.entropy = 1 - uncertainty / (size * log(static_cast<Scalar>(k)));
  return out;
}

}  // namespace rapport

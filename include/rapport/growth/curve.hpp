// SPDX-License-Identifier: BSL-1.0
// Growth curves: how scores change over sessions, on average and for each client.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rapport/core/failure.hpp>
#include <rapport/core/number_text.hpp>
#include <rapport/data/session_panel.hpp>
#include <rapport/growth/covariates.hpp>
#include <rapport/growth/rows.hpp>
#include <rapport/growth/time_coding.hpp>
#include <rapport/stats/mixed_model.hpp>
#include <rapport/stats/session_filter.hpp>

namespace rapport {

/// How a growth curve is fitted.
struct growth_options {
  stats::likelihood method = stats::likelihood::reml;  ///< REML, or ML for comparing mean curves
  double level = 0.95;                                 ///< of the intervals, strictly between 0 and 1
  std::string time_name = "session";                   ///< what the linear term is called in results
};

/// Checks the options.
/// Errors: errc::invalid_option if the level is not strictly between 0 and 1
[[nodiscard]] inline result<void> validate(const growth_options& options) {
  return check_level(options.level, "fit_growth");
}

/// A fixed effect of the mean curve.
template <class Scalar>
struct basic_growth_coefficient : stats::coefficient_test<Scalar> {
  std::string name{};
};

/// One client's curve: what the model says (empirical Bayes), and what the client's scores alone say.
template <class Scalar>
struct basic_client_curve {
  std::string id{};
  index n = 0;                              ///< scored sessions
  stats::vector<Scalar> coefficients{};     ///< mean curve plus the client's own deviation
  stats::vector<Scalar> standard_errors{};  ///< of the coefficients, the mean curve being estimated too
  stats::vector<Scalar> ols{};              ///< least squares of this client's scores on time; empty if too few
};

/// One client's straight line.
template <class Scalar>
struct basic_client_line {
  std::string id{};
  index n = 0;
  Scalar intercept{};
  Scalar intercept_se{};
  Scalar slope{};
  Scalar slope_se{};
};

namespace detail {

/// Least squares of the rows [first, last) on their first columns; empty where the rows do not determine them.
template <class Scalar>
[[nodiscard]] stats::vector<Scalar> least_squares(const stats::mixed_model_data<Scalar>& data, index first, index last,
                                                  index n_columns) {
  stats::matrix<Scalar> q = data.x.block(first, 0, last - first, n_columns);
  const stats::matrix<Scalar> r = stats::detail::orthogonalize<Scalar>(q, Scalar(1));
  if ((r.diagonal().array() == 0).any()) return {};
  return r.template triangularView<Eigen::Upper>().solve(
      stats::vector<Scalar>(q.transpose() * data.y.segment(first, last - first)));
}

/// An error that names a column by its position, with the column's name.
[[nodiscard]] inline error with_name(error e, const std::vector<std::string>& names) {
  if (e.code == errc::collinear && e.column >= 0 && e.column < std::ssize(names)) {
    e.subject = std::string_view(names[as_size(e.column)]);
  }
  return e;
}

}  // namespace detail

/// A fitted growth curve.
template <class Scalar>
class basic_growth_fit {
 public:
  using coefficient = basic_growth_coefficient<Scalar>;
  using client_curve = basic_client_curve<Scalar>;
  using client_line = basic_client_line<Scalar>;

  basic_growth_fit(time_coding coding, growth_options options, growth_columns<Scalar> columns,
                   stats::mixed_model_fit<Scalar> model)
      : coding_(coding), options_(std::move(options)), columns_(std::move(columns)), model_(std::move(model)) {}

  /// The coefficients of the mean curve, with Satterthwaite tests.
  [[nodiscard]] const std::vector<coefficient>& fixed() const noexcept { return fixed_; }

  /// One coefficient by name: "(Intercept)", "session", "session^2", "treatment", "session:treatment", ...
  /// Errors: errc::unknown_coefficient
  [[nodiscard]] result<coefficient> fixed(std::string_view name) const {
    for (const coefficient& each : fixed_) {
      if (each.name == name) return each;
    }
    return error{.code = errc::unknown_coefficient, .function = "growth_fit", .subject = name};
  }

  /// Names of the terms that differ between clients, in the order of `random_covariance()`.
  [[nodiscard]] std::vector<std::string> random_names() const {
    std::vector<std::string> names;
    for (const index column : columns_.random_columns) names.push_back(columns_.fixed_names[as_size(column)]);
    return names;
  }
  /// Covariances of the clients' own deviations from the mean curve, at the time that counts as 0.
  [[nodiscard]] const stats::matrix<Scalar>& random_covariance() const noexcept { return model_.random_covariance; }
  /// Standard deviation of the clients' deviations in one term.
  [[nodiscard]] Scalar random_sd(index term) const {
    using std::sqrt;
    return sqrt(model_.random_covariance(term, term));
  }
  /// Standard deviation of a score around its client's curve.
  [[nodiscard]] Scalar residual_sd() const {
    using std::sqrt;
    return sqrt(model_.residual_var);
  }

  [[nodiscard]] index n_obs() const noexcept { return model_.n_rows; }
  [[nodiscard]] index n_clients() const noexcept { return model_.n_clusters; }
  [[nodiscard]] Scalar log_likelihood() const { return model_.log_likelihood(); }
  /// -2 log-likelihood; the REML criterion under REML.
  [[nodiscard]] Scalar criterion() const noexcept { return model_.deviance; }
  [[nodiscard]] Scalar aic() const { return model_.deviance + 2 * static_cast<Scalar>(model_.n_parameters); }
  /// BIC with the number of scores, as lme4 counts.
  [[nodiscard]] Scalar bic_n_obs() const { return bic(model_.n_rows); }
  /// BIC with the number of clients.
  [[nodiscard]] Scalar bic_n_clients() const { return bic(model_.n_clusters); }

  /// Share of the variance of scores that the mean curve explains.
  /// Reference: Nakagawa & Schielzeth (2013), doi 10.1111/j.2041-210x.2012.00261.x; with random slopes Johnson (2014),
  ///            doi 10.1111/2041-210X.12225
  [[nodiscard]] Scalar r2_marginal() const { return fixed_var_ / (fixed_var_ + random_var_ + model_.residual_var); }
  /// Share that mean curve and clients' deviations explain together.
  [[nodiscard]] Scalar r2_conditional() const {
    return (fixed_var_ + random_var_) / (fixed_var_ + random_var_ + model_.residual_var);
  }
  /// Share of the variance around the mean curve that lies between clients; with random slopes averaged over the
  /// sessions observed.
  [[nodiscard]] Scalar icc() const { return random_var_ / (random_var_ + model_.residual_var); }

  /// Every client's curve, in the panel's order; clients without a score are absent.
  [[nodiscard]] const std::vector<client_curve>& client_curves() const noexcept { return clients_; }

  /// Every client's level and first term of time; the trend of a client under random intercepts is that of the mean.
  [[nodiscard]] std::vector<client_line> client_lines() const {
    std::vector<client_line> lines;
    for (const client_curve& each : clients_) {
      client_line line{each.id, each.n, each.coefficients(0), each.standard_errors(0), Scalar(0), Scalar(0)};
      if (columns_.n_time_terms > 1) {
        line.slope = each.coefficients(1);
        line.slope_se = each.standard_errors(1);
      }
      lines.push_back(std::move(line));
    }
    return lines;
  }

  /// The mean curve at a time, where all covariates are 0, with its standard error and interval.
  /// Errors: errc::time_before_curve
  [[nodiscard]] result<stats::coefficient_test<Scalar>> mean_at(const Scalar& time) const {
    if (!coding_.is_defined_at(time)) {
      return error{.code = errc::time_before_curve,
                   .function = "mean_at",
                   .value = static_cast<double>(time),
                   .lower = coding_.center()};
    }
    return stats::test_coefficient(model_, terms_at(time), options_.level);
  }
  /// A client's expected score at a time, where all covariates are 0.
  [[nodiscard]] Scalar expected(const client_curve& client, const Scalar& time) const {
    return terms_at(time).dot(client.coefficients);
  }

  /// What to expect of a new client's next session, given the scores of the first ones.
  /// \param scores  of sessions 1, 2, ...; NaN where there is none
  /// \return     mean and standard deviation of the next score
  /// Errors:     those of session_model()
  [[nodiscard]] result<stats::score_prediction<Scalar>> predict_next(std::span<const Scalar> scores) const {
    const auto stable = session_model();
    if (!stable) return stable.error();
    stats::session_filter<Scalar> filter(*stable);
    Scalar session(0);
    for (const Scalar& score : scores) {
      session += 1;
      if (!is_missing(score)) filter.update(session, score);
    }
    return filter.predict(session + 1);
  }

  /// The fitted curve in plain numbers, for modules that do not know growth curves.
  /// Errors: errc::invalid_option for curves that are no straight line or have covariates: those are no session_model
  [[nodiscard]] result<stats::session_model<Scalar>> session_model() const {
    const bool has_covariates = std::ssize(columns_.fixed_names) > columns_.n_time_terms;
    if (!coding_.is_line() || has_covariates) {
      return error{.code = errc::invalid_option,
                   .function = "session_model",
                   .value = static_cast<double>(model_.fixed.size()),
                   .lower = 1,
                   .upper = 2,
                   .subject = "the number of terms of a straight line"};
    }
    stats::session_model<Scalar> out;
    out.center = static_cast<Scalar>(coding_.center());
    out.mean_intercept = model_.fixed(0);
    if (coding_.degree() == 1) out.mean_slope = model_.fixed(1);
    out.intercept_var = model_.random_covariance(0, 0);
    if (coding_.n_random() == 2) {
      out.slope_var = model_.random_covariance(1, 1);
      out.intercept_slope_cov = model_.random_covariance(0, 1);
    }
    out.error_var = model_.residual_var;
    out.range = range_;
    return out;
  }

  /// One sentence on whether the numbers may be used, and what the boundary means if there is one.
  [[nodiscard]] std::string report() const {
    const auto& how = model_.report;
    const auto number = [](const Scalar& x) { return std::string(number_text(static_cast<double>(x), 2)); };
    if (how.status == stats::fit_status::not_converged) {
      return "no optimum was found: gradient " + number(how.gradient_norm) + " after " +
             std::to_string(how.evaluations) + " evaluations; simplify the random effects, do not use these numbers";
    }
    std::string text = "optimum certified: gradient " + number(how.gradient_norm) +
                       ", another Newton step would gain " + number(how.newton_decrement / 2);
    if (how.status == stats::fit_status::converged) return text + "; no variance on the boundary";
    text += "; boundary: " + boundary() + " (the data show no more than that; a legal result, not a failure)";
    return text;
  }

  /// What lies on the boundary, in words; empty if nothing does.
  [[nodiscard]] std::string boundary() const {
    if (model_.report.status != stats::fit_status::boundary) return {};
    const auto names = random_names();
    std::string zero;
    for (index k = 0; k < model_.random_covariance.rows(); ++k) {
      if (model_.random_covariance(k, k) > 0) continue;
      zero += (zero.empty() ? "" : " and ") + ("the variance of " + names[as_size(k)]);
    }
    if (!zero.empty()) return zero + " is zero";
    if (model_.random_covariance.rows() == 2) {
      const char* sign = model_.random_covariance(0, 1) > 0 ? "+1" : "-1";
      return names[0] + " and " + names[1] + " correlate " + sign + " between clients, so one number describes both";
    }
    return "some combination of the clients' deviations has variance zero";
  }

  [[nodiscard]] const time_coding& coding() const noexcept { return coding_; }
  /// The terms of the model, and how many scored sessions were left out for want of a covariate.
  [[nodiscard]] const growth_columns<Scalar>& columns() const noexcept { return columns_; }
  [[nodiscard]] const growth_options& options() const noexcept { return options_; }
  /// The mixed model behind the curve.
  [[nodiscard]] const stats::mixed_model_fit<Scalar>& model() const noexcept { return model_; }

 private:
  template <class S>
  friend result<basic_growth_fit<S>> fit_growth(const basic_session_panel<S>& panel, const time_coding& coding,
                                                const growth_options& options,
                                                const std::vector<basic_growth_covariate<S>>& covariates);

  [[nodiscard]] Scalar bic(index n) const {
    using std::log;
    return model_.deviance + log(static_cast<Scalar>(n)) * static_cast<Scalar>(model_.n_parameters);
  }

  /// The columns of x at a time; 0 for covariates.
  [[nodiscard]] stats::vector<Scalar> terms_at(const Scalar& time) const {
    stats::vector<Scalar> out = stats::vector<Scalar>::Zero(model_.fixed.size());
    auto terms = out.head(columns_.n_time_terms);
    coding_.terms_at(time, terms);
    if (columns_.time_factor.size() > 0) {
      const stats::matrix<Scalar> transposed = columns_.time_factor.transpose();
      terms = transposed.template triangularView<Eigen::Lower>().solve(stats::vector<Scalar>(terms)).eval();
    }
    return out;
  }

  result<void> test_fixed_effects() {
    for (index j = 0; j < model_.fixed.size(); ++j) {
      const stats::vector<Scalar> contrast = stats::vector<Scalar>::Unit(model_.fixed.size(), j);
      const auto test = stats::test_coefficient(model_, contrast, options_.level);
      if (!test) return test.error();
      fixed_.push_back({*test, columns_.fixed_names[as_size(j)]});
    }
    return {};
  }

  void describe_clients(const basic_session_panel<Scalar>& panel, const growth_rows<Scalar>& rows,
                        const stats::mixed_model_design<Scalar>& design) {
    for (index c = 0; c < design.n_clusters(); ++c) {
      const index first = rows.data.cluster_begin[as_size(c)];
      const index last = rows.data.cluster_begin[as_size(c) + 1];
      const auto effects = stats::effects_of(design, model_, c);
      client_curve client;
      client.id = panel.client_id(rows.client_of_cluster[as_size(c)]);
      client.n = last - first;
      client.coefficients = model_.fixed;
      stats::vector<Scalar> variance = model_.fixed_covariance.diagonal();
      for (index k = 0; k < effects.effect.size(); ++k) {
        const index column = columns_.random_columns[as_size(k)];
        client.coefficients(column) += effects.effect(k);
        variance(column) += effects.error_covariance(k, k) + 2 * effects.error_with_fixed(column, k);
      }
      client.standard_errors = variance.cwiseMax(Scalar(0)).cwiseSqrt();
      client.ols = detail::least_squares(rows.data, first, last, columns_.n_time_terms);
      clients_.push_back(std::move(client));
    }
  }

  void describe_variance(const growth_rows<Scalar>& rows) {
    const stats::vector<Scalar> fitted = rows.data.x * model_.fixed;
    const auto n = static_cast<Scalar>(fitted.size());
    fixed_var_ = (fitted.array() - fitted.mean()).matrix().squaredNorm() / (n - 1);
    random_var_ = (rows.data.z * model_.random_covariance).cwiseProduct(rows.data.z).sum() / n;
  }

  time_coding coding_;
  growth_options options_;
  growth_columns<Scalar> columns_;
  stats::mixed_model_fit<Scalar> model_;
  std::vector<coefficient> fixed_{};
  std::vector<client_curve> clients_{};
  std::optional<score_range<Scalar>> range_{};
  Scalar fixed_var_{};   ///< variance of the mean curve over the scores
  Scalar random_var_{};  ///< variance of the clients' deviations, averaged over the scores
};

/// The fit that most programs use.
using growth_fit = basic_growth_fit<double>;

/// Fits a growth curve to the scores of many clients.
/// Model:       score_it = terms of time + covariates + moderators x terms of time + the client's own deviation in some of
///              them + e_it; deviations normal with any covariance matrix (or a diagonal one), e_it independent normal
///              with one variance
/// \param panel       scores over sessions; at least 2 clients, and some client with more scores than random terms
/// \param coding      the terms of time, the center, and what differs between clients
/// \param options     REML or ML, level of intervals
/// \param covariates  columns beside the scores, in the order of the rows that the panel was made from; may be none
/// \return      the fit; read report() before the numbers
/// Errors:      errc::too_few_clusters; errc::no_replication; errc::collinear if time does not vary enough for the
///              curve or a covariate follows from others; errc::zero_variance if all scores are alike; errc::no_data;
///              errc::size_mismatch; errc::time_before_curve; errc::invalid_option
/// Missing:     sessions without a score, or without one of the covariates, are left out; valid if they are missing at
///              random given what is seen. Sessions missed after a rupture probably are not
/// Numerics:    exact optimum by Newton's method, certified; see stats::fit_mixed_model
/// Not for:     comparing mean curves under REML: use ML
/// Reference:   Laird & Ware (1982), doi 10.2307/2529876; Singer & Willett (2003), doi
///              10.1093/acprof:oso/9780195152968.001.0001
/// R:           lmerTest::lmer(score ~ session * treatment + (session | client))
/// Example:     docs/snippets/growth.cpp
template <class Scalar>
[[nodiscard]] result<basic_growth_fit<Scalar>> fit_growth(
    const basic_session_panel<Scalar>& panel, const time_coding& coding, const growth_options& options = {},
    const std::vector<basic_growth_covariate<Scalar>>& covariates = {}) {
  if (auto legal = validate(options); !legal) return legal.error();
  if (auto legal = coding.check(); !legal) return legal.error();
  auto rows = rows_of_growth(panel, coding, covariates, options.time_name);
  if (!rows) return rows.error();
  auto design = stats::mixed_model_design<Scalar>::make(rows->data);
  if (!design) return detail::with_name(design.error(), rows->columns.fixed_names);
  auto model = stats::fit_mixed_model(*design, options.method);
  if (!model) return model.error();
  basic_growth_fit<Scalar> fit(coding, options, rows->columns, *std::move(model));
  fit.range_ = panel.range();
  if (auto tested = fit.test_fixed_effects(); !tested) return tested.error();
  fit.describe_clients(panel, *rows, *design);
  fit.describe_variance(*rows);
  return fit;
}

}  // namespace rapport

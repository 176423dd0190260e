// SPDX-License-Identifier: BSL-1.0
// A fitted growth curve, and what may be asked of it.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapport/core/number_text.hpp>
#include <rapport/growth/curve_types.hpp>
#include <rapport/growth/rows.hpp>
#include <rapport/growth/time_coding.hpp>
#include <rapport/stats/distribution/normal.hpp>
#include <rapport/stats/mixed_model/inference.hpp>
#include <rapport/stats/mixed_model/nested_fit.hpp>
#include <rapport/stats/session_filter.hpp>

namespace rapport {

/// A fitted growth curve.
template <class Scalar>
class basic_growth_fit {
 public:
  using coefficient = basic_growth_coefficient<Scalar>;
  using client_curve = basic_client_curve<Scalar>;
  using client_line = basic_client_line<Scalar>;

  using therapist_effect = basic_therapist_effect<Scalar>;
  using client_level = basic_client_level<Scalar>;

  basic_growth_fit(time_coding coding, growth_options options, growth_columns<Scalar> columns,
                   stats::nested_model_fit<Scalar> model, growth_findings<Scalar> found)
      : coding_(coding),
        options_(std::move(options)),
        columns_(std::move(columns)),
        model_(std::move(model)),
        found_(std::move(found)) {}

  /// The coefficients of the mean curve, with their tests.
  [[nodiscard]] const std::vector<coefficient>& fixed() const noexcept { return found_.fixed; }

  /// One coefficient by name: "(Intercept)", "session", "session^2", "treatment", "session:treatment", ...
  /// Errors: errc::unknown_coefficient
  [[nodiscard]] result<coefficient> fixed(std::string_view name) const {
    for (const coefficient& each : found_.fixed) {
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
  /// Standard deviation of a score around its client's curve; with unequal errors that of their first stratum.
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
  [[nodiscard]] Scalar r2_marginal() const { return found_.fixed_var / (found_.fixed_var + around_the_curve()); }
  /// Share that mean curve, clients' and therapists' deviations explain together.
  [[nodiscard]] Scalar r2_conditional() const {
    return (found_.fixed_var + found_.random_var) / (found_.fixed_var + around_the_curve());
  }
  /// Share of the variance around the mean curve that lies between clients, therapists included; with random slopes
  /// averaged over the sessions observed.
  [[nodiscard]] Scalar icc() const { return found_.random_var / around_the_curve(); }
  /// Share of the variance around the mean curve that lies between therapists.
  [[nodiscard]] Scalar icc_therapist() const { return found_.therapist_var / around_the_curve(); }
  /// Standard deviation between therapists; 0 if they are not in the model.
  [[nodiscard]] Scalar therapist_sd() const {
    using std::sqrt;
    return sqrt(model_.group_var);
  }

  /// Every client's curve, in the panel's order; clients without a score are absent.
  [[nodiscard]] const std::vector<client_curve>& client_curves() const noexcept { return found_.clients; }

  /// Every client's level and first term of time; the trend of a client under random intercepts is that of the mean.
  [[nodiscard]] std::vector<client_line> client_lines() const {
    std::vector<client_line> lines;
    for (const client_curve& each : found_.clients) {
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
    if (auto legal = check_time(time, "mean_at"); !legal) return legal.error();
    return stats::test_coefficient(model_, terms_at(time), options_.level);
  }
  /// A client's expected score at a time, where all covariates are 0.
  [[nodiscard]] Scalar expected(const client_curve& client, const Scalar& time) const {
    return terms_at(time).dot(client.coefficients) + client.therapist_effect;
  }

  /// What is known of each therapist, in the panel's order. Not a ranking, and not to be made one.
  [[nodiscard]] const std::vector<therapist_effect>& therapists() const noexcept { return found_.therapists; }

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
  /// Errors: errc::invalid_option for curves that are no straight line, have covariates or no client levels, and for
  ///         errors that are not independent: those are no session_model
  [[nodiscard]] result<stats::session_model<Scalar>> session_model() const {
    const bool has_covariates = std::ssize(columns_.fixed_names) > columns_.n_time_terms;
    if (model_.residual != stats::residual_kind::independent || coding_.n_random() == 0) {
      return error{.code = errc::invalid_option,
                   .function = "session_model",
                   .value = static_cast<double>(model_.residual_parameters.size()),
                   .lower = 0,
                   .upper = 0,
                   .subject = "the number of parameters of the errors"};
    }
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
    out.intercept_var = model_.random_covariance(0, 0) + model_.group_var;  // of an unknown therapist
    if (coding_.n_random() == 2) {
      out.slope_var = model_.random_covariance(1, 1);
      out.intercept_slope_cov = model_.random_covariance(0, 1);
    }
    out.error_var = model_.residual_var;
    out.range = found_.range;
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
    if (model_.has_groups && !(model_.group_var > 0))
      zero += (zero.empty() ? "" : " and ") + std::string("the variance of therapists");
    if (!zero.empty()) return zero + " is zero";
    if (model_.random_covariance.rows() == 2) {
      const char* sign = model_.random_covariance(0, 1) > 0 ? "+1" : "-1";
      return names[0] + " and " + names[1] + " correlate " + sign + " between clients, so one number describes both";
    }
    return "some combination of the clients' deviations has variance zero";
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

  /// Whether the curve has a value at a time.
  /// Errors: errc::time_before_curve
  [[nodiscard]] result<void> check_time(const Scalar& time, const char* function) const {
    if (coding_.is_defined_at(time)) return {};
    return error{.code = errc::time_before_curve,
                 .function = function,
                 .value = static_cast<double>(time),
                 .lower = coding_.center()};
  }

  /// A client's mean level over some sessions, such as the early alliance in sessions 3 to 5, with its error.
  /// \param client  one of client_curves()
  /// \param times   of the sessions
  /// \return     mean of the client's curve there, where all covariates are 0; standard error, the mean curve being
  ///             estimated; interval by normal quantiles
  /// Errors:     errc::no_data without times; errc::time_before_curve; errc::invalid_option with therapists, whose part
  ///             has an error of its own
  [[nodiscard]] result<client_level> level_over(const client_curve& client, std::span<const Scalar> times) const {
    using std::sqrt;
    if (times.empty()) return error{.code = errc::no_data, .function = "level_over"};
    if (model_.has_groups) {
      return error{.code = errc::invalid_option,
                   .function = "level_over",
                   .value = 1,
                   .lower = 0,
                   .upper = 0,
                   .subject = "therapists in the model"};
    }
    stats::vector<Scalar> weights = stats::vector<Scalar>::Zero(model_.fixed.size());
    for (const Scalar& time : times) {
      if (auto legal = check_time(time, "level_over"); !legal) return legal.error();
      weights += terms_at(time) / static_cast<Scalar>(times.size());
    }
    client_level out;
    out.estimate = weights.dot(client.coefficients);
    out.standard_error = sqrt(weights.dot(client.covariance * weights));
    const Scalar half = stats::normal_quantile(static_cast<Scalar>(1 + options_.level) / 2) * out.standard_error;
    out.interval = {out.estimate - half, out.estimate + half, options_.level};
    return out;
  }

  /// How reliably a client's own scores tell clients apart in a term: between clients, the variance of the term over
  /// itself plus the sampling variance of the client's least-squares value, averaged over clients who have one. Of term
  /// 1 the reliability of slopes. Empty if no client has one, or errors are not independent.
  /// Reference: Raudenbush & Bryk (2002), Hierarchical Linear Models, eq. 3.58
  [[nodiscard]] const std::vector<Scalar>& reliabilities() const noexcept { return found_.reliability; }

  /// By how much the variance of a mean of all scores is larger than if scores of a client were independent:
  /// 1 + (n - 1) ICC, n the size of clients averaged over scores.
  /// Reference: Kish (1965), Survey Sampling, sec. 5.4
  [[nodiscard]] Scalar design_effect() const {
    Scalar squares(0);
    for (const client_curve& each : found_.clients)
      squares += static_cast<Scalar>(each.n) * static_cast<Scalar>(each.n);
    return 1 + (squares / static_cast<Scalar>(n_obs()) - 1) * icc();
  }
  /// The number of independent scores that would say as much about the mean: n_obs() / design_effect().
  [[nodiscard]] Scalar effective_n() const { return static_cast<Scalar>(n_obs()) / design_effect(); }

  [[nodiscard]] const time_coding& coding() const noexcept { return coding_; }
  /// The terms of the model, and how many scored sessions were left out for want of a covariate.
  [[nodiscard]] const growth_columns<Scalar>& columns() const noexcept { return columns_; }
  [[nodiscard]] const growth_options& options() const noexcept { return options_; }
  /// The mixed model behind the curve.
  [[nodiscard]] const stats::nested_model_fit<Scalar>& model() const noexcept { return model_; }
  /// Everything that was found, in plain numbers.
  [[nodiscard]] const growth_findings<Scalar>& findings() const noexcept { return found_; }

 private:
  [[nodiscard]] Scalar around_the_curve() const { return found_.random_var + found_.error_var; }

  [[nodiscard]] Scalar bic(index n) const {
    using std::log;
    return model_.deviance + log(static_cast<Scalar>(n)) * static_cast<Scalar>(model_.n_parameters);
  }

  time_coding coding_;
  growth_options options_;
  growth_columns<Scalar> columns_;
  stats::nested_model_fit<Scalar> model_;
  growth_findings<Scalar> found_;
};

/// The fit that most programs use.
using growth_fit = basic_growth_fit<double>;

}  // namespace rapport

// SPDX-License-Identifier: BSL-1.0
#include <rapport/reliability.hpp>
#include <rapport/stats/normal_covariance.hpp>

#include "analysis.hpp"

namespace program {

namespace {

using rapport::alpha_interval;

json item_json(const rapport::basic_item_statistics<double>& item, const std::string& name) {
  return {{"name", name},
          {"n", item.n},
          {"mean", item.mean},
          {"sd", item.sd},
          {"raw_r", maybe(item.raw_r)},
          {"r_drop", maybe(item.r_drop)},
          {"r_cor", maybe(item.r_cor)},
          {"std_r", maybe(item.std_r)},
          {"alpha_if_dropped", maybe(item.alpha_if_dropped)},
          {"standardized_alpha_if_dropped", maybe(item.standardized_alpha_if_dropped)},
          {"lambda6_if_dropped", maybe(item.lambda6_if_dropped)},
          {"mean_r_if_dropped", maybe(item.mean_r_if_dropped)},
          {"loading", maybe(item.loading)}};
}

template <class Scalar>
json ends(const rapport::basic_interval<Scalar>& interval) {
  return {interval.lower, interval.upper};
}

rapport::interval_choice<alpha_interval> choice_of(const std::string& name, const reliability_request& request) {
  if (name == "feldt") return alpha_interval::feldt;
  if (name == "bonett") return alpha_interval::bonett;
  if (name == "duhachek") return alpha_interval::duhachek;
  if (name == "jackknife") return alpha_interval::jackknife;
  if (name == "adf") return alpha_interval::adf;
  if (name == "fisher") return alpha_interval::fisher;
  if (name == "hakstian-whalen") return alpha_interval::hakstian_whalen;
  return rapport::bootstrap_bca{.replicates = request.replicates, .seed = request.seed, .threads = request.threads};
}

/// The name under which an automatic interval stands, from its description.
std::string default_name(const std::string& method) {
  if (method.find("jackknife") != std::string::npos) return "jackknife";
  return method.find("ADF") != std::string::npos ? "adf" : "feldt";
}

/// What could not be had, with its reason; the rest of the scale is complete without it.
void leave_out(json& scale, const std::string& name, const rapport::error& reason) {
  scale["not_computed"][name] = message(reason).c_str();
}

void add_alpha(json& one, const Eigen::Map<const Eigen::MatrixXd>& items,
               const rapport::stats::covariance_estimate<double>& c, const rapport::basic_estimate<double>& alpha,
               const reliability_request& request) {
  const bool fiml = request.missing == "fiml";
  json intervals = json::object();
  auto described = alpha;
  const auto handling = c.handling;
  if (fiml) {
    // Of the estimated covariances: intervals that need the answers themselves do not apply.
    const std::vector<std::string> feldt{"feldt"};
    for (const std::string& name : request.intervals.empty() ? feldt : request.intervals) {
      const auto found = rapport::cronbach_alpha(c, {.level = request.level, .interval = choice_of(name, request)});
      if (found) {
        intervals[name] = ends(found->interval);
      } else {
        leave_out(one, name + " interval of alpha", found.error());
      }
    }
    const auto place = described.method.find("pairwise");
    if (place != std::string::npos) described.method.replace(place, 8, "fiml");
  } else if (request.intervals.empty()) {
    if (auto automatic = rapport::cronbach_alpha(items, {.missing = handling, .level = request.level})) {
      described = *automatic;
      intervals[default_name(described.method)] = ends(described.interval);
    } else {
      leave_out(one, "interval of alpha", automatic.error());
    }
  }
  for (std::size_t i = 0; !fiml && i < request.intervals.size(); ++i) {
    const std::string& name = request.intervals[i];
    const auto found = rapport::cronbach_alpha(
        items, {.missing = handling, .level = request.level, .interval = choice_of(name, request)});
    if (found) {
      intervals[name] = ends(found->interval);
      if (intervals.size() == 1) described = *found;
    } else {
      leave_out(one, name + " interval of alpha", found.error());
    }
  }
  one["alpha"] = {{"estimate", alpha.estimate}, {"se", maybe(described.standard_error)},
                  {"ci", std::move(intervals)}, {"level", request.level},
                  {"method", described.method}, {"notes", described.notes}};
}

void add_lambdas(json& one, const rapport::stats::covariance_estimate<double>& c, const reliability_request& request) {
  if (const auto lambdas = rapport::guttman_lambdas(c)) {
    one["lambda1"] = lambdas->lambda1;
    one["lambda2"] = lambdas->lambda2;
    one["lambda3"] = lambdas->lambda3;
    one["lambda5"] = lambdas->lambda5;
    one["lambda6"] = maybe(lambdas->lambda6);
  }
  if (const auto bound = rapport::greatest_lower_bound(c)) {
    one["glb"] = bound->estimate;
  } else {
    leave_out(one, "glb", bound.error());
  }
  const auto halves = rapport::split_half(c, {.seed = request.seed});
  const auto odd_even = rapport::odd_even_split(c);
  if (!halves || !odd_even) return;
  one["lambda4"] = halves->max;
  one["split_half"] = {{"min", halves->min},
                       {"mean", halves->mean},
                       {"max", halves->max},
                       {"spearman_brown", maybe(odd_even->spearman_brown)},
                       {"horst", maybe(odd_even->horst)},
                       {"flanagan", odd_even->flanagan},
                       {"odd_even_r", maybe(odd_even->correlation)},
                       {"n_splits", halves->values.size()},
                       {"exhaustive", halves->is_exhaustive}};
}

void add_omegas(json& one, const rapport::stats::covariance_estimate<double>& c, const reliability_request& request) {
  const auto found = rapport::one_factor_reliability(c, {.level = request.level});
  if (found) {
    const auto logit =
        rapport::omega_total(c, {.level = request.level, .interval = rapport::omega_interval::logit}).value();
    const auto& omega = found->omega;
    const auto coefficient = [](const rapport::basic_estimate<double>& e) {
      return json{{"estimate", e.estimate}, {"se", maybe(e.standard_error)}, {"ci", ends(e.interval)}};
    };
    one["omega_total"] = coefficient(omega);
    one["omega_total"]["ci_logit"] = ends(logit.interval);
    one["omega_total"]["observed_variance"] = found->omega_observed;
    one["omega_total"]["method"] = omega.method;
    one["omega_total"]["notes"] = omega.notes;
    if (request.missing == "fiml") {
      one["omega_total"]["method"] = "omega, one factor of covariances estimated by fiml";
      one["omega_total"]["notes"].push_back(
          "fitted to the estimated covariances, not to the answers: the standard error takes them as complete");
    }
    one["omega_standardized"] = coefficient(found->omega_standardized);
    one["ave"] = coefficient(found->ave);
    one["ave_standardized"] = coefficient(found->ave_standardized);
    one["maximal_reliability"] = coefficient(found->maximal_reliability);
  } else {
    leave_out(one, "omega_total", found.error());
  }
  const rapport::index k = c.n_columns();
  const rapport::index factors = k >= 6 ? 3 : 2;
  if (const auto several = rapport::omega_hierarchical(c, {.n_factors = factors})) {
    one["omega_hierarchical"] = several->omega_hierarchical;
    one["omega_schmid_leiman_total"] = several->omega_total;
    one["schmid_leiman"] = {{"n_factors", factors},
                            {"explained_common_variance", several->explained_common_variance},
                            {"notes", several->notes}};
  } else {
    leave_out(one, "omega_hierarchical", several.error());
  }
}

void add_ordinal(json& one, const Eigen::Map<const Eigen::MatrixXd>& items, rapport::stats::missing_cells handling) {
  one["alpha_ordinal"] = one["omega_categorical"] = nullptr;
  const auto p = rapport::stats::polychoric(items, handling);
  if (!p) return leave_out(one, "alpha_ordinal", p.error());
  if (const auto alpha = rapport::ordinal_alpha(*p)) {
    one["alpha_ordinal"] = *alpha;
  } else {
    leave_out(one, "alpha_ordinal", alpha.error());
  }
  if (const auto omega = rapport::categorical_omega(*p)) {
    one["omega_categorical"] = {{"estimate", omega->omega}, {"model", omega->omega_model}, {"notes", omega->notes}};
  } else {
    leave_out(one, "omega_categorical", omega.error());
  }
}

/// Covariances by maximum likelihood from all cells; `say` hears of a search that did not end.
template <class Say>
rapport::result<rapport::stats::covariance_estimate<double>> estimate_by_fiml(
    const Eigen::Map<const Eigen::MatrixXd>& items, const Say& say) {
  const auto found = rapport::stats::normal_covariance(items);
  if (!found) return found.error();
  if (!found->converged) say("the likelihood of the incomplete answers has not reached its maximum");
  return found->as_sample();
}

/// One scale; what cannot be had is null and its reason goes into the warnings.
json scale_json(const scale_items& scale, const reliability_request& request, analysis& out) {
  const auto say = [&](const std::string& reason) { give_up(out, scale.name + ": " + reason); };
  const auto handling =
      request.missing == "listwise" ? rapport::stats::missing_cells::listwise : rapport::stats::missing_cells::pairwise;
  const auto items = rapport::stats::as_matrix(scale.answers);
  json one = {
      {"name", scale.name}, {"n", scale.answers.n_persons()}, {"n_complete", nullptr}, {"k", scale.answers.n_items()}};
  for (const char* key :
       {"mean_r", "sem", "alpha", "alpha_standardized", "lambda1", "lambda2", "lambda3", "lambda4", "lambda5",
        "lambda6", "split_half", "omega_total", "omega_hierarchical", "omega_schmid_leiman_total", "glb"}) {
    one[key] = nullptr;
  }
  one["items"] = json::array();

  const auto covariances =
      request.missing == "fiml" ? estimate_by_fiml(items, say) : rapport::stats::covariance(items, handling);
  if (!covariances) {
    say(message(covariances.error()).c_str());
    return one;
  }
  one["n_complete"] = covariances->n_complete;
  const auto alpha = rapport::cronbach_alpha(*covariances, {.missing = handling, .level = request.level});
  if (alpha) {
    add_alpha(one, items, *covariances, *alpha, request);
    one["sem"] = maybe(rapport::standard_error_of_measurement(*covariances, alpha->estimate));
    add_lambdas(one, *covariances, request);
    add_omegas(one, *covariances, request);
  } else {
    say(message(alpha.error()).c_str());
  }
  if (const auto standardized = rapport::standardized_alpha(*covariances)) {
    one["alpha_standardized"] = *standardized;
    one["mean_r"] = *rapport::mean_inter_item_correlation(*covariances);
  } else if (alpha) {
    say(message(standardized.error()).c_str());
  }
  if (request.ordinal) add_ordinal(one, items, handling);
  if (const auto table = rapport::item_statistics(items, *covariances)) {
    for (std::size_t j = 0; j < table->size(); ++j) one["items"].push_back(item_json((*table)[j], scale.item_names[j]));
  }
  return one;
}

}  // namespace

analysis analyse_reliability(const std::vector<scale_items>& scales, const reliability_request& request) {
  analysis out;
  out.result["scales"] = json::array();
  out.result["warnings"] = json::array();
  for (const scale_items& scale : scales) {
    json one = scale_json(scale, request, out);
    out.result["scales"].push_back(std::move(one));
  }
  return out;
}

}  // namespace program

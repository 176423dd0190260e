// SPDX-License-Identifier: BSL-1.0
// What else than time may move a score: covariates, moderators of the curve, and their split within and between clients.
#pragma once

#include <string>
#include <vector>

#include <rapport/core/index.hpp>

namespace rapport {

/// How a covariate enters the mean curve.
enum class covariate_role : unsigned char {
  main_effect,  ///< moves the level
  moderator,    ///< moves the level and every term of time: "treatment" and "session:treatment"
  split         ///< two parts: the client's mean ("between") and the distance from it ("within")
};

/// A column beside the scores: the same for all sessions of a client, or different from session to session.
template <class Scalar>
struct basic_growth_covariate {
  std::string name{};
  std::vector<Scalar> values{};  ///< one per row of the table that the panel was made from, in its order; NaN: missing
  covariate_role role = covariate_role::main_effect;
  bool random_slope = false;  ///< its effect (of a split covariate the one within clients) differs between clients
};

/// The covariates that most programs use.
using growth_covariate = basic_growth_covariate<double>;

}  // namespace rapport

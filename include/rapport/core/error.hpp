// SPDX-License-Identifier: BSL-1.0
// What can go wrong, as plain data: a stable number and the place. The sentence is made in error_message.hpp.
#pragma once

#include <rapport/core/index.hpp>
#include <rapport/core/text.hpp>

namespace rapport {

/// The stable numbers of all errors, grouped by module; docs/errors.md explains each. Removing or renumbering one
/// is a breaking change.
enum class errc : int {
  // 1xx: arguments and arithmetic
  invalid_option = 101,   ///< an option lies outside its legal range
  size_mismatch = 102,    ///< two inputs that belong together differ in length
  numeric_failure = 103,  ///< a result was not finite although the input was legal
  // 2xx: answers, tables and session series
  answer_out_of_range = 201,      ///< an answer lies outside the range of its item
  answer_off_step = 202,          ///< an answer lies between two legal answers, 3.5 on a scale of whole numbers
  wrong_number_of_answers = 203,  ///< the form has another number of items
  not_finite = 204,               ///< infinity where a number is wanted
  no_data = 205,                  ///< nothing to work on: no rows, or every cell missing
  duplicate_session = 206,        ///< a client has two rows for one session
  missing_id = 207,               ///< a client or therapist without a name
  missing_session = 208,          ///< a row without a session number or date
  invalid_date = 209,             ///< text that is not an ISO 8601 calendar date
  score_out_of_range = 210,       ///< a session score outside the range that the panel was given
  answer_in_gap = 211,            ///< an answer within the range of its item that is none of its legal ones
  // 3xx: instruments
  invalid_instrument = 302,   ///< a description that contradicts itself
  unknown_subscale = 303,     ///< no subscale of this name
  invalid_record = 304,       ///< text that is not the record of a scored form
  record_differs = 305,       ///< a record whose scores do not come out again
  key_not_established = 308,  ///< the catalogue knows the instrument, but not its key
  unknown_instrument = 309,   ///< no instrument of this id in the catalogue
  // 4xx: statistics
  too_few_rows = 401,           ///< fewer persons than the statistic needs
  too_few_columns = 402,        ///< fewer items than the statistic needs
  no_common_rows = 403,         ///< two items were never answered by the same person
  zero_variance = 404,          ///< a column, or everything, is constant
  not_positive_definite = 405,  ///< a matrix that must be positive definite is not
  collinear = 406,              ///< a predictor is a combination of the ones before it
  too_few_clusters = 407,       ///< fewer clients than the model needs
  no_replication = 408,         ///< no client has more sessions than the model has random effects
  too_many_factors = 410,       ///< more factors than the items can tell apart
  bootstrap_failed = 411,       ///< the resamples do not carry an interval
  too_many_categories = 412,    ///< a column holds more different answers than a category scale has
  incomplete_design = 421,      ///< a cell is empty in a table that must be complete
  too_few_levels = 422,         ///< fewer targets, raters, items or occasions than the analysis needs
  too_few_groups = 430,         ///< fewer therapists than the model needs
  unusable_gap = 431,           ///< two sessions at a distance for which the error model has no correlation
  kenward_roger_refused = 432,  ///< a fit for which Kenward and Roger's adjustment is not defined here
  not_comparable = 433,         ///< two fits between which a likelihood ratio says nothing
  missing_value = 440,          ///< a value is missing in a series that must not have gaps
  // 5xx: reliability
  negative_total_variance = 501,  ///< the sum score has no variance, so no coefficient is defined
  needs_answers = 502,            ///< covariances alone do not suffice, the answers are needed
  no_clinical_norm = 521,         ///< cut-offs were asked for without a published clinical norm
  unreliable_difference = 522,    ///< the reliability of difference scores is not positive
  one_category = 523,             ///< all ratings fall in one category, so chance alone makes raters agree
  unknown_category = 524,         ///< a rating is none of the categories that were named
  // 6xx: growth
  unknown_coefficient = 601,       ///< no fixed effect of this name
  time_before_curve = 602,         ///< a session at a time at which the curve has no value
  client_changes_therapist = 603,  ///< a client whose sessions name two therapists
  // 7xx: rupture
  foreign_state = 701,  ///< a saved state that is not of this monitor
};

/// An error: which, where and with what values. Trivially copyable, no allocation.
///
/// Positions are 0-based and -1 where they do not apply; messages print them 1-based.
struct error {
  errc code{};
  const char* function = "";  ///< the public function that refused
  index row = -1;             ///< person or line
  index column = -1;          ///< item or predictor
  double value = 0;           ///< what was found
  double lower = 0;           ///< what was wanted, or its lower end
  double upper = 0;           ///< the upper end of what was wanted
  text<47> subject{};         ///< the option, instrument, client or column concerned
};

}  // namespace rapport

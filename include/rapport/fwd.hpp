// SPDX-License-Identifier: BSL-1.0
// Names of the library's types, for headers that only pass them on. Includes nothing.
#pragma once

namespace rapport {

struct error;
class instrument;
class item_set;
class random_stream;
class time_coding;
struct missing_rule;
struct score_options;
template <class T>
class result;
template <class T>
class answer;
template <class Scalar>
class basic_score_card;
template <class Scalar>
class basic_response_matrix;
template <class Scalar>
class basic_session_panel;
template <class Scalar>
struct basic_estimate;
template <class Scalar>
class basic_growth_fit;
template <class Scalar>
struct basic_episode;
template <class Scalar>
struct basic_detection;

namespace stats {
template <class Scalar>
struct session_model;
}  // namespace stats

}  // namespace rapport

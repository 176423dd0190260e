// SPDX-License-Identifier: BSL-1.0
// A client's series as a row of a wide table, one column per session number, for rules that count columns.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <rapport/core/result.hpp>
#include <rapport/data/session_panel.hpp>

namespace rapport::detail {

/// The columns of a panel's wide table: the whole session numbers from the smallest to the largest of all clients.
/// Dates, and numbers that are not whole, have no columns between them; there the sessions of each client are counted.
template <class Scalar>
struct session_columns {
  Scalar first{};
  index n = 0;
  bool counts_rows = false;

  /// Errors: errc::invalid_option if session numbers span more than a million columns
  [[nodiscard]] static result<session_columns> of(const basic_session_panel<Scalar>& panel) {
    using std::floor;
    session_columns out;
    out.counts_rows = panel.options().time != session_time::number;
    Scalar last{};
    index most_rows = 0;
    for (index c = 0; c < panel.n_clients(); ++c) {
      const auto y = panel.series(c);
      for (const Scalar& t : y.session) out.counts_rows = out.counts_rows || floor(t) != t;
      if (c == 0 || y.session.front() < out.first) out.first = y.session.front();
      if (c == 0 || y.session.back() > last) last = y.session.back();
      most_rows = (std::max)(most_rows, y.size());
    }
    if (out.counts_rows) {
      out.n = most_rows;
      return out;
    }
    if (last - out.first >= Scalar(1000000) && most_rows < 1000000) {
      return error{.code = errc::invalid_option,
                   .function = "session_columns",
                   .value = static_cast<double>(last - out.first),
                   .lower = 0,
                   .upper = 1e6,
                   .subject = "the largest minus the smallest session number"};
    }
    out.n = static_cast<index>(last - out.first) + 1;
    return out;
  }

  [[nodiscard]] index column_of(const session_series<Scalar>& y, index position) const {
    return counts_rows ? position : static_cast<index>(y.session[as_size(position)] - first);
  }

  /// The scores times `sign`, NaN where there is none. Ends, at the latest, three columns behind the last session:
  /// further ones would be missing anyway.
  [[nodiscard]] std::vector<Scalar> row_of(const session_series<Scalar>& y, int sign) const {
    const index own = y.size() == 0 ? 0 : column_of(y, y.size() - 1) + 4;
    std::vector<Scalar> row(as_size((std::min)(n, own)), missing_value<Scalar>());
    for (index t = 0; t < y.size(); ++t) row[as_size(column_of(y, t))] = static_cast<Scalar>(sign) * y[t];
    return row;
  }

  /// The first scored session at this column or behind it; the series' size if there is none.
  [[nodiscard]] index position_from(const session_series<Scalar>& y, index column) const {
    index t = 0;
    for (index behind = y.size(); t < behind;) {  // sessions are in order: halve what is left
      const index middle = t + (behind - t) / 2;
      if (column_of(y, middle) < column) {
        t = middle + 1;
      } else {
        behind = middle;
      }
    }
    while (t < y.size() && !y.is_observed(t)) ++t;
    return t;
  }
};

}  // namespace rapport::detail

// SPDX-License-Identifier: BSL-1.0
// Reliable change between neighboring sessions: a fall that measurement error alone hardly explains.
#pragma once

#include <rapport/core/result.hpp>
#include <rapport/rupture/drop_repair.hpp>

namespace rapport {

/// A fall from one session to the next by more than measurement error allows.
/// Model:     y_t-1 - y_t >= critical sqrt(2) sem; repaired at the first score not more than one sem below y_t-1
/// Missing:   as in basic_drop_repair: only neighboring sessions are compared
/// Not for:   ruptures by itself: it tests measurement error, not ordinary ups and downs of a session. With an sem of .25
///            and a state SD of .30 on items from 1 to 7, stable clients show eleven in a hundred sessions
/// Reference: Jacobson & Truax (1991), doi 10.1037/0022-006X.59.1.12; its use from session to session is an own
///            definition
template <class Scalar>
struct basic_reliable_fall {
  static constexpr detector_info info{
      "reliable-change", "reliable change from session to session, after Jacobson & Truax 1991", trust::own};
  Scalar sem{};                     ///< standard error of measurement of one score, in points; positive
  Scalar critical = Scalar(1.645);  ///< 1.645: one false alarm in twenty by measurement error alone; positive
  index min_sessions = 2;           ///< scored sessions that a series needs; at least 2

  /// The drop-repair engine with these settings.
  [[nodiscard]] basic_drop_repair<Scalar> rule() const {
    using std::sqrt;
    basic_drop_repair<Scalar> out;
    out.info = info;
    out.unit = drop_unit::points;
    out.k = critical * sqrt(Scalar(2)) * sem;
    out.decline = decline_kind::single_session;
    out.repair_value = sem;
    out.min_sessions = min_sessions;
    return out;
  }

  /// Errors: errc::invalid_option, also without sem
  [[nodiscard]] result<basic_drop_repair<Scalar>> prepared(const basic_session_panel<Scalar>& panel) const {
    if (!(sem > 0 && sem < Scalar(1e5)))
      return detail::detector_option(info.name, "sem", static_cast<double>(sem), 0, 1e5);
    if (!(critical > 0 && critical < Scalar(10)))
      return detail::detector_option(info.name, "critical", static_cast<double>(critical), 0, 10);
    return rule().prepared(panel);
  }
};

using reliable_fall = basic_reliable_fall<double>;

}  // namespace rapport

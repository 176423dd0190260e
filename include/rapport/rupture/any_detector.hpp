// SPDX-License-Identifier: BSL-1.0
// A detector of any type, so that detectors of several types can stand in one list.
#pragma once

#include <concepts>
#include <utility>

#include <rapport/core/failure.hpp>
#include <rapport/core/result.hpp>
#include <rapport/rupture/detector.hpp>

namespace rapport {

namespace detail {

/// Whether a detector looks for rises. It is then shown the series with the sign turned, so that depth, nadir and repair
/// are found as those of a fall.
template <class Walker>
[[nodiscard]] constexpr bool looks_for_rises(const Walker& walker) {
  if constexpr (requires {
                  { walker.finds_rises } -> std::convertible_to<bool>;
                }) {
    return walker.finds_rises;
  } else {
    return false;
  }
}

}  // namespace detail

/// Holds a copy of a detector, and is one itself: `std::vector<any_detector> rules{drop_repair{}, innovations()};`
template <class Scalar>
class basic_any_detector {
 public:
  detector_info info{};
  bool finds_rises = false;  ///< known after prepared() for detectors that learn

  /// Holds a copy.
  template <class Detector>
    requires(!std::same_as<Detector, basic_any_detector>)
  &&rupture_detector<Detector, Scalar> basic_any_detector(const Detector& detector)
      : info(detector.info),
  finds_rises(detail::looks_for_rises(detector)), held_(new holder<Detector>(detector)) {}
  basic_any_detector(const basic_any_detector& other)
      : info(other.info), finds_rises(other.finds_rises), held_(other.held_->copy()) {}
  basic_any_detector(basic_any_detector&& other) noexcept
      : info(other.info), finds_rises(other.finds_rises), held_(std::exchange(other.held_, nullptr)) {}
  basic_any_detector& operator=(basic_any_detector other) noexcept {
    info = other.info;
    finds_rises = other.finds_rises;
    std::swap(held_, other.held_);
    return *this;
  }
  ~basic_any_detector() { delete held_; }

  /// The detector ready to walk.
  /// Errors: those of the detector
  [[nodiscard]] result<basic_any_detector> prepared(const basic_session_panel<Scalar>& panel) const {
    auto ready = held_->prepared(panel);
    if (ready) ready->info = info;
    return ready;
  }
  /// Walks one client's series; a detector that learns must be prepared.
  void operator()(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const { held_->walk(y, out); }

 private:
  struct interface {
    interface() = default;
    interface(const interface&) = default;
    interface& operator=(const interface&) = delete;
    virtual ~interface() = default;
    [[nodiscard]] virtual interface* copy() const = 0;
    [[nodiscard]] virtual result<basic_any_detector> prepared(const basic_session_panel<Scalar>& panel) const = 0;
    virtual void walk(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const = 0;
  };

  template <class Held>
  struct holder final : interface {
    explicit holder(const Held& held) : held_(held) {}
    [[nodiscard]] interface* copy() const override { return new holder(*this); }
    [[nodiscard]] result<basic_any_detector> prepared(const basic_session_panel<Scalar>& panel) const override {
      if constexpr (panel_learner<Held, Scalar>) {
        auto ready = held_.prepared(panel);
        if (!ready) return ready.error();
        return basic_any_detector(*ready);
      } else {
        return basic_any_detector(held_);
      }
    }
    void walk(const session_series<Scalar>& y, basic_episode_sink<Scalar> out) const override {
      if constexpr (series_walker<Held, Scalar>) {
        held_(y, out);
      } else {
        out.not_evaluable("the detector has not learned from the panel");
      }
    }
    Held held_;
  };

  interface* held_;  // owned; no std::unique_ptr, since <memory> costs every user compile time
};

using any_detector = basic_any_detector<double>;

}  // namespace rapport

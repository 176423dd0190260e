// SPDX-License-Identifier: BSL-1.0
// What one should know about an instrument beyond its key, as plain data.
#pragma once

#include <span>
#include <string_view>

#include <rapport/instruments/instrument.hpp>

namespace rapport::instruments {

/// How well a fact is established.
enum class verification : unsigned char {
  none,           ///< nothing is published, or nothing was found
  unverified,     ///< not checked; never used for scoring
  single_source,  ///< rests on one source, or is derived from one that does
  verified        ///< at least two independent sources agree
};

/// The word for how well a fact is established, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(verification v) noexcept {
  switch (v) {
    case verification::verified: return "verified";
    case verification::single_source: return "single-source";
    case verification::unverified: return "unverified";
    case verification::none: return "none";
  }
  return "unverified";
}

/// To which extent an instrument can be scored.
enum class key_use : unsigned char {
  none,   ///< its key is not established here
  total,  ///< only the total is established
  all     ///< every score
};

/// The word for the extent to which an instrument can be scored, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(key_use use) noexcept {
  switch (use) {
    case key_use::all: return "all";
    case key_use::total: return "total";
    case key_use::none: return "none";
  }
  return "none";
}

/// What kind of licence an instrument has. A note, not legal advice.
enum class licence_class : unsigned char { unknown, free, free_restricted, permission, commercial };

/// The word for a kind of licence, as programs print it.
[[nodiscard]] constexpr std::string_view to_string(licence_class kind) noexcept {
  switch (kind) {
    case licence_class::free: return "free";
    case licence_class::free_restricted: return "free-restricted";
    case licence_class::permission: return "permission";
    case licence_class::commercial: return "commercial";
    case licence_class::unknown: return "unknown";
  }
  return "unknown";
}

/// How well each part of an entry is established.
struct field_provenance {
  verification n_items = verification::none;
  verification scale = verification::none;
  verification reversed = verification::none;
  verification subscales = verification::none;
  verification missing = verification::none;
  verification bands = verification::none;
  verification cutoffs = verification::none;
  verification norms = verification::none;
  verification reliability = verification::none;
};

/// Mean and SD of a score in a sample.
struct score_norm {
  std::string_view score;
  std::string_view sample;
  int n;  ///< persons; 0 if not told
  double mean;
  double sd;
  rapport::instruments::verification provenance;
};

/// A reliability that was published.
struct published_reliability {
  std::string_view score;
  std::string_view statistic;  ///< alpha, omega, icc
  std::string_view sample;
  int n;        ///< persons; 0 if not told
  double low;   ///< the value, or the lower end where a range was published
  double high;  ///< the value, or the upper end; 1 where only a lower bound was published
  rapport::instruments::verification provenance;
};

/// A change of a score that was published as reliable.
struct published_change {
  std::string_view score;
  double value;
  std::string_view basis;
  rapport::instruments::verification provenance;
};

/// The facts about one instrument of the catalogue.
struct catalogue_entry {
  std::string_view id{};
  std::string_view name{};
  int year = 0;
  std::string_view family{};  ///< shared by the parallel forms of client, therapist and observer
  rapport::perspective perspective = perspective::client;
  const instrument* key = nullptr;  ///< null where the key is not established
  key_use usable = key_use::none;
  bool validated = true;   ///< false for a check-list that no study has examined
  int n_items = 0;         ///< 0 if not known
  bool has_range = false;  ///< of instruments without a key: whether min and max are known
  double min = 0;
  double max = 0;
  rapport::instruments::verification verification = verification::unverified;  ///< of the key as a whole
  field_provenance provenance{};
  std::string_view caveat{};   ///< what a careful user checks first
  std::string_view licence{};  ///< a note, not legal advice
  licence_class licence_kind = licence_class::unknown;
  rapport::instruments::verification licence_provenance = verification::unverified;
  std::string_view measures{};  ///< factors of therapy, separated by blanks
  std::string_view sources{};   ///< one per line; the first is the reference
  std::string_view doi{};       ///< empty if there is none or it is not known for sure
  std::span<const score_norm> norms{};
  std::span<const published_reliability> reliability{};
  std::span<const published_change> reliable_change{};

  /// Whether the instrument measures a factor of therapy, "hope".
  [[nodiscard]] constexpr bool is_measure_of(std::string_view factor) const noexcept {
    for (std::size_t from = 0; from < measures.size();) {
      std::size_t end = measures.find(' ', from);
      if (end == std::string_view::npos) end = measures.size();
      if (measures.substr(from, end - from) == factor) return true;
      from = end + 1;
    }
    return false;
  }
};

}  // namespace rapport::instruments

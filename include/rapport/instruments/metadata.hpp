// SPDX-License-Identifier: BSL-1.0
// The catalogue: every instrument known here, where its key comes from, how sure it is, who owns it, norms, reliability.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <rapport/instruments/catalogue_entry.hpp>
#include <rapport/instruments/detail/catalogue_alliance.hpp>
#include <rapport/instruments/detail/catalogue_conditions.hpp>
#include <rapport/instruments/detail/catalogue_more_alliance.hpp>
#include <rapport/instruments/detail/catalogue_outcome.hpp>
#include <rapport/instruments/detail/catalogue_process.hpp>
#include <rapport/instruments/detail/catalogue_wai.hpp>

namespace rapport::instruments {

namespace detail {

/// The parts of the catalogue one behind the other.
template <std::size_t... Sizes>
[[nodiscard]] constexpr auto joined(const catalogue_entry (&... parts)[Sizes]) noexcept {
  std::array<catalogue_entry, (Sizes + ...)> all{};
  std::size_t at = 0;
  const auto append = [&](const auto& part) {
    for (const catalogue_entry& entry : part) all[at++] = entry;
  };
  (append(parts), ...);
  return all;
}

}  // namespace detail

/// Every instrument that is known here. Those without a key are listed so that one knows of them.
inline constexpr auto catalogue =
    detail::joined(detail::wai_entries, detail::alliance_entries, detail::more_alliance_entries,
                   detail::conditions_entries, detail::process_entries, detail::outcome_entries);

/// The catalogue's entry for an id.
/// \param id     as in "wai-sr-client"
/// \return       null if the id is not in the catalogue
[[nodiscard]] constexpr const catalogue_entry* find(std::string_view id) noexcept {
  for (const catalogue_entry& entry : catalogue) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

/// The key of an instrument of the catalogue, for programs that are told an id.
/// \param id     as in "wai-sr-client"
/// \return       never null; it lives as long as the program
/// Errors:       errc::unknown_instrument; errc::key_not_established for an instrument that is listed without a key
[[nodiscard]] constexpr result<const instrument*> find_key(std::string_view id) noexcept {
  const catalogue_entry* entry = find(id);
  if (entry == nullptr) return error{.code = errc::unknown_instrument, .function = "find_key", .subject = id};
  if (entry->key != nullptr) return entry->key;
  error unknown{.code = errc::key_not_established, .function = "find_key"};
  for (const char c : id) unknown.subject.append(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  return unknown;
}

}  // namespace rapport::instruments

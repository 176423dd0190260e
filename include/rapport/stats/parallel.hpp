// SPDX-License-Identifier: BSL-1.0
// Loops shared between threads, with results that do not depend on how many.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <rapport/core/config.hpp>
#include <rapport/core/index.hpp>

#if RAPPORT_HAS_EXCEPTIONS
#include <exception>
#include <mutex>
#endif

namespace rapport::stats {

/// Calls body(i) for i = 0, ..., n - 1, each once, on several threads.
///
/// The body writes only what belongs to its own i; sums are taken afterwards, in order. Then the result is the same for
/// any number of threads. An exception of the body ends the loop and is thrown on; if there are several, which one is
/// not specified.
/// \param n          calls
/// \param n_threads  at most this many threads; 0 means one per processor
/// \param body       callable with an index, from any thread
template <class Body>
void parallel_for(index n, index n_threads, const Body& body) {
  if (n_threads <= 0) n_threads = (std::max)(index{1}, static_cast<index>(std::thread::hardware_concurrency()));
  n_threads = (std::min)(n_threads, n);
  if (n_threads <= 1) {
    for (index i = 0; i < n; ++i) body(i);
    return;
  }

  std::atomic<index> next{0};
#if RAPPORT_HAS_EXCEPTIONS
  std::exception_ptr thrown;
  std::mutex lock;
#endif
  const auto work = [&] {
    for (index i = next.fetch_add(1); i < n; i = next.fetch_add(1)) {
#if RAPPORT_HAS_EXCEPTIONS
      try {
        body(i);
      } catch (...) {
        const std::lock_guard guard(lock);
        thrown = std::current_exception();
        next = n;
      }
#else
      body(i);
#endif
    }
  };
  std::vector<std::thread> others;
  for (index k = 1; k < n_threads; ++k) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
#if RAPPORT_HAS_EXCEPTIONS
  if (thrown) std::rethrow_exception(thrown);
#endif
}

}  // namespace rapport::stats

// SPDX-License-Identifier: BSL-1.0
// Replaces operator new, and malloc where the linker redirects it, by forms that count.
#include "allocations.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(RAPPORT_BENCHMARK_WRAPS_MALLOC)
#include <malloc.h>
#endif

namespace {

std::atomic<bool> counting{false};
std::atomic<rapport::index> allocations{0};
std::atomic<rapport::index> bytes_held{0};
std::atomic<rapport::index> bytes_peak{0};

void note_allocation(rapport::index bytes) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const rapport::index held = bytes_held.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  rapport::index peak = bytes_peak.load(std::memory_order_relaxed);
  while (held > peak && !bytes_peak.compare_exchange_weak(peak, held, std::memory_order_relaxed)) {
  }
}

}  // namespace

#if defined(RAPPORT_BENCHMARK_WRAPS_MALLOC)

namespace {

rapport::index size_of(void* block) noexcept {
  return block == nullptr ? 0 : static_cast<rapport::index>(malloc_usable_size(block));
}

void note_release(void* block) noexcept {
  if (counting.load(std::memory_order_relaxed)) bytes_held.fetch_sub(size_of(block), std::memory_order_relaxed);
}

void* noted(void* block) noexcept {
  if (counting.load(std::memory_order_relaxed)) note_allocation(size_of(block));
  return block;
}

}  // namespace

// The linker leads every call of malloc in these programs to __wrap_malloc, and __real_malloc to the library's.
extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t count, std::size_t size);
void* __real_realloc(void* block, std::size_t size);
void __real_free(void* block);

void* __wrap_malloc(std::size_t size) { return noted(__real_malloc(size)); }
void* __wrap_calloc(std::size_t count, std::size_t size) { return noted(__real_calloc(count, size)); }
void* __wrap_realloc(void* block, std::size_t size) {
  note_release(block);
  return noted(__real_realloc(block, size));
}
void __wrap_free(void* block) {
  note_release(block);
  __real_free(block);
}
}

#else

namespace {

void* noted(void* block) noexcept {
  if (counting.load(std::memory_order_relaxed)) note_allocation(0);
  return block;
}

}  // namespace

#endif

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
#if !defined(RAPPORT_BENCHMARK_WRAPS_MALLOC)
  noted(block);
#endif
  return block;
}
void* operator new[](std::size_t size) { return ::operator new(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }

namespace bench {

void start_counting() noexcept {
  allocations = 0;
  bytes_held = 0;
  bytes_peak = 0;
  counting = true;
}

allocation_count stop_counting() noexcept {
  counting = false;
#if defined(RAPPORT_BENCHMARK_WRAPS_MALLOC)
  return {allocations, bytes_peak};
#else
  return {allocations, -1};
#endif
}

const char* what_is_counted() noexcept {
#if defined(RAPPORT_BENCHMARK_WRAPS_MALLOC)
  return "operator new and malloc";
#else
  return "operator new alone; matrices allocate with malloc and are not counted";
#endif
}

}  // namespace bench

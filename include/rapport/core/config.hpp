// SPDX-License-Identifier: BSL-1.0
// What the build decides: exceptions or not, assertions, the last resort. All macros of the library live here.
#pragma once

#include <rapport/version.hpp>

// isnan(x) folds to false under -ffast-math, and with it every check for missing answers.
#if defined(__FAST_MATH__) && !defined(RAPPORT_ALLOW_FAST_MATH)
#error \
    "rapport: -ffast-math removes the checks for missing values; build without it, or define RAPPORT_ALLOW_FAST_MATH and accept wrong numbers"
#endif

// 1 when the translation unit is compiled with exceptions. Signatures never depend on it.
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define RAPPORT_HAS_EXCEPTIONS 1
#else
#define RAPPORT_HAS_EXCEPTIONS 0
#endif

// RAPPORT_ASSERT(condition): a broken promise inside the library or of its caller, never bad data.
// Define it program-wide before the first include to redirect it.
#if !defined(RAPPORT_ASSERT)
#if defined(NDEBUG)
#define RAPPORT_ASSERT(condition) static_cast<void>(0)
#else
#include <cassert>
#define RAPPORT_ASSERT(condition) assert(condition)
#endif
#endif

// RAPPORT_FAIL(error): what value() does where nothing can be thrown. Must not return.
// Define it program-wide to log the error first; the default says nothing and aborts.
// Expanded in core/failure.hpp alone, which includes <cstdlib>.
#if !defined(RAPPORT_FAIL)
#define RAPPORT_FAIL(error) (static_cast<void>(error), std::abort())
#endif

// Small functions that the compiler should unfold where they are called, so that what is constant there is folded; and
// large ones that it should not, so that what calls them stays small.
#if defined(__GNUC__)
#define RAPPORT_INLINE [[gnu::always_inline]] inline
#define RAPPORT_NOINLINE [[gnu::noinline]]
#else
#define RAPPORT_INLINE inline
#define RAPPORT_NOINLINE
#endif

// Before a loop that is to become vector code: g++ writes loops with a known small count out before it looks for it.
#if defined(__GNUC__) && !defined(__clang__)
#define RAPPORT_VECTOR_LOOP _Pragma("GCC unroll 1")
#else
#define RAPPORT_VECTOR_LOOP
#endif

// RAPPORT_INSTANCE(declaration): a template that takes seconds to compile, for double. By itself it says nothing, and every
// program compiles what it uses. With RAPPORT_COMPILED, which linking rapport::compiled defines, it says that the library
// of that name has it already.
#if !defined(RAPPORT_INSTANCE)
#if defined(RAPPORT_COMPILED)
#define RAPPORT_INSTANCE(...) extern template __VA_ARGS__
#else
#define RAPPORT_INSTANCE(...) static_assert(true)
#endif
#endif

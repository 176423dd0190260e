# SPDX-License-Identifier: BSL-1.0
# What the headers need; used by the build and by the installed package alike.

include(CMakeFindDependencyMacro)

if(NOT TARGET Eigen3::Eigen)
  # No version in the call: Debian's 3.4 refuses to serve a range, and Eigen 5 refuses to serve a 3.
  find_dependency(Eigen3)
  if(Eigen3_VERSION AND Eigen3_VERSION VERSION_LESS 3.4)
    set(${CMAKE_FIND_PACKAGE_NAME}_FOUND FALSE)
    message(FATAL_ERROR "rapport needs Eigen 3.4 or later; found ${Eigen3_VERSION}")
  endif()
endif()

if(NOT TARGET Boost::math AND NOT TARGET Boost::headers)
  find_package(Boost 1.74 QUIET CONFIG)
  if(NOT TARGET Boost::headers)
    find_dependency(boost_math)  # Boost.Math by itself, without the rest of Boost
  endif()
endif()

if(NOT TARGET Threads::Threads)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_dependency(Threads)
endif()

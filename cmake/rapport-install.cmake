# SPDX-License-Identifier: BSL-1.0
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/rapport)

install(TARGETS rapport_core rapport_stats rapport_rapport EXPORT rapport-targets FILE_SET HEADERS FILE_SET opt_in)
install(EXPORT rapport-targets NAMESPACE rapport:: DESTINATION ${package_dir})
configure_package_config_file(cmake/rapport-config.cmake.in rapport-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(rapport-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/rapport-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/rapport-config-version.cmake
  cmake/rapport-dependencies.cmake
  DESTINATION ${package_dir})

# pkg-config finds Eigen by its own file; Boost has none and lies on the default path.
configure_file(cmake/rapport.pc.in rapport.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rapport.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rapport)

# `cmake --install build --prefix P`: the compiler, the runtime, the emulated card, and
# find_package(Sparsec) for C and C++.
# The driver finds the runtime in ../lib, so Debian's lib/<triplet> is no choice.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Where libraries are installed")
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS sparsec sparsec-compiler sparsec-opt gfx803-emulator
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS sparsec_rt LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The runtime looks for it beside itself.
install(TARGETS hsa-runtime64 gfx803-devkfd
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/gfx803-emulator)
install(TARGETS SparsecFormats SparsecProducts
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY runtime/include/sparsec DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# The C++ headers include each other from the root of the repository, so the folder that
# holds them is an include directory of its own.
install(DIRECTORY runtime/formats runtime/products
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sparsec-cpp/runtime
        FILES_MATCHING PATTERN "*.h")

configure_package_config_file(cmake/SparsecConfig.cmake.in SparsecConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Sparsec
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(SparsecConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/SparsecConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/SparsecConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Sparsec)

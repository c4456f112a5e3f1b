# The same kernels as a code object of each version.
set(loader_objects)
foreach(version 4 5 6)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/loader-objects-v${version}.hsaco)
  add_custom_command(OUTPUT ${object}
    COMMAND ${SPARSEC_OPENCL_CLANG} -x cl -cl-std=CL2.0
            --target=amdgcn-amd-amdhsa -mcpu=gfx803
            -mcode-object-version=${version} -nogpulib -O2 -o ${object}
            ${CMAKE_CURRENT_LIST_DIR}/Inputs/loader-objects.cl
    DEPENDS ${CMAKE_CURRENT_LIST_DIR}/Inputs/loader-objects.cl)
  list(APPEND loader_objects ${object})
endforeach()

sparsec_unit_test(LoaderTest
  SOURCES LoaderTest.cpp LoaderFuzzTest.cpp ${loader_objects}
  LIBS Gfx803Loader
  DEFINITIONS
    SPARSEC_TEST_OBJECTS="${CMAKE_CURRENT_BINARY_DIR}/loader-objects-v")
add_dependencies(SparsecUnitTests LoaderTest)

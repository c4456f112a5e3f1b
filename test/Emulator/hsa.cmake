# Kernels for the tests of the stand-in, by the clang that LLVM came with.
find_program(SPARSEC_OPENCL_CLANG clang HINTS ${LLVM_TOOLS_BINARY_DIR}
             NO_DEFAULT_PATH REQUIRED)
set(hsa_kernels ${CMAKE_CURRENT_BINARY_DIR}/hsa-kernels.hsaco)
add_custom_command(OUTPUT ${hsa_kernels}
  COMMAND ${SPARSEC_OPENCL_CLANG} -x cl -cl-std=CL2.0
          --target=amdgcn-amd-amdhsa -mcpu=gfx803 -mcode-object-version=5
          -nogpulib -O2 -o ${hsa_kernels}
          ${CMAKE_CURRENT_LIST_DIR}/Inputs/hsa-kernels.cl
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/Inputs/hsa-kernels.cl)

sparsec_unit_test(HsaTest
  SOURCES HsaTest.cpp HsaQueueTest.cpp HsaErrorTest.cpp HsaTestUtils.cpp ${hsa_kernels}
  LIBS hsa-runtime64
  DEFINITIONS SPARSEC_TEST_HSA_KERNELS="${hsa_kernels}")
add_dependencies(SparsecUnitTests HsaTest)

# OpenMP as compiled models use it: LLVM's runtime, whatever compiles sparsec.
# One process must not hold two OpenMP runtimes, so g++'s libgomp is no option.
find_library(SPARSEC_LIBOMP NAMES omp REQUIRED
             HINTS /usr/lib/llvm-22/lib NO_DEFAULT_PATH)
add_library(SparsecOpenMP INTERFACE)
target_compile_options(SparsecOpenMP INTERFACE -fopenmp)
target_link_libraries(SparsecOpenMP INTERFACE ${SPARSEC_LIBOMP})

# The parts of the machine that need no kernel.
sparsec_unit_test(MachineTest
  SOURCES MachineTest.cpp
  LIBS Gfx803Machine)
sparsec_unit_test(CodeFuzzTest
  SOURCES CodeFuzzTest.cpp
  LIBS Gfx803Machine)
add_dependencies(SparsecUnitTests MachineTest CodeFuzzTest)

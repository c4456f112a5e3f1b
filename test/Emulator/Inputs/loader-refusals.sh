# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Files that the loader must refuse, in the order of loader-refusals.test.
# PYTHON and FILES are the interpreter and run_files.py.

refuse() {
  message=$(gfx803-emulator run "$1" --kernel=scale --grid=64 --workgroup=64 2>&1)
  status=$?
  [ $status -eq 1 ] || echo "$1: exit status $status"
  echo "$message" | sed 's/^gfx803-emulator: //'
}
edit() {
  "$PYTHON" "$FILES" "$@"
}
# patched NAME CHANGE...: k.hsaco with these changes.
patched() {
  name=$1
  shift
  edit patch k.hsaco "$name" "$@"
  refuse "$name"
}

echo text >text
: >empty
for file in text empty host.so k.o gfx900.hsaco undefined.hsaco; do
  refuse $file
done

patched class class=01
patched osabi osabi=03
patched v2 abi=00
patched v3 abi=01
patched v7 abi=05
patched v4 abi=02
patched xnack flags=2a030000
patched type type=0200
patched phnum phnum=0000
patched phoff phoff=ffffffffffffff7f
for count in 60 100 1000; do
  edit cut k.hsaco cut$count $count
  refuse cut$count
done

# In the metadata; the notes stand before everything else that has these names.
patched target amdgcn-amd-amdhsa--gfx80+0=34
patched map metadata:0=90
patched field .kernarg_segment_siz+0=78
patched symbol .symbol+4=01
patched argument .offset+0=64

patched entry kd:16=0000000000000080
patched entry-alignment kd:16=c4
patched wave32 kd:57=04

edit bundle other.hipfb hipv4-amdgcn-amd-amdhsa--gfx900=k.o
edit bundle cut.hipfb hipv4-amdgcn-amd-amdhsa--gfx803=k.hsaco
edit cut cut.hipfb cut.hipfb 5000
printf 'CCOB\3\0' >packed.hipfb
for file in other.hipfb cut.hipfb packed.hipfb; do
  refuse $file
done

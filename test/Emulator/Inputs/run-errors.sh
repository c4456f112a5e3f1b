# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Calls of the tool that fail, in the order of run-errors.test: the status, then
# what it says.

try() {
  message=$("$@" 2>&1)
  echo "$?: $message"
}
run() {
  try gfx803-emulator run k.hsaco --grid=64 --workgroup=64 "$@"
}
scale() {
  run --kernel=scale "$@"
}

try gfx803-emulator
try gfx803-emulator run --grid=64
try gfx803-emulator run k.hsaco --workgroup=64
try gfx803-emulator run k.hsaco --gird=64 --workgroup=64
try gfx803-emulator run k.hsaco --grid=64,0 --workgroup=64
try gfx803-emulator run k.hsaco --grid=64 --workgroup=1,1,1,1
run --counters=xml
run --vram=1TB
run --relax=wave-order,everything
run --break=start
run --trace-wave=3
try env GFX803_EMULATOR_VRAM=lots \
  gfx803-emulator run k.hsaco --grid=64 --workgroup=64

run --arg=f33:1
run --arg=u8:256
run --arg=i16:-32769
run --arg=f32:one
run '--arg=zeros:bf16[4]'
run --arg=zeros:f32
run '--arg=zeros:f32[4x-1]'
run '--arg=zeros:f32[4]y.npy'

try gfx803-emulator run none.hsaco --grid=64 --workgroup=64
run
run --kernel=scales
try gfx803-emulator run k.hsaco --kernel=tile --grid=64 --workgroup=32
try gfx803-emulator run k.hsaco --kernel=scale --grid=64,64 --workgroup=64,8
scale --lds=65537
scale --arg=x.npy
scale --arg=none.npy --arg=null --arg=f32:1 --arg=u32:1
scale --arg=x.npy --arg=f32:1 --arg=f32:1 --arg=u32:1
scale --arg=x.npy --arg=x.npy --arg=f64:1 --arg=u32:1
scale --arg=x.npy --arg=x.npy --arg=null --arg=u32:1
run --kernel=tile '--arg=uninit:i32[64]' --arg=i32:64
run --kernel=tile '--arg=uninit:i32[64]' --arg=lds:64KiB
scale --vram=1MiB --arg=x.npy '--arg=zeros:f32[1024x1024]' --arg=f32:1 --arg=u32:1

try gfx803-emulator run k.hsaco --kernel=scale --grid=128 --workgroup=64 \
  --arg=x.npy '--arg=zeros:f32[128]:faulted.npy' --arg=f32:1 --arg=u32:101
scale --arg=x.npy '--arg=zeros:f32[64]:none/y.npy' --arg=f32:1 --arg=u32:64

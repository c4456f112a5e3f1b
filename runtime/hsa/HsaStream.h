//===- HsaStream.h - Work for a card ----------------------------*- C++ -*-===//
//
// Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stream is an AQL queue for kernels and a chain of asynchronous copies. Each
// piece of work is an operation, with a completion signal that goes from 1 to 0
// (or below, if a copy fails). Operations are kept in a ring of which half
// is in flight: what waits for an operation waits for its signal, which must
// not be another's before that is over. The queue, longer than the ring, is
// never full for long.
//
// Kernels have the barrier bit, so each waits for the one before it. A kernel
// that follows a copy is preceded by a barrier packet on the copy's signal; a
// copy gets the signals of what it follows as dependencies.
//
// Host memory that is not pinned cannot be copied from while the caller goes
// on. So copies from and to the host go through pinned chunks: those from the
// host are filled by the call, those to the host are emptied when waited for.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSEC_RUNTIME_HSA_HSASTREAM_H
#define SPARSEC_RUNTIME_HSA_HSASTREAM_H

#include "runtime/core/Trace.h"
#include "runtime/hsa/HsaCard.h"
#include "runtime/hsa/HsaCode.h"
#include "runtime/hsa/Kernarg.h"

namespace sparsec::rt {

class HsaStream final : public Stream {
public:
  static sparsec_status create(HsaCard &card, std::unique_ptr<Stream> &result);
  ~HsaStream() override;

  sparsec_status copyIn(DeviceAddress to, const void *from, uint64_t bytes,
                        Ticket after, Ticket &ticket) override;
  sparsec_status copyOut(void *to, DeviceAddress from, uint64_t bytes,
                         Ticket after, Ticket &ticket) override;
  sparsec_status copyWithin(DeviceAddress to, DeviceAddress from,
                            uint64_t bytes, Ticket after,
                            Ticket &ticket) override;
  sparsec_status launch(Kernel &kernel, const LaunchSize &size,
                        const void *arguments, uint32_t argumentBytes,
                        Ticket after, Ticket &ticket) override;
  sparsec_status wait(Ticket ticket) override;
  sparsec_status finish() override;
  void record(Trace *trace) override;

private:
  struct Operation {
    hsa_signal_t signal = {};
    void *kernarg = nullptr; // of this place in the ring
    Ticket ticket = 0;
    Ticket after = 0, call = 0; // what it follows; the first piece of its copy
    const char *name = nullptr;
    bool over = true;
    HsaKernel *kernel = nullptr; // null: a copy
    void *to = nullptr;          // of a copy to the host, else null
    const void *staged = nullptr;
    uint64_t bytes = 0; // of a copy
  };
  struct Chunk {
    char *memory = nullptr;
    Ticket user = 0;
  };
  static constexpr unsigned kOperations = 256;
  static constexpr unsigned kChunks = 16;
  static constexpr uint64_t kChunkBytes = 256 * 1024;

  explicit HsaStream(HsaCard &card) : card(card), api(card.api) {}
  sparsec_status prepare();
  sparsec_status makeQueue();
  static void onQueueError(hsa_status_t status, hsa_queue_t *queue, void *data);

  /// The operation of a ticket, or null if it is over.
  Operation *live(Ticket ticket);
  /// A place for the next operation.
  sparsec_status nextOperation(Operation *&operation);
  /// It has been handed to the card.
  Ticket issue(Operation &operation);

  sparsec_status nextChunk(Chunk *&chunk);
  /// One piece of a copy, the first one or one of the same `call`.
  sparsec_status issueCopy(const char *name, Ticket call, void *to,
                           hsa_agent_t toAgent, const void *from,
                           hsa_agent_t fromAgent, uint64_t bytes, Ticket after,
                           Operation *&operation);

  sparsec_status checkSize(const HsaKernel &kernel, const LaunchSize &size);
  /// The place of the next packet, once there is one.
  sparsec_status nextPacket(uint64_t &index);
  /// Makes a packet visible to the card. `setup` is the second half of its
  /// first word.
  void publish(uint64_t index, uint16_t header, uint16_t setup);
  sparsec_status waitOnCard(Operation &copy);
  void fillPacket(hsa_kernel_dispatch_packet_t &packet, const HsaKernel &kernel,
                  const LaunchSize &size, const Operation &operation);

  /// Waits until an operation is over and does what is left to do.
  sparsec_status retire(Operation &operation);
  void countLaunch(const Operation &operation);
  void recordTime(const Operation &operation);
  /// Whether something that was issued cannot end as it should.
  bool failed();
  /// Leaves the reason as the last error and makes the stream usable again.
  sparsec_status recover();
  void appendReason(Text &text);
  void giveUp();

  HsaCard &card;
  const HsaApi &api;
  hsa_queue_t *queue = nullptr;
  QueueFacts facts;
  Operation operations[kOperations];
  Chunk chunks[kChunks];
  unsigned chunkTurn = 0;
  void *kernargMemory = nullptr, *stagingMemory = nullptr;
  Ticket issued = 0, lastCopy = 0;
  Trace *trace = nullptr;
  std::vector<TraceEvent> events; ///< for `trace`

  // Written by a thread of HSA's: the text first.
  char queueReason[512] = "";
  std::atomic<hsa_status_t> queueStatus{HSA_STATUS_SUCCESS};
  uint64_t seenFaults = 0; ///< of the card
};

} // namespace sparsec::rt

#endif // SPARSEC_RUNTIME_HSA_HSASTREAM_H

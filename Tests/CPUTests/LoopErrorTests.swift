import CNative
import Testing

/// A kernel that fails inside a loop or a branch ends it, with its error line.
@Suite struct LoopErrorTests {
  /// A kernel that counts its calls in its parameters, `[calls, calls until it fails]`, and hands its operand on.
  private static let kernel:
    @convention(c) (
      UnsafeRawPointer, UnsafePointer<UnsafeMutableRawPointer?>, UnsafeMutablePointer<CChar>
    ) -> Int32 = { parameters, addresses, error in
      let counts = UnsafeMutableRawPointer(mutating: parameters).assumingMemoryBound(to: Int64.self)
      counts[0] += 1
      guard counts[0] < counts[1] else {
        for (index, byte) in "no more".utf8CString.enumerated() { error[index] = byte }
        return 7
      }
      if let source = addresses[0], let target = addresses[1] { target.copyMemory(from: source, byteCount: 8) }
      return 0
    }

  private struct Outcome: Equatable {
    var status: Int32
    var calls: Int64
    var error: String
  }

  /// Runs something that holds a body of one such kernel, from operand 0 to result 0.
  private func outcome(
    failingAt call: Int64, _ run: (dn_body, UnsafeMutablePointer<CChar>) -> Int32
  ) -> Outcome {
    let counts = UnsafeMutablePointer<Int64>.allocate(capacity: 2)
    counts.initialize(repeating: 0, count: 2)
    counts[1] = call
    let error = UnsafeMutablePointer<CChar>.allocate(capacity: 256)
    error.initialize(repeating: 0, count: 256)
    defer {
      counts.deallocate()
      error.deallocate()
    }
    var calls = [dn_call(function: Self.kernel, parameters: counts, first_address: 0)]
    var inputs = [dn_place(slot: 0, offset: 0, number: 0)]
    var outputs = [dn_place(slot: 1, offset: 0, number: 0)]
    var (fixed, arena) = ([dn_fixed_place(slot: 0, memory: nil)], [dn_place(slot: 0, offset: 0, number: 0)])
    let status = calls.withUnsafeMutableBufferPointer { calls in
      inputs.withUnsafeMutableBufferPointer { inputs in
        outputs.withUnsafeMutableBufferPointer { outputs in
          fixed.withUnsafeMutableBufferPointer { fixed in
            arena.withUnsafeMutableBufferPointer { arena -> Int32 in
              guard let calls = calls.baseAddress, let inputs = inputs.baseAddress, let outputs = outputs.baseAddress,
                let fixed = fixed.baseAddress, let arena = arena.baseAddress
              else { return -1 }
              return run(
                dn_body(
                  calls: calls, call_count: 1, constants: fixed, constant_count: 0, arena: arena, arena_count: 0,
                  inputs: inputs, input_count: 1, outputs: outputs, output_count: 1, table_offset: 0), error)
            }
          }
        }
      }
    }
    return Outcome(status: status, calls: counts[0], error: String(cString: error))
  }

  private func scan(_ body: dn_body, _ error: UnsafeMutablePointer<CChar>, length: Int64) -> Int32 {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 64)
    let tensors = UnsafeMutablePointer<Double>.allocate(capacity: 2)
    tensors.initialize(repeating: 3, count: 2)
    defer {
      memory.deallocate()
      tensors.deallocate()
    }
    var bytes: [Int64] = [8]
    var offsets: [Int64] = [256]
    return bytes.withUnsafeMutableBufferPointer { bytes in
      offsets.withUnsafeMutableBufferPointer { offsets -> Int32 in
        guard let bytes = bytes.baseAddress, let offsets = offsets.baseAddress else { return -1 }
        var loop = dn_scan(
          body: body, moving: body.inputs, moving_count: body.input_count, length: length, reversed: false,
          carry_count: 1, sequence_count: 0, constant_count: 0, output_count: 0, carry_bytes: bytes,
          sequence_bytes: bytes, output_bytes: bytes, carry_offsets: offsets, pointer_offset: 512)
        let addresses: [UnsafeMutableRawPointer?] = [
          UnsafeMutableRawPointer(tensors), UnsafeMutableRawPointer(tensors + 1), memory,
        ]
        return addresses.withUnsafeBufferPointer { addresses in
          addresses.baseAddress.map { dn_scan_run(&loop, $0, error) } ?? -1
        }
      }
    }
  }

  @Test func aLoopEndsWhereAKernelFails() {
    let failed = outcome(failingAt: 3) { scan($0, $1, length: 10) }
    #expect(failed == Outcome(status: 7, calls: 3, error: "no more"))
    let whole = outcome(failingAt: 11) { scan($0, $1, length: 10) }
    #expect(whole == Outcome(status: 0, calls: 10, error: ""))
  }
}

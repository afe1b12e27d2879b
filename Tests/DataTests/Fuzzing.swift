import CNative
import DescentFiles
import DescentTensors
import DescentTypes
import Foundation
import Testing

/// How many mutated files each reader is fed: 2,000 in an everyday run, what `DESCENT_FUZZ_FILES` says otherwise, such as
/// the 20,000 of `make nightly`.
let fuzzedFileCount = ProcessInfo.processInfo.environment["DESCENT_FUZZ_FILES"].flatMap(Int.init) ?? 2_000

/// Feeds a reader files that were made from a good one by damage, and expects an error or a value, never a trap.
///
/// - Parameters:
///   - name: What is read; a failure names it.
///   - seed: A good file.
///   - share: Among how many files of the reader the damaged ones are shared out.
///   - memoryFactor: How many times its own size a file may make the process grow, apart from what the process grows by
///     anyway; `nil` leaves it unchecked.
///   - read: Reads a file and uses what it holds.
func fuzz(
  _ name: String, _ seed: [UInt8], share: Int = 1, memoryFactor: Int? = nil,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ read: ([UInt8]) throws -> Void
) throws {
  try read(seed)
  var generator = SeededGenerator(state: UInt64(seed.count))
  var refused = 0
  let before = dn_peak_memory_bytes()
  let count = fuzzedFileCount / share
  for _ in 0..<count {
    let file = mutated(seed, using: &generator)
    do { try read(file) } catch let error as any DescentError {
      refused += 1
      #expect(!error.description.contains("\n"), "\(name)", sourceLocation: sourceLocation)
    } catch { Issue.record("\(name): \(error) is no DescentError", sourceLocation: sourceLocation) }
  }
  #expect(refused > count / 50, "\(name): \(refused) files were refused", sourceLocation: sourceLocation)
  if let memoryFactor {
    // Tests beside this one allocate as well, so that the bound is one for the whole process.
    let allowed = Int64(seed.count * 64 * memoryFactor) + 512 << 20
    #expect(dn_peak_memory_bytes() - before < allowed, "\(name)", sourceLocation: sourceLocation)
  }
}

import DescentTensors
import Foundation
import Testing

/// Eight threads at once record, differentiate and read what they share.
@Suite("threads")
struct ThreadTests {
  private func onEightThreads(_ body: @Sendable (Int) throws -> Void) throws {
    let failures = Failures()
    withoutActuallyEscaping(body) { body in
      DispatchQueue.concurrentPerform(iterations: 8) { thread in
        do { try body(thread) } catch { failures.add("\(error)") }
      }
    }
    #expect(failures.all == [])
  }

  private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var messages: [String] = []
    func add(_ message: String) { lock.withLock { messages.append(message) } }
    var all: [String] { lock.withLock { messages } }
  }

  private struct Wrong: Error {}
  private func hold(_ condition: Bool) throws { if !condition { throw Wrong() } }

  @Test func readingTheSameTensor() throws {
    for _ in 0..<20 {
      let x = Tensor([1, 2, 3], .float64)
      let chain = (0..<50).reduce(x) { y, _ in y * 1.0 + 1.0 }
      try onEightThreads { _ in try hold(try chain.scalars() == [51, 52, 53]) }
    }
  }

  @Test func readingPartsOfOneHistory() throws {
    for _ in 0..<10 {
      var steps = [Tensor([1, 2], .float64)]
      for _ in 0..<40 { steps.append(steps[steps.count - 1] + 1.0) }
      let shared = steps
      try onEightThreads { thread in
        for index in stride(from: thread, to: shared.count, by: 8) {
          try hold(try shared[index].scalars() == [Double(index + 1), Double(index + 2)])
          try hold(try (shared[40 - index] * 2.0).scalars()[0] == Double(2 * (41 - index)))
        }
      }
    }
  }

  @Test func differentiatingSharedTensors() throws {
    let x = Tensor([1, 2, 3], .float64)
    let lazy = x * x
    try onEightThreads { thread in
      for step in 0..<10 {
        let factor = Double(thread * 10 + step)
        let slope = try gradient(at: x) { x in (x * lazy * factor).sum() }
        try hold(try slope.scalars() == [factor, 4 * factor, 9 * factor])
        let second = try gradient(at: x) { x in try gradient(at: x) { (exp($0 * 0.0) * $0 * $0 * lazy).sum() }.sum() }
        try hold(try second.scalars() == [2, 8, 18])
      }
    }
  }

  /// Histories that several threads let go of at once.
  @Test func lettingGoOfSharedHistories() throws {
    for _ in 0..<10 {
      var trunk = Tensor(1.0)
      for _ in 0..<2_000 { trunk = -trunk }
      let shared = trunk
      try onEightThreads { thread in
        var branch = shared
        for _ in 0..<1_000 { branch = -branch }
        if thread % 2 == 0 { try hold(try branch.item() == 1) }
      }
    }
  }

  @Test func mistakesOnEveryThread() throws {
    let wrong = Tensor([1, 2]) + Tensor([1, 2, 3])
    let line = #line - 1
    try onEightThreads { _ in
      do {
        _ = try (wrong * 2.0).scalars()
        throw Wrong()
      } catch let error as TensorError {
        try hold(error.description.hasSuffix("ThreadTests.swift:\(line)"))
      }
    }
  }
}

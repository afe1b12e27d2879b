import Foundation
import TestSupport
import Testing

@testable import DescentData
@testable import DescentTraining

@Suite(.timeLimit(.minutes(1))) struct PrefetcherTests {
  @Test func elementsComeInOrder() throws {
    let prefetcher = Prefetcher(count: 100) { $0 * $0 }
    for index in 0..<100 { #expect(try prefetcher.next() == index * index) }
    #expect(try prefetcher.next() == nil)
    #expect(try prefetcher.next() == nil)
  }

  @Test(arguments: [0, -3]) func nothingToMake(_ count: Int) throws {
    #expect(try Prefetcher(count: count) { $0 }.next() == nil)
  }

  @Test func anErrorComesInItsPlace() throws {
    let made = Shared<[Int]>([])
    let prefetcher = Prefetcher(count: 10) { index in
      made.change { $0.append(index) }
      if index == 3 { throw TrainingError("number 3") }
      return index
    }
    #expect(try (0..<3).map { _ in try prefetcher.next() } == [0, 1, 2])
    #expect(fault { _ = try prefetcher.next() } == "training: number 3")
    #expect(try prefetcher.next() == nil)
    #expect(made.value == [0, 1, 2, 3])
  }

  @Test func onlyAFewAreMadeAhead() throws {
    let made = Shared(0)
    let prefetcher = Prefetcher(count: 1000, depth: 3) { index in
      made.change { $0 = index + 1 }
      return index
    }
    for _ in 0..<10 { _ = try prefetcher.next() }
    // Three wait, and one is on the way.
    #expect(made.value <= 14)
    prefetcher.stop()
    #expect(try prefetcher.next() == nil)
  }

  @Test(arguments: 1...4) func everyDepth(_ depth: Int) throws {
    let prefetcher = Prefetcher(count: 20, depth: depth) { $0 }
    for index in 0..<20 { #expect(try prefetcher.next() == index) }
    #expect(try prefetcher.next() == nil)
  }

  /// Once as many wait as may, the thread sleeps until half of them are taken.
  @Test func theThreadSleepsUntilHalfIsTaken() throws {
    let made = Shared(0)
    let prefetcher = Prefetcher(count: 100, depth: 4) { index in
      made.change { $0 = index + 1 }
      return index
    }
    func waitFor(_ count: Int) -> Bool {
      for _ in 0..<2_000 where made.value < count { Thread.sleep(forTimeInterval: 0.005) }
      return made.value == count
    }
    // Four wait, and the fifth finds no room.
    #expect(waitFor(5))
    _ = try prefetcher.next()
    Thread.sleep(forTimeInterval: 0.05)
    #expect(made.value == 5)
    _ = try prefetcher.next()
    #expect(waitFor(7))
    prefetcher.stop()
  }

  /// Notices when the last holder of what `make` holds is gone, which is the end of the thread.
  private final class Token: Sendable {
    private let ended: DispatchSemaphore
    init(_ ended: DispatchSemaphore) { self.ended = ended }
    deinit { ended.signal() }
  }

  private func abandoned(_ ended: DispatchSemaphore, stopping: Bool) throws {
    let token = Token(ended)
    let prefetcher = Prefetcher(count: 1000) { index in withExtendedLifetime(token) { index } }
    _ = try prefetcher.next()
    if stopping { prefetcher.stop() }
  }

  @Test(arguments: [true, false]) func theThreadEndsWithItsPrefetcher(_ stopping: Bool) throws {
    let ended = DispatchSemaphore(value: 0)
    try abandoned(ended, stopping: stopping)
    #expect(ended.wait(timeout: .now() + 20) == .success)
  }
}

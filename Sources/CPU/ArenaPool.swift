import CNative
import DescentCompiler
import DescentGraph
import Foundation

/// The memory in which plans keep their intermediate values, shared by all plans that do not run at once.
///
/// There are as many arenas as plans ran at once, and none is larger than the largest plan that exists asks for. One that
/// was not needed for some seconds is given back to the system.
package final class ArenaPool: KeptMemory {
  /// The arenas of this process.
  package static let shared = ArenaPool(limit: ArenaPool.initialLimit)

  /// Memory for the intermediate values of one run at a time.
  final class Arena: @unchecked Sendable {
    // The time is guarded by the pool.
    let memory: HostMemory
    /// When a plan last asked for a good part of it.
    fileprivate(set) var lastNeed: ContinuousClock.Instant

    fileprivate init(_ bytes: Int, _ now: ContinuousClock.Instant) throws(OperationError) {
      memory = try HostMemory(byteCount: bytes)
      lastNeed = now
    }
  }

  private struct State {
    /// The arenas that wait, the one that was used last at the end.
    var idle: [Arena] = []
    var idleBytes = 0
    /// The number of arenas, those in use included, and their sizes together.
    var usage = (count: 0, bytes: 0)
    var limit: Int
    /// How many plans exist, by the size of the arena that they ask for.
    var demand: [Int: Int] = [:]
    /// The largest of those sizes.
    var largestDemand = 0

    mutating func take(at index: Int) -> Arena {
      let arena = idle.remove(at: index)
      idleBytes -= arena.memory.byteCount
      return arena
    }

    /// Takes an arena away for good. It is given back to the system by whoever lets go of it, outside the lock.
    mutating func discard(at index: Int, into discarded: inout [Arena]) {
      let arena = take(at: index)
      usage.count -= 1
      usage.bytes -= arena.memory.byteCount
      discarded.append(arena)
    }

    /// Takes the arenas away that are too large, too old, or too many.
    mutating func trim(_ now: ContinuousClock.Instant, into discarded: inout [Arena]) {
      var index = idle.count - 1
      while index >= 0 {
        let arena = idle[index]
        if arena.memory.byteCount > largestDemand || now - arena.lastNeed > ArenaPool.patience {
          discard(at: index, into: &discarded)
        }
        index -= 1
      }
      while idleBytes > limit, !idle.isEmpty { discard(at: 0, into: &discarded) }
    }
  }

  /// How long an arena waits for a plan that needs it.
  private static let patience = Duration.seconds(10)

  private let state: Guarded<State>

  init(limit: Int) { state = Guarded(State(limit: limit)) }

  /// The most bytes that arenas hold together while they wait.
  package var limit: Int {
    get { state.withLock { $0.limit } }
    set {
      state.withLock { $0.limit = max(0, newValue) }
      trim()
    }
  }

  package var usage: (count: Int, bytes: Int) { state.withLock { $0.usage } }

  /// Gives all arenas that wait back to the system.
  package func release() {
    let discarded = state.withLock { state in
      var discarded: [Arena] = []
      while !state.idle.isEmpty { state.discard(at: 0, into: &discarded) }
      return discarded
    }
    withExtendedLifetime(discarded) {}
  }

  private func trim() {
    let now = ContinuousClock.now
    let discarded = state.withLock { state in
      var discarded: [Arena] = []
      state.trim(now, into: &discarded)
      return discarded
    }
    withExtendedLifetime(discarded) {}
  }

  /// Says that there is a plan that will ask for an arena of a size.
  func open(_ bytes: Int) {
    let size = Self.rounded(bytes)
    state.withLock { state in
      state.demand[size, default: 0] += 1
      state.largestDemand = max(state.largestDemand, size)
    }
  }

  /// Says that such a plan is gone.
  func close(_ bytes: Int) {
    let size = Self.rounded(bytes)
    state.withLock { state in
      let left = state.demand[size, default: 1] - 1
      state.demand[size] = left > 0 ? left : nil
      state.largestDemand = state.demand.keys.max() ?? 0
    }
    trim()
  }

  /// An arena of at least a size, for the caller alone until it is given back.
  ///
  /// - Parameters:
  ///   - bytes: The size.
  ///   - place: Where the last one lay that the caller had, which is taken again where it waits.
  /// - Throws: `OperationError` where the system refuses the memory.
  func acquire(_ bytes: Int, preferring place: UnsafeMutableRawPointer?) throws(OperationError) -> Arena {
    let now = ContinuousClock.now
    // Given back to the system outside the lock, and before a larger one is asked for.
    var replaced: [Arena] = []
    let found = state.withLock { state -> Arena? in
      var best: Int?
      for (index, arena) in state.idle.enumerated() where arena.memory.byteCount >= bytes {
        if arena.memory.pointer == place {
          best = index
          break
        }
        if let known = best, state.idle[known].memory.byteCount <= arena.memory.byteCount { continue }
        best = index
      }
      if let best {
        let arena = state.take(at: best)
        if bytes > arena.memory.byteCount / 2 { arena.lastNeed = now }
        return arena
      }
      // Replaced by a larger one, so that there are never more than plans that run at once.
      if !state.idle.isEmpty { state.discard(at: state.idle.count - 1, into: &replaced) }
      return nil
    }
    if let found { return found }
    replaced.removeAll()
    let arena = try made(bytes, now)
    state.withLock { state in
      state.usage.count += 1
      state.usage.bytes += arena.memory.byteCount
    }
    return arena
  }

  private func made(_ bytes: Int, _ now: ContinuousClock.Instant) throws(OperationError) -> Arena {
    // Rounded, so that a plan that asks for little more than the last one finds room in what that one had.
    if let arena = try? Arena(Self.rounded(bytes), now) { return arena }
    release()
    return try Arena(bytes, now)
  }

  /// Gives an arena back.
  func giveBack(_ arena: Arena) {
    let now = ContinuousClock.now
    var discarded: [Arena] = []
    state.withLock { state in
      state.idle.append(arena)
      state.idleBytes += arena.memory.byteCount
      state.trim(now, into: &discarded)
    }
  }

  /// A size rounded up to one of eight between each two powers of two.
  static func rounded(_ bytes: Int) -> Int {
    guard bytes > 64 else { return 64 }
    let step = 1 << max(0, Int.bitWidth - bytes.leadingZeroBitCount - 4)
    return bytes > Int.max - step ? bytes : (bytes + step - 1) / step * step
  }

  /// What the user set, or half of the machine's memory.
  private static var initialLimit: Int {
    ByteCount.set(by: "DESCENT_ARENA_LIMIT") ?? Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
  }
}

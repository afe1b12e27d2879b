import DescentGraph

/// Where the random keys of a run come from, one after the other.
///
/// A function that is recorded to run many times draws stand-ins, for which each run of its plan gives keys of its own.
final class RandomKeys: Sendable {
  private struct State {
    var count = 0
    var standIns: [Tensor] = []
  }

  /// The key that all keys are split from, `nil` where stand-ins are drawn.
  private let key: RandomKey?
  private let state = Guarded(State())

  /// Keys that are split from one.
  init(_ key: RandomKey) { self.key = key }

  private init() { key = nil }

  /// Stand-ins for keys.
  static func standIns() -> RandomKeys { RandomKeys() }

  /// Whether a number can be drawn now, rather than while a function that the key is an argument of runs.
  var areKnown: Bool { key.map { !$0.words.expression.isSymbolic } ?? false }

  /// The next key.
  func next() -> RandomKey {
    state.withLock { state in
      state.count += 1
      if let key { return key.split(state.count) }
      let standIn = Tensor.placeholder(TensorType([2], .uint32), name: "key")
      state.standIns.append(standIn)
      return RandomKey(words: standIn)
    }
  }

  /// The stand-ins that were drawn, in order.
  var drawn: [Tensor] { state.withLock { $0.standIns } }
}

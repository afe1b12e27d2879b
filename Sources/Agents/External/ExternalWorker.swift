import DescentGraph
import Foundation

/// What an external environment is asked for.
enum ExternalRequest: Sendable {
  case reset(seed: UInt64)
  /// The seed is for the next episode, where this one ends.
  case step(PlainAction, seed: UInt64)
}

/// What an external environment answers.
struct ExternalAnswer: Sendable {
  /// What is seen now: where an episode ended, of the next one.
  var observation: [Double]
  /// What was seen after the action.
  var final: [Double]
  var reward = 0.0
  var terminated = false
  var truncated = false
}

/// The thread of one external environment.
final class ExternalWorker: @unchecked Sendable {
  private let channel = ExternalChannel()
  private let timeLimit: Duration

  /// Starts a thread that makes the object and waits for requests.
  init(
    _ source: ExternalEnvironment, number: Int, _ make: @escaping @Sendable (Int) throws -> any PlainEnvironment
  ) {
    timeLimit = source.timeLimit
    let channel = channel
    let thread = Thread {
      do {
        let player = ExternalPlayer(source, try make(number))
        while let request = channel.next() { channel.answer(Result { try player.answer(request) }) }
      } catch {
        while channel.next() != nil { channel.answer(.failure(error)) }
      }
    }
    thread.name = "\(source.name) \(number)"
    thread.start()
  }

  deinit { channel.close() }

  /// Whether the last request was answered in time, without an error.
  var isUsable: Bool { channel.isUsable }

  func send(_ request: ExternalRequest) { channel.send(request) }

  /// The answer to what was sent.
  func wait(until deadline: ContinuousClock.Instant) -> Result<ExternalAnswer, any Error> {
    channel.wait(until: deadline)
      ?? .failure(
        OperationError(
          "ExternalEnvironment",
          "has not answered within \(timeLimit); its thread is left behind, a reset begins with a new object"))
  }
}

/// What a worker's thread and its caller hand each other.
private final class ExternalChannel: @unchecked Sendable {
  private let condition = NSCondition()
  private var request: ExternalRequest?
  private var result: Result<ExternalAnswer, any Error>?
  private var isClosed = false
  private var hasFailed = false

  var isUsable: Bool {
    condition.withLock { !hasFailed && !isClosed }
  }

  func send(_ request: ExternalRequest) {
    condition.withLock {
      (self.request, result) = (request, nil)
      condition.broadcast()
    }
  }

  /// The next request; `nil` where there will be none.
  func next() -> ExternalRequest? {
    condition.withLock {
      while request == nil, !isClosed { condition.wait() }
      defer { request = nil }
      return isClosed ? nil : request
    }
  }

  func answer(_ result: Result<ExternalAnswer, any Error>) {
    condition.withLock {
      self.result = result
      condition.broadcast()
    }
  }

  func wait(until deadline: ContinuousClock.Instant) -> Result<ExternalAnswer, any Error>? {
    condition.withLock {
      while result == nil {
        let left = (deadline - ContinuousClock.now) / .seconds(1)
        if left <= 0 || !condition.wait(until: Date(timeIntervalSinceNow: min(left, 1e9))) {
          if result == nil, deadline <= ContinuousClock.now { break }
        }
      }
      guard case .success = result else {
        hasFailed = true
        if result == nil { isClosed = true }
        return result
      }
      return result
    }
  }

  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }
}

extension NSCondition {
  fileprivate func withLock<Result>(_ body: () -> Result) -> Result {
    lock()
    defer { unlock() }
    return body()
  }
}

/// An object with its episode, on its thread.
private final class ExternalPlayer {
  private let source: ExternalEnvironment
  private let object: any PlainEnvironment
  private let size: Int
  private var length = 0

  init(_ source: ExternalEnvironment, _ object: any PlainEnvironment) {
    (self.source, self.object) = (source, object)
    size = source.observationSpace.shape.count
  }

  func answer(_ request: ExternalRequest) throws -> ExternalAnswer {
    switch request {
    case .reset(let seed):
      let first = try begin(seed)
      return ExternalAnswer(observation: first, final: first)
    case .step(let action, let seed):
      let step = try object.step(action)
      try check(step.observation)
      guard step.reward.isFinite else {
        throw OperationError(source.name, "gave the reward \(step.reward), which is not finite")
      }
      length += 1
      let isLate = source.stepLimit.map { length >= $0 } ?? false
      let truncated = (step.truncated || isLate) && !step.terminated
      let next = step.terminated || truncated ? try begin(seed) : step.observation
      return ExternalAnswer(
        observation: next, final: step.observation, reward: step.reward, terminated: step.terminated,
        truncated: truncated)
    }
  }

  private func begin(_ seed: UInt64) throws -> [Double] {
    length = 0
    let first = try object.reset(seed: seed)
    try check(first)
    return first
  }

  private func check(_ observation: [Double]) throws {
    let space = source.observationSpace
    guard observation.count == size else {
      throw OperationError(
        source.name, "shows \(observation.count) numbers, its space of the shape \(space.shape) has \(size)")
    }
    if let place = observation.firstIndex(where: \.isNaN) {
      throw OperationError(source.name, "shows NaN as component \(place)")
    }
    guard space.isDiscrete else { return }
    let counts: [Int]
    switch space {
    case .discrete(let count): counts = [count]
    case .multiDiscrete(let several): counts = several
    case .box, .array: return
    }
    for (value, count) in zip(observation, counts) where Int(exactly: value).map((0..<count).contains) != true {
      throw OperationError(source.name, "shows \(value), where a whole number from 0 to \(count - 1) is expected")
    }
  }
}

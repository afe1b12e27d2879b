import DescentGraph
import DescentTensors

/// The threads of several external environments, and the functions by which plans call them.
final class ExternalTeam: Sendable {
  let count: Int
  /// `[keys]` to the call's number and what is seen.
  let resetting: HostCall.Function
  /// The last call's number, actions and keys to the call's number, what is seen, what was seen last, rewards, terminated and truncated.
  let stepping: HostCall.Function

  init(
    _ source: ExternalEnvironment, count: Int, _ make: @escaping @Sendable (Int) throws -> any PlainEnvironment
  ) {
    self.count = count
    let crew = ExternalCrew(source, count: count, make)
    let seen = TensorType(
      source.observationSpace.shape.prepending(count), source.observationSpace.isDiscrete ? .int32 : .float32)
    let (call, flags) = (TensorType([], .int32), TensorType([count], .bool))
    resetting = HostCall.Function(source.name, resultTypes: [call, seen]) { operands in
      let seeds = Self.seeds(operands[0])
      let (number, first) = try crew.reset(seeds)
      return [try Self.literal(call, [Double(number)]), try Self.literal(seen, first.flatMap(\.observation))]
    }
    stepping = HostCall.Function(
      source.name, resultTypes: [call, seen, seen, TensorType([count], .float32), flags, flags]
    ) { operands in
      let last = Int(ReferenceArray(operands[0]).integers[0])
      let (number, answers) = try crew.step(
        after: last, Self.numbers(operands[1]), seeds: Self.seeds(operands[2]))
      return [
        try Self.literal(call, [Double(number)]), try Self.literal(seen, answers.flatMap(\.observation)),
        try Self.literal(seen, answers.flatMap(\.final)),
        try Self.literal(TensorType([count], .float32), answers.map(\.reward)),
        try Self.literal(flags, answers.map { $0.terminated ? 1 : 0 }),
        try Self.literal(flags, answers.map { $0.truncated ? 1 : 0 }),
      ]
    }
  }

  private static func numbers(_ literal: HostLiteral) -> [Double] {
    let array = ReferenceArray(literal)
    return literal.type.elementType.isFloatingPoint ? array.reals : array.integers.map(Double.init)
  }

  private static func seeds(_ words: HostLiteral) -> [UInt64] {
    let words = ReferenceArray(words).integers.map { UInt64(UInt32(truncatingIfNeeded: $0)) }
    return stride(from: 0, to: words.count, by: 2).map { words[$0] << 32 | words[$0 + 1] }
  }

  private static func literal(_ type: TensorType, _ values: [Double]) throws -> HostLiteral {
    type.elementType.isFloatingPoint
      ? try ReferenceArray(type, reals: values).literal()
      : try ReferenceArray(type, integers: values.map(Int64.init)).literal()
  }
}

/// The workers of a team in the order of their environments, and how many calls there were.
final class ExternalCrew: Sendable {
  private struct Roll {
    var workers: [ExternalWorker?]
    var calls = 0
  }

  private let source: ExternalEnvironment
  private let make: @Sendable (Int) throws -> any PlainEnvironment
  private let roll: Guarded<Roll>

  init(
    _ source: ExternalEnvironment, count: Int, _ make: @escaping @Sendable (Int) throws -> any PlainEnvironment
  ) {
    (self.source, self.make) = (source, make)
    roll = Guarded(Roll(workers: [ExternalWorker?](repeating: nil, count: count)))
  }

  func reset(_ seeds: [UInt64]) throws -> (call: Int, answers: [ExternalAnswer]) {
    try roll.withLock { roll in
      for number in roll.workers.indices where roll.workers[number]?.isUsable != true {
        roll.workers[number] = ExternalWorker(source, number: number, make)
      }
      return try call(&roll, seeds.map { .reset(seed: $0) })
    }
  }

  func step(
    after last: Int, _ actions: [Double], seeds: [UInt64]
  ) throws -> (call: Int, answers: [ExternalAnswer]) {
    try roll.withLock { roll in
      guard last == roll.calls, !roll.workers.contains(where: { $0?.isUsable != true }) else {
        throw OperationError(
          source.name,
          "a step from a state that is not the newest one: what plain objects hold cannot be gone back to, nor be loaded; begin with"
            + " reset")
      }
      let width = actions.count / seeds.count
      let each = seeds.indices.map { Array(actions[$0 * width..<($0 + 1) * width]) }
      for (number, action) in each.enumerated() { try check(action, number) }
      return try call(&roll, zip(each, seeds).map { .step(PlainAction($0), seed: $1) })
    }
  }

  private func call(_ roll: inout Roll, _ requests: [ExternalRequest]) throws -> (call: Int, answers: [ExternalAnswer])
  {
    roll.calls = roll.calls % (1 << 30) + 1
    let workers = roll.workers.compactMap { $0 }
    for (worker, request) in zip(workers, requests) { worker.send(request) }
    let deadline = ContinuousClock.now + source.timeLimit
    let results = workers.map { $0.wait(until: deadline) }
    let answers = try results.enumerated().map { number, result in
      switch result {
      case .success(let answer): return answer
      case .failure(let error):
        let line = (error as? OperationError)?.message ?? "threw \(error)"
        throw OperationError(source.name, "environment \(number) of \(source.name) \(line)")
      }
    }
    return (roll.calls, answers)
  }

  private func check(_ action: [Double], _ number: Int) throws {
    let counts: [Int]
    switch source.actionSpace {
    case .discrete(let count): counts = [count]
    case .multiDiscrete(let several): counts = several
    case .box(let low, let high):
      for (component, value) in action.enumerated() {
        guard (Double(Float(low[component]))...Double(Float(high[component]))).contains(value) else {
          throw OperationError(
            source.name,
            "\(source.name) takes actions from \(low[component]) to \(high[component]) as component \(component), found \(value)"
          )
        }
      }
      return
    }
    for (value, count) in zip(action, counts) where !(0..<Double(count)).contains(value) {
      throw OperationError(source.name, "\(source.name) takes actions from 0 to \(count - 1), found \(Int(value))")
    }
  }
}

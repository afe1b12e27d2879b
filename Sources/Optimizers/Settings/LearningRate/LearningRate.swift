import DescentTensors

/// The learning rate, as a function of the step's number.
///
/// A plain number is a constant rate: `Adam(learningRate: 1e-3)`. A rate is a value: it can be compared, printed and
/// coded, a schedule of one's own by its name. Schedules are put together:
///
/// ```swift
/// .cosine(initial: 1e-3, total: 5_000).warmedUp(over: 100)
/// .joined([.constant(1e-3), .exponential(initial: 1e-3, factor: 0.99)], at: [1_000])
/// .inverseSquareRoot(peak: 1, warmup: 4_000).multiplied(by: 1e-3)
/// ```
public struct LearningRate: Sendable, Hashable {
  /// What a rate is made of.
  indirect enum Rule: Sendable, Hashable {
    /// A schedule with its numbers.
    case numbers(ScheduleKind, [String: Hyperparameter])
    /// A function of the user's own.
    case function(Function)
    /// Pieces after one another, and after which steps the later ones begin.
    case joined([LearningRate], [Hyperparameter])
    /// Rates multiplied with each other.
    case product(LearningRate, LearningRate)
    /// A rate that is approached from another one, over some steps.
    case warmedUp(LearningRate, steps: Hyperparameter, start: Hyperparameter)
  }

  typealias Function = NamedFunction<@Sendable (Tensor) -> Tensor>

  let rule: Rule

  init(_ rule: Rule) { self.rule = rule }

  /// A schedule of one's own.
  ///
  /// - Parameters:
  ///   - name: What it is called in descriptions and in files, from which a rule that is Swift code cannot be read.
  ///   - rule: The rate from the number of the step, counted from 1; both are Float64 scalars.
  public init(_ name: String = "schedule", _ rule: @escaping @Sendable (_ step: Tensor) -> Tensor) {
    self.rule = .function(Function(name, rule))
  }

  /// The rate of a step.
  ///
  /// - Parameter step: The number of the step, counted from 1, a Float64 scalar.
  /// - Returns: A Float64 scalar, which carries an error where the schedule's numbers make no sense.
  public func callAsFunction(_ step: Tensor) -> Tensor {
    if let fault { return Tensor(error: fault) }
    switch rule {
    case .function(let function): return function.function(step)
    case .numbers(let kind, let numbers): return ScheduleFormulas(step: step, numbers: numbers).rate(kind)
    case .joined(let pieces, let boundaries):
      let first = pieces.first.map { $0(step) } ?? Tensor(.nan, .float64)
      return zip(pieces.dropFirst(), boundaries).reduce(first) { rate, next in
        let begin = next.1.tensor
        return `where`(step .> begin, next.0(step - begin), rate)
      }
    case .product(let a, let b): return a(step) * b(step)
    case .warmedUp(let rate, let steps, let start):
      let first = rate(Tensor(1, .float64))
      let part = step / maximum(steps.tensor, 1)
      let rising = start.tensor + (first - start.tensor) * part
      // Without a warmup the first step is the schedule's first.
      let place = step - maximum(steps.tensor, 1) + 1.0
      return `where`(step .< steps.tensor, rising, rate(place))
    }
  }

  /// Refuses numbers that make no sense.
  ///
  /// - Throws: `TensorError` that says which.
  func validate() throws {
    if let fault { throw fault }
    switch rule {
    case .function, .numbers: break
    case .joined(let pieces, _): for piece in pieces { try piece.validate() }
    case .product(let a, let b):
      try a.validate()
      try b.validate()
    case .warmedUp(let rate, _, _): try rate.validate()
    }
  }

  /// What is wrong with the numbers of this rate, apart from those of its parts.
  private var fault: TensorError? {
    switch rule {
    case .function, .product: nil
    case .numbers(let kind, let numbers): kind.fault(numbers)
    case .joined(let pieces, let boundaries): Self.fault(pieces.count, boundaries)
    case .warmedUp(_, let steps, let start):
      steps.fault("learning rate", "warmup", in: .notNegative)
        ?? start.fault("learning rate", "start", in: .notNegative)
    }
  }

  private static func fault(_ count: Int, _ boundaries: [Hyperparameter]) -> TensorError? {
    guard count == boundaries.count + 1 else {
      return TensorError(
        "learning rate", "joins \(count) pieces at \(boundaries.count) places; it needs one place less than pieces")
    }
    // What is an argument of a plan was looked at before.
    let known = boundaries.compactMap(\.literal)
    guard known.count == boundaries.count else { return nil }
    let isOrdered = zip(known, known.dropFirst()).allSatisfy { $0 < $1 } && (known.first ?? 1) > 0
    let places = known.map { Int(exactly: $0).map { "\($0)" } ?? "\($0)" }.joined(separator: ", ")
    return isOrdered
      ? nil : TensorError("learning rate", "joins pieces at \(places); each has to be later than the last")
  }
}

extension LearningRate: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant rate.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A constant rate.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

extension LearningRate: CustomStringConvertible {
  /// The rate, or the schedule with its numbers, such as `cosine(floor: 0.0, initial: 0.1, total: 100.0)`.
  public var description: String {
    switch rule {
    case .function(let function): return function.name
    case .numbers(.constant, let numbers): return numbers["rate"].map { "\($0)" } ?? ""
    case .numbers(let kind, let numbers):
      let fields = numbers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      return "\(kind.rawValue)(\(fields.joined(separator: ", ")))"
    case .joined(let pieces, let boundaries): return "joined(\(pieces), at: \(boundaries))"
    case .product(let a, let b): return "\(a).multiplied(by: \(b))"
    case .warmedUp(let rate, let steps, let start): return "\(rate).warmedUp(over: \(steps), from: \(start))"
    }
  }
}

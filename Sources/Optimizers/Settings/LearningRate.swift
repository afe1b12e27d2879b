import DescentTensors

/// The learning rate, as a function of the step's number.
///
/// A plain number is a constant rate: `Adam(learningRate: 1e-3)`. A rate is a value: it can be compared, printed and
/// coded, a schedule of one's own by its name.
public struct LearningRate: Sendable, Hashable {
  /// The form of a schedule.
  enum Kind: String, Sendable, Hashable, Codable {
    case constant, cosine, warmupCosine, step, exponential, oneCycle

    /// The names of its numbers.
    var numbers: Set<String> {
      switch self {
      case .constant: ["rate"]
      case .cosine: ["initial", "total", "floor"]
      case .warmupCosine: ["peak", "warmup", "total", "floor"]
      case .step: ["initial", "every", "factor"]
      case .exponential: ["initial", "factor"]
      case .oneCycle: ["peak", "total", "rising"]
      }
    }
  }

  private enum Rule: Sendable, Hashable {
    case numbers(Kind, [String: Hyperparameter])
    case function(Function)
  }

  private typealias Function = NamedFunction<@Sendable (Tensor) -> Tensor>

  private let rule: Rule

  private init(_ kind: Kind, _ numbers: [String: Hyperparameter]) { rule = .numbers(kind, numbers) }

  /// A schedule of one's own.
  ///
  /// - Parameters:
  ///   - name: What it is called in descriptions and in files, from which a rule that is Swift code cannot be read.
  ///   - rule: The rate from the number of the step, counted from 1; both are Float64 scalars.
  public init(_ name: String = "schedule", _ rule: @escaping @Sendable (_ step: Tensor) -> Tensor) {
    self.rule = .function(Function(name, rule))
  }

  /// The same rate at every step.
  public static func constant(_ rate: Double) -> LearningRate { .constant(Hyperparameter(rate)) }

  /// The same rate at every step, which may be a tensor, such as one of several that `vectorized` maps over.
  public static func constant(_ rate: Hyperparameter) -> LearningRate { LearningRate(.constant, ["rate": rate]) }

  /// From `initial` at the first step to `floor` at step `total` along half a cosine, and `floor` after it.
  ///
  /// Source: Loshchilov and Hutter, "SGDR", 2016, without restarts.
  public static func cosine(initial: Double, total: Int, floor: Double = 0) -> LearningRate {
    schedule(.cosine, ["initial": initial, "total": Double(total), "floor": floor])
  }

  /// Up to `peak` in equal parts over the first `warmup` steps, then along half a cosine to `floor` at step `total`, and
  /// `floor` after it.
  public static func warmupCosine(peak: Double, warmup: Int, total: Int, floor: Double = 0) -> LearningRate {
    schedule(.warmupCosine, ["peak": peak, "warmup": Double(warmup), "total": Double(total), "floor": floor])
  }

  /// `initial`, multiplied by `factor` after every `count` steps.
  public static func step(initial: Double, every count: Int, factor: Double = 0.1) -> LearningRate {
    schedule(.step, ["initial": initial, "every": Double(count), "factor": factor])
  }

  /// `initial`, multiplied by `factor` after every step.
  public static func exponential(initial: Double, factor: Double) -> LearningRate {
    schedule(.exponential, ["initial": initial, "factor": factor])
  }

  /// Up from `peak / 25` to `peak` over the first part of the steps, down to `peak / 250,000` over the rest, each along
  /// half a cosine.
  ///
  /// Source: Smith and Topin, "Super-Convergence", 2017, with the numbers that PyTorch's `OneCycleLR` made customary.
  public static func oneCycle(peak: Double, total: Int, rising: Double = 0.3) -> LearningRate {
    schedule(.oneCycle, ["peak": peak, "total": Double(total), "rising": rising])
  }

  private static func schedule(_ kind: Kind, _ numbers: [String: Double]) -> LearningRate {
    LearningRate(kind, numbers.mapValues { Hyperparameter($0) })
  }

  /// The rate of a step.
  ///
  /// - Parameter step: The number of the step, counted from 1, a Float64 scalar.
  /// - Returns: A Float64 scalar, which carries an error where the schedule's numbers make no sense.
  public func callAsFunction(_ step: Tensor) -> Tensor {
    switch rule {
    case .function(let function): return function.function(step)
    case .numbers(let kind, let numbers):
      if let fault = Self.fault(kind, numbers) { return Tensor(error: fault) }
      return Schedule(step: step, numbers: numbers).rate(kind)
    }
  }

  /// Refuses numbers that make no sense.
  ///
  /// - Throws: `TensorError` that says which.
  func validate() throws {
    if case .numbers(let kind, let numbers) = rule, let fault = Self.fault(kind, numbers) { throw fault }
  }

  private static func fault(_ kind: Kind, _ numbers: [String: Hyperparameter]) -> TensorError? {
    // What is an argument of a plan was looked at before.
    let known = numbers.compactMapValues(\.literal)
    guard known.count == numbers.count else { return nil }
    func number(_ name: String) -> Double { known[name] ?? .nan }
    func whole(_ name: String) -> String { Int(exactly: number(name)).map { "\($0)" } ?? "\(number(name))" }
    for name in ["rate", "initial", "peak", "floor", "factor"] {
      guard let value = known[name], !(value.isFinite && value >= 0) else { continue }
      let found = name == "rate" ? "is \(value)" : "has \(name) \(value)"
      return TensorError("learning rate", "\(found); it must be a number that is not negative")
    }
    let message: String? =
      switch kind {
      case .constant, .exponential: nil
      case .cosine: number("total") >= 1 ? nil : "falls over \(whole("total")) steps; it needs at least 1"
      case .warmupCosine:
        number("warmup") >= 0 && number("total") >= number("warmup")
          ? nil : "warms up for \(whole("warmup")) of \(whole("total")) steps"
      case .step: number("every") >= 1 ? nil : "falls every \(whole("every")) steps; it needs at least 1"
      case .oneCycle:
        number("total") >= 2 && number("rising") > 0 && number("rising") < 1
          ? nil : "rises for the part \(number("rising")) of \(whole("total")) steps"
      }
    return message.map { TensorError("learning rate", $0) }
  }
}

/// The formulas of the schedules, in Float64.
private struct Schedule {
  let step: Tensor
  let numbers: [String: Hyperparameter]

  func rate(_ kind: LearningRate.Kind) -> Tensor {
    switch kind {
    case .constant: return number("rate")
    case .cosine:
      let part = ratio(step - 1.0, number("total") - 1.0)
      return annealed(from: number("initial"), to: number("floor"), part)
    case .warmupCosine:
      let (peak, warmup) = (number("peak"), number("warmup"))
      // Without a warmup the first step has the peak.
      let top = maximum(warmup, Self.number(1))
      let falling = annealed(from: peak, to: number("floor"), ratio(step - top, number("total") - top))
      return `where`(step .< warmup, step * (peak / top), falling)
    case .step:
      return number("initial") * pow(number("factor"), floor((step - 1.0) / number("every")))
    case .exponential: return number("initial") * pow(number("factor"), step - 1.0)
    case .oneCycle:
      let (peak, total) = (number("peak"), number("total"))
      let top = number("rising") * total - 1.0
      let place = step - 1.0
      let up = annealed(from: peak / 25, to: peak, ratio(place, top))
      let down = annealed(from: peak, to: peak / 250_000, ratio(place - top, total - 1.0 - top))
      return `where`(place .< top, up, down)
    }
  }

  private func number(_ name: String) -> Tensor { numbers[name]?.tensor ?? Self.number(.nan) }
  private static func number(_ value: Double) -> Tensor { Tensor(repeating: value, shape: [], .float64) }

  /// Half a cosine from one rate to another.
  private func annealed(from start: Tensor, to end: Tensor, _ part: Tensor) -> Tensor {
    end + (start - end) / 2 * (1.0 + cos(Self.number(.pi) * part))
  }

  /// A ratio held within 0...1; over nothing it is 0 up to the part 0, and 1 after it.
  private func ratio(_ part: Tensor, _ whole: Tensor) -> Tensor {
    let zero = Self.number(0)
    let jump = `where`(part .> zero, Self.number(1), zero)
    let divisor = `where`(whole .> zero, whole, Self.number(1))
    return `where`(whole .> zero, minimum(maximum(part / divisor, zero), Self.number(1)), jump)
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
    }
  }
}

extension LearningRate: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
    static let schedule = Key("schedule")
  }

  /// Reads a rate that was written as a number or as a schedule.
  ///
  /// - Throws: `DecodingError` where it is a schedule in Swift code, of which files have the name alone.
  public init(from decoder: any Decoder) throws {
    guard let container = try? decoder.container(keyedBy: Key.self) else {
      self = .constant(try decoder.singleValueContainer().decode(Hyperparameter.self))
      return
    }
    if let function = try? container.decode(OpaqueBox<Function>.self, forKey: .schedule) {
      rule = .function(function.value)
      return
    }
    let name = try container.decode(String.self, forKey: .schedule)
    guard let kind = Kind(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .schedule, in: container,
        debugDescription: "the learning rate '\(name)' is a function in Swift, which cannot be read from a file")
    }
    var numbers: [String: Hyperparameter] = [:]
    for key in container.allKeys where key.stringValue != Key.schedule.stringValue {
      numbers[key.stringValue] = try container.decode(Hyperparameter.self, forKey: key)
    }
    guard Set(numbers.keys) == kind.numbers else {
      throw DecodingError.dataCorruptedError(
        forKey: .schedule, in: container,
        debugDescription: "the learning rate '\(name)' has \(kind.numbers.sorted().joined(separator: ", ")), found"
          + " \(numbers.keys.sorted().joined(separator: ", "))")
    }
    rule = .numbers(kind, numbers)
  }

  /// Writes a constant rate as a number, and a schedule as its name with its numbers.
  public func encode(to encoder: any Encoder) throws {
    switch rule {
    case .numbers(.constant, let numbers):
      var container = encoder.singleValueContainer()
      try container.encode(numbers["rate"] ?? Hyperparameter(.nan))
    case .numbers(let kind, let numbers):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(kind.rawValue, forKey: .schedule)
      for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { try container.encode(number, forKey: Key(name)) }
    case .function(let function):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(OpaqueBox(value: function, name: function.name), forKey: .schedule)
    }
  }
}

import DescentTensors

/// The form of a schedule.
enum ScheduleKind: String, Sendable, Hashable, Codable {
  case constant, linear, polynomial, cosine, cosineRestarts, warmupCosine, step, exponential, inverseTime
  case inverseSquareRoot, cyclic, oneCycle, linearOneCycle

  /// The names of its numbers.
  var numbers: Set<String> {
    switch self {
    case .constant: ["rate"]
    case .linear: ["initial", "final", "total"]
    case .polynomial: ["initial", "total", "power", "floor"]
    case .cosine: ["initial", "total", "floor"]
    case .cosineRestarts: ["initial", "period", "growth", "factor", "floor"]
    case .warmupCosine: ["peak", "warmup", "total", "floor"]
    case .step: ["initial", "every", "factor"]
    case .exponential: ["initial", "factor", "every", "floor"]
    case .inverseTime: ["initial", "decay"]
    case .inverseSquareRoot: ["peak", "warmup"]
    case .cyclic: ["lowest", "highest", "rising", "falling", "cycleFactor", "stepFactor"]
    case .oneCycle, .linearOneCycle: ["peak", "total", "rising"]
    }
  }

  /// What is wrong with its numbers, as far as they are known.
  func fault(_ numbers: [String: Hyperparameter]) -> TensorError? {
    // What is an argument of a plan was looked at before.
    let known = numbers.compactMapValues(\.literal)
    guard known.count == numbers.count else { return nil }
    func number(_ name: String) -> Double { known[name] ?? .nan }
    func whole(_ name: String) -> String { Int(exactly: number(name)).map { "\($0)" } ?? "\(number(name))" }
    for (name, value) in known.sorted(by: { $0.key < $1.key }) where !(value.isFinite && value >= 0) {
      // The numbers of steps have messages of their own.
      if ["total", "warmup", "every", "period"].contains(name) { continue }
      let found = name == "rate" ? "is \(value)" : "has \(name) \(value)"
      return TensorError("learning rate", "\(found); it must be a number that is not negative")
    }
    let message: String? =
      switch self {
      case .constant, .inverseTime: nil
      case .linear, .polynomial, .cosine:
        number("total") >= 1 ? nil : "goes over \(whole("total")) steps; it needs at least 1"
      case .cosineRestarts:
        number("period") >= 1 && number("growth") >= 1
          ? nil
          : "restarts after \(whole("period")) steps, \(number("growth")) times as many each time; both are at least 1"
      case .warmupCosine:
        number("warmup") >= 0 && number("total") >= number("warmup")
          ? nil : "warms up for \(whole("warmup")) of \(whole("total")) steps"
      case .step, .exponential:
        number("every") >= 1 ? nil : "falls every \(whole("every")) steps; it needs at least 1"
      case .inverseSquareRoot:
        number("warmup") >= 1 ? nil : "warms up for \(whole("warmup")) steps; it needs at least 1"
      case .cyclic:
        number("rising") >= 1 && number("falling") >= 1
          ? nil : "rises for \(whole("rising")) steps and falls for \(whole("falling")); both are at least 1"
      case .oneCycle, .linearOneCycle:
        number("total") >= 2 && number("rising") > 0 && number("rising") < 1
          ? nil : "rises for the part \(number("rising")) of \(whole("total")) steps"
      }
    return message.map { TensorError("learning rate", $0) }
  }
}

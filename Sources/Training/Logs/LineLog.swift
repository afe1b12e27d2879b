extension Callback {
  /// Writes each epoch, and steps where they are asked for, as a line of JSON: `{"step": 469, "epoch": 1, "training":
  /// {"loss": …}, "validation": {…}, "seconds": …}`. What callbacks such as `learningRate` recorded last is under
  /// `recorded`. Numbers that are not finite are the texts `"nan"`, `"inf"` and `"-inf"`.
  ///
  /// A run that goes on from a checkpoint takes back the lines after it, and writes on. A new one moves what it finds to
  /// `name.earlier-1`.
  ///
  /// - Parameters:
  ///   - path: The file; directories above it are made.
  ///   - count: Every how many steps one is written, too, as `{"step": …, "numbers": {"loss": …}}`; `nil` for none.
  public static func jsonLines(_ path: String, everySteps count: Int? = nil) -> Callback {
    Callback(LineLog(path, everySteps: count))
  }
}

struct LineLog: TrainingCallback {
  typealias State = StatelessCallback

  private let file: LogFile
  private let count: Int?

  init(_ path: String, everySteps count: Int?) {
    file = LogFile(path, mark: "{\"step\": ", epochMark: ", \"epoch\": ")
    self.count = count
  }

  var name: String { "json \(file.path)" }

  func begin(_ training: TrainingContext, state: inout State) throws {
    _ = try file.begin(after: training.progress.stepCount, epochs: training.progress.epoch, hasHeader: false)
  }

  func write(
    _ records: [TrainingRecord], of event: Callback.Event, _ training: TrainingContext, state: inout State
  ) throws {
    switch event {
    case .step(let progress):
      guard let count, (progress.stepCount - 1) % max(1, count) == 0 else { return }
      try write(training, [("numbers", JSONText.object(training.numbers))])
    case .epoch(let epoch, _):
      try write(
        training,
        [
          ("epoch", "\(epoch.number)"), ("examples", "\(epoch.examples)"), ("seconds", JSONText.number(epoch.seconds)),
          ("training", JSONText.object(epoch.training)), ("validation", JSONText.object(epoch.validation)),
        ])
    }
  }

  private func write(_ training: TrainingContext, _ fields: [(String, String)]) throws {
    var all = [("step", "\(training.progress.stepCount)")] + fields
    if !training.recordedNumbers.isEmpty { all.append(("recorded", JSONText.object(training.recordedNumbers))) }
    try file.append("{" + all.map { "\(JSONText.string($0.0)): \($0.1)" }.joined(separator: ", ") + "}")
  }
}

/// Values as JSON, in the order in which they are given.
enum JSONText {
  static func object(_ means: Means) -> String {
    "{" + means.map { "\(string($0.name)): \(number($0.value))" }.joined(separator: ", ") + "}"
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "\"nan\"" }
    return value.isInfinite ? (value > 0 ? "\"inf\"" : "\"-inf\"") : "\(value)"
  }

  static func string(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }
}

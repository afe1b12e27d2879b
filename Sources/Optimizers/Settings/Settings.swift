import DescentTensors

/// Refuses the first setting that lies outside its range.
func check(_ optimizer: String, _ settings: [(name: String, value: Hyperparameter, range: Range<Double>)]) throws {
  for (name, value, range) in settings {
    if let fault = value.fault(optimizer, name, in: range) { throw fault }
  }
}

extension Range<Double> {
  /// All numbers that are not negative.
  static let notNegative: Range<Double> = 0..<Double.infinity
}

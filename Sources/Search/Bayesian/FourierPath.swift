import Foundation

/// A function drawn from a Gaussian process that has seen nothing, as a sum of waves.
///
/// Source: Rahimi and Recht, "Random features for large-scale kernel machines", 2007.
struct FourierPath: Sendable {
  /// Row by row, a row for each wave.
  private let frequencies: [Double]
  private let phases: [Double]
  private let weights: [Double]
  private let width: Int

  /// - Parameters:
  ///   - kernel: How alike values are.
  ///   - logarithms: The logarithms of length scales, signal's and noise's variance.
  ///   - waves: How many waves.
  init(_ kernel: GaussianProcess.Kernel, _ logarithms: [Double], waves: Int = 256, _ random: inout TrialRandom) {
    width = logarithms.count - 2
    let scales = logarithms.prefix(width).map { exp($0) }
    let amplitude = (2 * exp(logarithms[width]) / Double(waves)).squareRoot()
    var (frequencies, phases, weights): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<waves {
      var spread = 1.0
      if kernel == .matern52 {
        // The spectrum of Matérn's kernel is Student's distribution with 2ν = 5 degrees of freedom.
        var squares = 0.0
        for _ in 0..<5 {
          let number = random.normal()
          squares += number * number
        }
        spread = (5 / max(squares, 1e-12)).squareRoot()
      }
      for scale in scales { frequencies.append(random.normal() * spread / scale) }
      phases.append(random.unit() * 2 * .pi)
      weights.append(random.normal() * amplitude)
    }
    (self.frequencies, self.phases, self.weights) = (frequencies, phases, weights)
  }

  /// The value at a place, with its gradient.
  func value(at place: ArraySlice<Double>) -> (value: Double, gradient: [Double]) {
    var value = 0.0
    var gradient = [Double](repeating: 0, count: width)
    for wave in phases.indices {
      var angle = phases[wave]
      for (direction, coordinate) in place.enumerated() { angle += frequencies[wave * width + direction] * coordinate }
      value += weights[wave] * cos(angle)
      let slope = -weights[wave] * sin(angle)
      for direction in 0..<width { gradient[direction] += slope * frequencies[wave * width + direction] }
    }
    return (value, gradient)
  }
}

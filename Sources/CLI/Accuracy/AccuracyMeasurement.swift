import Descent
import DescentGraph
import Foundation

/// The largest error of a function over many inputs.
struct AccuracyMeasurement {
  /// In units in the last place of the true value; infinite where one of the two is NaN and the other is not.
  private(set) var error = 0.0
  /// Where it occurs.
  private(set) var input: Float = 0

  private static let chunk = 1 << 18
  private static let part = 1 << 14

  /// Tries every `step`-th bit pattern.
  ///
  /// - Throws: `TensorError` where the system has no memory left.
  init(of function: AccuracyFunction, step: UInt32) throws {
    let count = (1 << 32 + Int(step) - 1) / Int(step)
    var first = 0
    while first < count {
      let inputs = (first..<min(count, first + Self.chunk)).map { Float(bitPattern: UInt32($0 * Int(step))) }
      let results = try function.function(Tensor(floats: inputs, shape: [inputs.count])).floats()
      merge(Self.worst(inputs, results, function))
      first += Self.chunk
    }
  }

  private init() {}

  private mutating func merge(_ other: AccuracyMeasurement) {
    if other.error > error { self = other }
  }

  private static func worst(
    _ inputs: [Float], _ results: [Float], _ function: AccuracyFunction
  ) -> AccuracyMeasurement {
    let parts = (inputs.count + part - 1) / part
    let worst = Guarded(AccuracyMeasurement())
    DispatchQueue.concurrentPerform(iterations: parts) { number in
      var own = AccuracyMeasurement()
      for index in number * part..<min(inputs.count, (number + 1) * part) {
        if inputs[index] < function.lowest { continue }
        let error = unitsOff(results[index], function.reference(Double(inputs[index])))
        if error > own.error {
          own.error = error
          own.input = inputs[index]
        }
      }
      worst.withLock { $0.merge(own) }
    }
    return worst.withLock { $0 }
  }

  /// The distance of a Float32 from a true value in units in the last place of the latter.
  ///
  /// Infinity stands for the first number that is too large for Float32; zeros of both signs are the same.
  static func unitsOff(_ found: Float, _ wanted: Double) -> Double {
    if wanted.isNaN || found.isNaN { return wanted.isNaN && found.isNaN ? 0 : .infinity }
    let limit = 0x1p128
    let size = min(wanted.magnitude, Double(Float.greatestFiniteMagnitude))
    let exponent = max(Int(size.bitPattern >> 52) - 1023, -126)
    let unit = Double(bitPattern: UInt64(exponent - 23 + 1023) << 52)
    let distance = max(-limit, min(limit, Double(found))) - max(-limit, min(limit, wanted))
    return distance.magnitude / unit
  }
}

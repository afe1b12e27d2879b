import DescentTensors

/// Three sets of pictures, none of which shares a picture with another.
public struct DigitSplits: Sendable, Hashable {
  /// The pictures to train on.
  public let training: DigitImages

  /// The pictures to calibrate thresholds on.
  public let calibration: DigitImages

  /// The pictures to test on.
  public let test: DigitImages

  /// Three sets, which must not have pictures in common.
  public init(training: DigitImages, calibration: DigitImages, test: DigitImages) {
    self.training = training
    self.calibration = calibration
    self.test = test
  }
}

/// Three sets of indices, drawn without replacement from one range.
public struct IndexSplit: Sendable, Hashable {
  /// The indices to train on, in random order.
  public let training: [Int]

  /// The indices to calibrate thresholds on, in random order.
  public let calibration: [Int]

  /// The indices to test on, in random order.
  public let test: [Int]

  /// Splits `0..<count` at random; the same arguments give the same sets on every machine.
  ///
  /// - Parameters:
  ///   - count: The number of indices.
  ///   - training: The share of the training set, 0…1.
  ///   - calibration: The share of the calibration set.
  ///   - test: The share of the test set. Where the shares sum to less than 1, the rest is left out.
  ///   - seed: The seed of the random order.
  /// - Throws: `TensorError` where a share is negative or NaN, or the shares sum to more than 1.
  /// - Complexity: O(*n*).
  public init(count: Int, training: Double, calibration: Double, test: Double, seed: UInt64) throws {
    let shares = [training, calibration, test]
    guard count >= 0, shares.allSatisfy({ $0 >= 0 }), shares.reduce(0, +) <= 1 + 1e-9 else {
      throw TensorError(
        "split",
        "\(count) indices: the shares \(training), \(calibration), \(test) must each be 0 or more and sum to at most 1")
    }
    // Rounded sums, not rounded shares: so the sets of shares that sum to 1 use every index.
    let trainingEnd = min(count, Int((Double(count) * training).rounded()))
    let calibrationEnd = min(count, max(trainingEnd, Int((Double(count) * (training + calibration)).rounded())))
    let testEnd = min(count, max(calibrationEnd, Int((Double(count) * shares.reduce(0, +)).rounded())))
    let order = shuffledIndices(count: count, seed: seed)
    self.training = Array(order[..<trainingEnd])
    self.calibration = Array(order[trainingEnd..<calibrationEnd])
    self.test = Array(order[calibrationEnd..<testEnd])
  }
}

extension DigitImages {
  /// Splits the pictures into three sets at random; the same arguments give the same sets on every machine.
  ///
  /// - Parameters:
  ///   - training: The share of the training set, 0…1.
  ///   - calibration: The share of the calibration set.
  ///   - test: The share of the test set. Where the shares sum to less than 1, the rest is left out.
  ///   - seed: The seed of the random order.
  /// - Throws: `TensorError` where a share is negative or NaN, or the shares sum to more than 1.
  /// - Complexity: O(count · height · width).
  public func split(training: Double, calibration: Double, test: Double, seed: UInt64) throws -> DigitSplits {
    let indices = try IndexSplit(
      count: count, training: training, calibration: calibration, test: test, seed: seed)
    return DigitSplits(
      training: try selecting(indices.training), calibration: try selecting(indices.calibration),
      test: try selecting(indices.test))
  }
}

/// The indices `0..<count` in a random order.
///
/// Not the standard library's shuffle: how that one spends its random numbers may change with its version.
package func shuffledIndices(count: Int, seed: UInt64) -> [Int] {
  var generator = SplitMix64(state: seed)
  var order = Array(0..<count)
  for last in stride(from: count - 1, to: 0, by: -1) {
    // The high half of the product is uniform up to a bias of count / 2⁶⁴.
    order.swapAt(last, Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high))
  }
  return order
}

import DescentTensors

/// Between which numbers parameters stay.
public struct Bounds: Sendable, Hashable {
  /// The least values: one for each number of the point, in the order of its tensors, or one for all.
  public var lower: [Double]
  /// The largest values, likewise.
  public var upper: [Double]

  /// Creates bounds.
  ///
  /// - Parameters:
  ///   - lower: The least values: one for each number of the point, in the order of its tensors, or one for all; −∞ for
  ///     none.
  ///   - upper: The largest values, likewise; ∞ for none.
  public init(lower: [Double] = [-.infinity], upper: [Double] = [.infinity]) {
    (self.lower, self.upper) = (lower, upper)
  }

  /// The same bounds for all numbers.
  public init(_ range: ClosedRange<Double>) { self.init(lower: [range.lowerBound], upper: [range.upperBound]) }

  /// The bounds of so many numbers.
  ///
  /// - Throws: `TensorError` where there are others, or a lower one lies above its upper one.
  func box(_ count: Int, names: [String], of function: String) throws -> Box {
    func spread(_ values: [Double], _ word: String) throws -> [Double] {
      if values.count == 1 { return [Double](repeating: values[0], count: count) }
      guard values.count == count else {
        throw TensorError(
          function, "\(values.count) \(word) bounds of \(count) numbers; each needs one, or all of them one")
      }
      return values
    }
    let box = Box(lower: try spread(lower, "lower"), upper: try spread(upper, "upper"))
    if let odd = (0..<count).first(where: { !(box.lower[$0] <= box.upper[$0]) }) {
      throw TensorError(
        function,
        "\(odd < names.count ? names[odd] : "number \(odd)") lies within \(box.lower[odd]) and \(box.upper[odd]), which"
          + " contradict each other")
    }
    return box
  }
}

import DescentGraph
import DescentTensors

/// Sequences of a batch, which may differ in length: what recurrent layers walk along.
///
/// ```swift
/// let (outputs, last) = lstm(Sequences(words, lengths: Tensor(integers: [7, 3, 5])))
/// ```
///
/// Where a sequence has no step, a recurrent layer's state stands still and its output is 0; from the last step
/// backward, each sequence begins at its own end. What fills those places up does not matter.
public struct Sequences: Codable, Sendable {
  /// The steps `[batch, time, features…]`.
  public var values: Tensor
  /// Whether a sequence has a step at a time, booleans `[batch, time]`, or `nil` where all have one everywhere.
  public var mask: Tensor?

  /// Sequences whose steps lie at the beginning of each row.
  ///
  /// - Parameters:
  ///   - values: The steps `[batch, time, features…]`.
  ///   - lengths: The number of steps of each sequence, integers `[batch]` in `0...time`; of all steps where there are none.
  ///     A number outside is an error that names it, wherever the numbers are known or given to a compiled function.
  public init(_ values: Tensor, lengths: Tensor? = nil) {
    self.values = values
    mask = lengths.map { Self.mask(values, $0) }
  }

  /// Sequences whose steps lie where a mask says, with gaps or without.
  ///
  /// - Parameters:
  ///   - values: The steps `[batch, time, features…]`.
  ///   - mask: Whether a sequence has a step at a time, booleans `[batch, time]`.
  public init(_ values: Tensor, mask: Tensor) {
    self.values = values
    self.mask = mask
  }

  private static func mask(_ values: Tensor, _ lengths: Tensor) -> Tensor {
    if let failed = [values, lengths].first(where: { $0.error != nil }) { return failed }
    func refuse(_ message: String) -> Tensor { Tensor(error: TensorError("Sequences", message)) }
    guard values.rank >= 2 else { return refuse("takes values [batch, time, features…], found \(values.shape)") }
    guard lengths.elementType.isInteger, lengths.shape == [values.shape[0]] else {
      return refuse(
        "values \(values.shape) take integer lengths [\(values.shape[0])], found \(lengths.elementType)\(lengths.shape)"
      )
    }
    let time = values.shape[1]
    if let error = ExpectedLabels.refusal(
      of: lengths, below: time + 1, in: "Sequences", naming: "the length", range: "the lengths that \(time) steps hold")
    {
      return Tensor(error: error)
    }
    return Tensor(rangeTo: time, .int64).expanded(axis: 0) .< lengths.converted(to: .int64).expanded(axis: 1)
  }

  /// The steps, and 0 where there is none: what fills these places up may be NaN, and 0 times NaN in a gradient is NaN.
  var filled: Tensor {
    guard let mask else { return values }
    let isStep = mask.reshaped(Shape(mask.shape.sizes + [Int](repeating: 1, count: values.rank - 2)))
    return `where`(isStep, values, number(0, values.elementType))
  }

  /// What is wrong with the sequences, `nil` where a layer can walk along them.
  func fault(_ site: LayerSite) -> TensorError? {
    if let error = values.error ?? mask?.error { return error }
    guard values.rank >= 3 else {
      return TensorError(site.title, "takes sequences [batch, time, features], found \(values.shape)")
    }
    if let error = site.refusal(of: values)?.error { return error }
    guard let mask else { return nil }
    guard mask.elementType == .bool, mask.shape == [values.shape[0], values.shape[1]] else {
      return TensorError(
        site.title,
        "sequences \(values.shape) take a mask of booleans [\(values.shape[0]), \(values.shape[1])], found"
          + " \(mask.elementType)\(mask.shape)")
    }
    return nil
  }
}

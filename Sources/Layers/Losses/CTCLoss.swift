import DescentGraph
import DescentTensors

/// The loss of connectionist temporal classification: −log of the probability that the time steps spell the labels, the
/// mean over the batch.
///
/// Each time step names a symbol or the blank; runs of one symbol count once, and blanks are left out. The probability
/// is summed over all ways to spell the labels, forward in time, in logarithms. A batch's graph grows with the number of
/// time steps. Source: Graves et al., "Connectionist Temporal Classification", 2006.
///
/// - Parameters:
///   - logits: `[batch, time, symbols]`.
///   - labels: Symbols `[batch, length]` as integers, with −1 after the last one of a row. Any other number that is not
///     a symbol, and the blank's, make the loss NaN.
///   - blank: The symbol that stands for nothing.
/// - Returns: A scalar, in Float32 where the logits have 16 bits. Labels that need more time steps than there are (one
///   for each, and one between equal neighbors) have a loss of about 10³⁰.
public func ctcLoss(_ logits: Tensor, _ labels: Tensor, blank: Int = 0) -> Tensor {
  if logits.error != nil { return logits }
  if labels.error != nil { return labels }
  let site = LayerSite("ctcLoss")
  if let refusal = site.refusal(of: logits) { return refusal }
  guard logits.rank == 3, logits.shape[1] > 0, logits.shape[2] > 0 else {
    return site.failure("takes logits [batch, time, symbols], found \(logits.shape)")
  }
  guard labels.rank == 2, labels.shape[0] == logits.shape[0], labels.elementType.isInteger else {
    return site.failure(
      "logits \(logits.shape) take integer labels [\(logits.shape[0]), length], found \(labels.elementType)\(labels.shape)"
    )
  }
  guard (0..<logits.shape[2]).contains(blank) else {
    return site.failure("the blank \(blank) is none of \(logits.shape[2]) symbols")
  }
  let wide = logits.converted(to: logits.elementType.accumulator)
  let lattice = CTCLattice(labels: labels, symbols: logits.shape[2], blank: blank, wide.elementType)
  let losses = lattice.losses(logSoftmax(wide))
  return `where`(lattice.isValid, losses, number(.nan, wide.elementType)).mean()
}

/// The states that the ways to spell some labels pass through: a blank, the first label, a blank, … the last label, a
/// blank, with one row for each example.
private struct CTCLattice {
  /// Stands for the logarithm of 0: its derivative is 0, where that of an infinity would be NaN.
  private static let impossible = -1e30

  /// Each state's symbol as a one-hot vector `[batch, states, symbols]`.
  private let symbols: Tensor
  /// 0 where a state can be entered from two states before, `impossible` elsewhere `[batch, states]`.
  private let skipping: Tensor
  /// Whether a way may end in the state `[batch, states]`.
  private let isLast: Tensor
  /// Whether all labels of an example are symbols `[batch]`.
  let isValid: Tensor
  private let states: Int
  private let elementType: ElementType

  init(labels: Tensor, symbols count: Int, blank: Int, _ elementType: ElementType) {
    self.elementType = elementType
    let (batch, length) = (labels.shape[0], labels.shape[1])
    states = 2 * length + 1
    let labels = labels.converted(to: .int64)
    let isLabel = labels .!= number(-1, .int64)
    let isSymbol =
      (labels .>= number(0, .int64)) .& (labels .< number(Double(count), .int64))
      .& (labels .!= number(Double(blank), .int64))
    isValid = (isSymbol .| .!isLabel).all(axes: [1])
    // Blanks before, between and after the labels, as −2 for now: a number that differs from every label.
    let gap = Tensor(repeating: -2, shape: [batch, length, 1], .int64)
    let pairs = concatenated([gap, labels.expanded(axis: 2)], axis: 2).reshaped([batch, 2 * length])
    let path = concatenated([pairs, Tensor(repeating: -2, shape: [batch, 1], .int64)], axis: 1)
    let isGap = path .< number(0, .int64)
    symbols = `where`(isGap, number(Double(blank), .int64), path).converted(to: .int32).oneHot(
      count: count, elementType)
    // From one label straight to the next, unless they are equal: then only the blank between keeps them apart.
    let isFresh = .!isGap .& (path .!= path.padded(low: [0, 2], high: [0, -2], with: -2))
    skipping = `where`(isFresh, number(0, elementType), number(Self.impossible, elementType))
    let ends = isLabel.converted(to: .int32).sum(axes: [1], keepingAxes: true) * Tensor(integers: [2], shape: [])
    let places = Tensor(rangeTo: states).expanded(axis: 0)
    isLast = (places .== ends) .| (places .== ends - Tensor(integers: [1], shape: []))
  }

  /// −log of the probability of each example's labels `[batch]`, from log probabilities `[batch, time, symbols]`.
  func losses(_ logProbabilities: Tensor) -> Tensor {
    let (batch, time) = (logProbabilities.shape[0], logProbabilities.shape[1])
    // The probability of each state's symbol at each time, without an indexing operation: [batch, time, states].
    // A forbidden symbol's −∞ would be NaN times the zeros of the others' vectors.
    let finite = maximum(logProbabilities, number(Self.impossible, elementType))
    let emissions = matmul(finite, symbols.transposed([0, 2, 1]))
    func emission(_ step: Int) -> Tensor { emissions.sliced(step..<step + 1, axis: 1).reshaped([batch, states]) }
    // A way begins in the first blank or the first label.
    let isFirst = (Tensor(rangeTo: states) .< 2).expanded(axis: 0)
    let impossible = number(Self.impossible, elementType)
    var forward = `where`(isFirst, emission(0), impossible)
    for step in stride(from: 1, to: time, by: 1) {
      let arriving = logSum([forward, moved(forward, by: 1), moved(forward, by: 2) + skipping])
      forward = arriving + emission(step)
    }
    return -logSumExp(`where`(isLast, forward, impossible))
  }

  /// Each state's number at the state that lies so many places further on.
  private func moved(_ values: Tensor, by places: Int) -> Tensor {
    values.padded(low: [0, places], high: [0, -places], with: Self.impossible)
  }

  /// log(eᵃ + eᵇ + …) of each element.
  private func logSum(_ terms: [Tensor]) -> Tensor {
    let largest = stopGradient(terms.dropFirst().reduce(terms[0]) { maximum($0, $1) })
    let powers = terms.map { exp($0 - largest) }
    return log(powers.dropFirst().reduce(powers[0]) { $0 + $1 }) + largest
  }
}

import DescentGraph
import DescentTensors

/// The loss of connectionist temporal classification with the blank 0; see `ctcLoss(_:_:blank:inputLengths:weights:reduction:)`.
///
/// - Parameters:
///   - logits: `[batch, time, symbols]`.
///   - labels: Symbols `[batch, length]` as integers, with −1 after the last one of a row.
/// - Returns: A scalar, the mean over the batch, in Float32 where the logits have 16 bits.
public func ctcLoss(_ logits: Tensor, _ labels: Tensor) -> Tensor { ctcLoss(logits, labels, reduction: .mean) }

/// The loss of connectionist temporal classification: −log of the probability that the time steps spell the labels.
///
/// Each time step names a symbol or the blank; runs of one symbol count once, and blanks are left out. The probability
/// is summed over all ways to spell the labels, forward in time, in logarithms. Source: Graves et al., "Connectionist
/// Temporal Classification", 2006.
///
/// - Parameters:
///   - logits: `[batch, time, symbols]`.
///   - labels: Symbols `[batch, length]` as integers, with −1 after the last one of a row. Any other number that is not
///     a symbol, the blank's, and −1 before a symbol make the loss NaN.
///   - blank: The symbol that stands for nothing.
///   - inputLengths: How many time steps of each example count `[batch]`, as integers in `0...time`; all where none are
///     given. A number outside is an error that names it wherever it is known, and makes the loss NaN elsewhere.
///   - weights: What each example counts `[batch]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of examples `[batch]`. Their mean is over the batch, not over symbols.
/// - Returns: A scalar, or `[batch]`; in Float32 where the logits have 16 bits. Labels that need more time steps than there
///   are (one for each, and one between equal neighbors) have a loss of about 10³⁰.
public func ctcLoss(
  _ logits: Tensor, _ labels: Tensor, blank: Int = 0, inputLengths: Tensor? = nil, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.ctcLoss(logits, labels, blank, inputLengths, weights).reduced(reduction)
}

extension LossTerms {
  static func ctcLoss(
    _ logits: Tensor, _ labels: Tensor, _ blank: Int, _ inputLengths: Tensor?, _ weights: Tensor?
  ) -> LossTerms {
    let name = "ctcLoss"
    return LossTerms(name) {
      if let error = logits.error ?? labels.error ?? inputLengths?.error { throw error }
      let wide = try wide(name, logits)
      guard logits.rank == 3, logits.shape[1] > 0, logits.shape[2] > 0 else {
        throw TensorError(name, "takes logits [batch, time, symbols], found \(logits.shape)")
      }
      let batch = logits.shape[0]
      guard labels.rank == 2, labels.shape[0] == batch, labels.elementType.isInteger else {
        throw TensorError(
          name,
          "logits \(logits.shape) take integer labels [\(batch), length], found \(labels.elementType)\(labels.shape)")
      }
      guard (0..<logits.shape[2]).contains(blank) else {
        throw TensorError(name, "the blank \(blank) is none of \(logits.shape[2]) symbols")
      }
      if let inputLengths, inputLengths.shape != [batch] || !inputLengths.elementType.isInteger {
        throw TensorError(
          name,
          "logits \(logits.shape) take integer input lengths [\(batch)], found"
            + " \(inputLengths.elementType)\(inputLengths.shape)")
      }
      let time = logits.shape[1]
      if let inputLengths,
        let error = ExpectedLabels.refusal(
          of: inputLengths, below: time + 1, in: name, naming: "the input length",
          range: "the lengths that \(time) time steps hold")
      {
        throw error
      }
      let lengths = inputLengths?.converted(to: .int64)
      let lattice = CTCLattice(labels: labels, symbols: logits.shape[2], blank: blank, wide.elementType)
      return try weighed(name, [wide], [batch], by: weights) { operands in
        Tensor(catching: {
          let losses = try lattice.losses(logSoftmax(operands[0]), lengths)
          let fits = lengths.map { ($0 .>= number(0, .int64)) .& ($0 .<= number(Double(time), .int64)) }
          let isValid = fits.map { lattice.isValid .& $0 } ?? lattice.isValid
          return `where`(isValid, losses, number(.nan, wide.elementType))
        })
      }
    }
  }
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
    // Before the first label nothing has ended; where −1 stands before a label, it is not the end.
    let before = concatenated([Tensor(zeros: [batch, 1], .int64), labels], axis: 1).sliced(0..<length, axis: 1)
    let isAfterEnd = isLabel .& (before .== number(-1, .int64))
    isValid = (isSymbol .| .!isLabel).all(axes: [1]) .& .!isAfterEnd.any(axes: [1])
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

  /// −log of the probability of each example's labels `[batch]`, from log probabilities `[batch, time, symbols]`, of
  /// which only so many time steps count.
  func losses(_ logProbabilities: Tensor, _ inputLengths: Tensor?) throws -> Tensor {
    let time = logProbabilities.shape[1]
    // The probability of each state's symbol at each time, without an indexing operation: [time, batch, states].
    // A forbidden symbol's −∞ would be NaN times the zeros of the others' vectors.
    let finite = maximum(logProbabilities, number(Self.impossible, elementType))
    let emissions = matmul(finite, symbols.transposed([0, 2, 1])).moved(1, to: 0)
    // A way begins in the first blank or the first label.
    let isFirst = (Tensor(rangeTo: states) .< 2).expanded(axis: 0)
    let impossible = number(Self.impossible, elementType)
    let first = `where`(isFirst, emissions[0], impossible)
    let lengths = inputLengths?.expanded(axis: -1)
    // Without a time step there is one way: no label.
    let isBlank = (Tensor(rangeTo: states) .< 1).expanded(axis: 0).broadcast(to: first.shape)
    let nothing = `where`(isBlank, number(0, elementType), impossible)
    let begin =
      lengths.map { `where`(($0 .> number(0, .int64)).broadcast(to: first.shape), first, nothing) } ?? first
    let steps = Tensor(rangeFrom: 1, to: Double(time), by: 1, .int64)
    let (forward, _) = try scan(over: [steps, emissions[1...]], from: begin) { forward, slices in
      let arriving = logSum([forward, moved(forward, by: 1), moved(forward, by: 2) + skipping])
      let next = arriving + slices[1]
      // Examples that have ended stay as they are.
      return (lengths.map { `where`((slices[0] .< $0).broadcast(to: next.shape), next, forward) } ?? next, [Tensor]())
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

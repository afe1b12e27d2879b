import DescentGraph
import DescentTensors

/// Whose gradients the Fisher information is estimated from.
///
/// A loss that reports what a model predicts, which are ``softmaxCrossEntropy(_:_:)``, ``sigmoidCrossEntropy(_:_:)`` and
/// ``meanSquaredError(_:_:)``, has a covariance of its derivatives for targets as predicted, and that is its second derivative: the Fisher
/// information is the Gauss–Newton matrix then. Of other losses the data's own targets are taken, whatever is chosen.
public enum FisherTargets: String, Codable, Hashable, Sendable, CaseIterable {
  /// Targets that are drawn from what the model predicts: one more back-propagation.
  case sampled
  /// All targets with their probabilities: as many back-propagations as a row has outputs.
  case exact
  /// The targets of the data, what is called the empirical Fisher information. Source: Kunstner, Balles and Hennig, "Limitations of the
  /// empirical Fisher approximation for natural gradient descent", 2019.
  case empirical
}

/// What a pass shows of the curvature of its loss: for each way in which its outputs may turn out otherwise, a column whose products with
/// themselves add up to the Gauss–Newton matrix.
struct CurvaturePass {
  /// A column.
  struct Column {
    /// Its part at the output of each use of a parameter.
    let outputs: [Tensor]
    /// Its part in each parameter.
    let gradients: [Tensor]
  }

  /// Columns of one loss, `[columns, outputs' shape…]`, and the propagation of one of them.
  private struct Part {
    let cotangents: Tensor
    let column: (Tensor) throws -> Column
  }

  /// Where layers use the parameters.
  let uses: [PassProbe.Use]
  private let parts: [Part]

  init(_ objective: Objective, at point: [Tensor], _ targets: FisherTargets, _ key: RandomKey) throws {
    guard let probed = objective.probed else {
      let gradient = try objective.gradient(at: point)
      uses = []
      parts = [Part(cotangents: Tensor(zeros: [1])) { _ in Column(outputs: [], gradients: gradient) }]
      return
    }
    let scout = PassProbe()
    _ = try probed(point, scout)
    let (uses, losses) = (scout.uses, scout.losses)
    let taps = PassTaps(scout)
    let places = uses.map(\.tap)
    self.uses = uses
    guard !losses.isEmpty else {
      // A loss of its own kind: the mean over the rows that layers see, as far as can be told.
      let all = try DescentTensors.gradient(at: taps.zeros(places) + point) { arguments in
        try probed(Array(arguments[places.count...]), taps.probe(places, arguments))
      }
      let rows = Double(uses.first.flatMap { taps.types[$0.tap].shape.first } ?? 1)
      let scaled = all.map { $0 * rows.squareRoot() }
      let column = Column(outputs: Array(scaled.prefix(places.count)), gradients: Array(scaled[places.count...]))
      parts = [Part(cotangents: Tensor(zeros: [1])) { _ in column }]
      return
    }
    let ends = losses.map(\.lossTap) + losses.map(\.outputTap)
    let slopes = try DescentTensors.gradient(at: taps.zeros(ends)) { arguments in
      try probed(point, taps.probe(ends, arguments))
    }
    let (_, back) = try pullback(at: taps.zeros(places) + point) { (arguments: [Tensor]) -> [Tensor] in
      let probe = taps.probe(places, arguments)
      _ = try probed(Array(arguments[places.count...]), probe)
      return probe.losses.map(\.outputs)
    }
    func column(_ cotangents: [Tensor]) throws -> Column {
      let all = try back(cotangents)
      return Column(outputs: Array(all.prefix(places.count)), gradients: Array(all[places.count...]))
    }
    let drawn = losses.enumerated().map { number, loss -> (cotangents: Tensor, isSeveral: Bool) in
      let (share, slope) = (slopes[number], slopes[losses.count + number])
      let isCounted = share .> 0
      let root = sqrt(`where`(isCounted, share, Tensor(zerosLike: share)))
      let wide = loss.outputs.rank > share.rank ? root.expanded(axis: -1) : root
      guard targets != .empirical, let residuals = loss.residuals else {
        let safe = `where`(wide .> 0, wide, Tensor(1, wide.elementType))
        return (slope / safe, false)
      }
      let own = key.split(number)
      return targets == .exact ? (residuals(.all(own)) * wide, true) : (residuals(.one(own)) * wide, false)
    }
    let nothing = losses.map { Tensor(zerosLike: $0.outputs) }
    guard drawn.contains(where: \.isSeveral) else {
      // Losses are drawn independently, so that their products vanish in the mean: one column for all.
      let single = try column(drawn.map(\.cotangents))
      parts = [Part(cotangents: Tensor(zeros: [1])) { _ in single }]
      return
    }
    parts = drawn.enumerated().map { number, one in
      Part(cotangents: one.isSeveral ? one.cotangents : one.cotangents.expanded(axis: 0)) { cotangent in
        var all = nothing
        all[number] = cotangent
        return try column(all)
      }
    }
  }

  /// The sum of what is made of each column.
  func sum(_ statistics: (Column) throws -> [Tensor]) throws -> [Tensor] {
    var total: [Tensor]?
    for part in parts {
      let first = try statistics(try part.column(part.cotangents[0]))
      var sum = first
      if part.cotangents.shape[0] > 1 {
        let rest = part.cotangents.sliced(1..<part.cotangents.shape[0])
        sum = try scan(over: rest, from: first) { (sum: [Tensor], cotangent: Tensor) -> ([Tensor], Tensor) in
          let own = try statistics(try part.column(cotangent))
          return (zip(sum, own).map { $0 + $1 }, Tensor(0))
        }.state
      }
      total = total.map { zip($0, sum).map { $0 + $1 } } ?? sum
    }
    return total ?? []
  }
}

/// The taps of a pass: zeros for some of them, and probes that add what stands in their place.
struct PassTaps {
  let types: [TensorType]

  init(_ scout: PassProbe) { types = scout.tapTypes }

  /// Zeros for some taps.
  func zeros(_ places: [Int]) -> [Tensor] { places.map { Tensor(zeros: types[$0].shape, types[$0].elementType) } }

  /// A probe that adds the first of some tensors to the outputs of some taps.
  func probe(_ places: [Int], _ tensors: [Tensor]) -> PassProbe {
    PassProbe(taps: Dictionary(zip(places, tensors)) { first, _ in first })
  }
}

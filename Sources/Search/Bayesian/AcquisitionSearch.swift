import DescentMinimization
import DescentTensors
import Foundation

/// Looks for the place that is worth the most: many places at once, and from the best of them gradients in what moves
/// continuously, alternating with small moves of what does not.
struct AcquisitionSearch {
  let space: FeatureSpace
  let function: AcquisitionFunction
  /// How many places are drawn.
  var candidates = 1_024
  /// From how many places the search goes on.
  var starts = 8
  /// How many evaluations each of them may take.
  var evaluations = 200

  /// A place with its worth.
  private struct Place {
    var features: [Double]
    var value: Double
  }

  /// The best place that was found, other than those that are taken.
  ///
  /// - Parameters:
  ///   - known: Good places, best first, near which others are drawn.
  ///   - taken: Places that have been tried.
  /// - Returns: `nil` where nothing new was found.
  func best(near known: [[Double]], except taken: Set<[Double]>, _ random: inout TrialRandom) throws -> [Double]? {
    if let all = space.all(most: candidates) {
      let free = all.filter { !taken.contains($0) }
      guard !free.isEmpty else { return nil }
      return ranked(try evaluated(free)).first?.features
    }
    let drawn = (0..<candidates).compactMap { _ in space.random(&random) }
    var near: [[Double]] = []
    for place in known {
      for index in 0..<candidates / (8 * max(known.count, 1)) {
        // From a tenth of the range down to a thousandth.
        let share = pow(10, -0.5 - 2.5 * Double(index % 16) / 15)
        if let features = space.near(place, by: share, &random) { near.append(features) }
      }
    }
    let wide = try evaluated(drawn)
    let narrow = try evaluated(near + known)
    var ends: [Place] = ranked(narrow)
    for start in chosen(wide, narrow, &random) { ends.append(try climbed(from: start, &random)) }
    return ranked(ends + wide).first { !taken.contains($0.features) && $0.value > -.infinity }?.features
  }

  private func evaluated(_ places: [[Double]]) throws -> [Place] {
    guard !places.isEmpty else { return [] }
    return zip(places, try function.values(at: places.flatMap { $0 })).map {
      Place(features: $0, value: $1.isNaN ? -.infinity : $1)
    }
  }

  /// The best first; of equal ones, in their order.
  private func ranked(_ places: [Place]) -> [Place] {
    places.indices.sorted { (-places[$0].value, $0) < (-places[$1].value, $1) }.map { places[$0] }
  }

  /// Where searches begin: the best of all, the best near good places, and others by chance, so that one hill is not
  /// climbed from all sides while another waits. Those that are worth more are likelier.
  private func chosen(_ wide: [Place], _ narrow: [Place], _ random: inout TrialRandom) -> [Place] {
    var result = Array(ranked(wide).prefix(1)) + ranked(narrow).prefix(1)
    let values = wide.map(\.value).filter(\.isFinite)
    guard let most = values.max() else { return result }
    // A logarithm is a weight's own; other values are compared on the scale of their spread.
    let spread = function.score.isLogarithm ? 1 : max(Standardization(values).deviation, .leastNormalMagnitude)
    // Gumbel's trick: the largest of the log weights with such noise are a draw without replacement.
    let keyed = wide.map { place -> (key: Double, place: Place) in
      let noise = -log(-log((random.unit() + 0x1p-54)))
      return ((place.value - most) / spread + noise, place)
    }
    let order = keyed.indices.sorted { (-keyed[$0].key, $0) < (-keyed[$1].key, $1) }
    for index in order.prefix(max(starts - result.count, 0)) where keyed[index].key > -.infinity {
      result.append(keyed[index].place)
    }
    return result
  }

  private func climbed(from start: Place, _ random: inout TrialRandom) throws -> Place {
    var place = start
    for _ in 0..<4 {
      let before = place.value
      place = try slid(from: place)
      for parameter in space.discrete {
        let moves = try evaluated(space.moves(parameter, from: place.features, &random))
        if let best = ranked(moves).first, best.value > place.value { place = best }
      }
      if space.discrete.isEmpty || place.value - before <= 1e-6 * max(abs(before), 1) { break }
    }
    return place
  }

  /// Along the gradient in what moves continuously.
  private func slid(from start: Place) throws -> Place {
    let moving = space.continuous
    guard !moving.isEmpty else { return start }
    let objective = SliceObjective(function: function, base: start.features, moving: moving)
    let numeric = NumericFunction {
      try objective.evaluate($0).value
    } gradient: {
      try objective.evaluate($0).gradient
    }
    let stopping = Stopping(gradient: 1e-7, valueChange: 1e-9, iterations: 80, evaluations: evaluations)
    let found: [Double]
    do {
      found = try minimize(
        numeric, from: moving.map { start.features[$0] }, by: .lbfgsb(), within: .box(lower: 0, upper: 1),
        stopping: stopping
      ).numbers
    } catch let error as MinimizationError {
      guard error.value.isFinite else { return start }
      found = error.best
    }
    var features = start.features
    for (index, coordinate) in zip(moving, found) { features[index] = min(max(coordinate, 0), 1) }
    // Constraints that are known may cut the way off; then as far as they allow.
    var share = 1.0
    while !space.allows(features) {
      share /= 2
      guard share > 0.01 else { return start }
      for (index, coordinate) in zip(moving, found) {
        features[index] = start.features[index] + share * (coordinate - start.features[index])
      }
    }
    let place = try evaluated([features])[0]
    return place.value > start.value ? place : start
  }
}

/// The negative worth of places that differ in some features.
private final class SliceObjective {
  private let function: AcquisitionFunction
  private let base: [Double]
  private let moving: [Int]
  private var last: (place: [Double], value: Double, gradient: [Double])?

  init(function: AcquisitionFunction, base: [Double], moving: [Int]) {
    (self.function, self.base, self.moving) = (function, base, moving)
  }

  func evaluate(_ place: [Double]) throws -> (value: Double, gradient: [Double]) {
    if let last, last.place == place { return (last.value, last.gradient) }
    var features = base
    for (index, coordinate) in zip(moving, place) { features[index] = coordinate }
    let (value, gradient) = try function.slope(at: features)
    last = (place, -value, moving.map { -gradient[$0] })
    return (-value, moving.map { -gradient[$0] })
  }
}

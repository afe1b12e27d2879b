import DescentGraph
import DescentTensors

extension Objective {
  /// The Gauss–Newton matrix of the loss at a point times a direction; the Hessian where the loss does not tell of its outputs, as one
  /// written in operations does not.
  ///
  /// - Parameters:
  ///   - point: A tensor for each parameter.
  ///   - direction: A tensor for each parameter.
  public func gaussNewtonProduct(at point: [Tensor], along direction: [Tensor]) throws -> [Tensor] {
    guard let map = try GaussNewtonMap(self, at: point) else {
      return try hessianVectorProduct(at: point, along: direction)
    }
    return try map.product(along: direction)
  }
}

/// The Gauss–Newton matrix of a pass as a linear map.
struct GaussNewtonMap {
  private let probed: @Sendable ([Tensor], PassProbe) throws -> Tensor
  private let taps: PassTaps
  private let ends: [Int]
  private let activities: [Int]
  private let differential: ([Tensor]) throws -> [Tensor]
  private let back: ([Tensor]) throws -> [Tensor]
  private let point: [Tensor]

  /// - Returns: `nil` where the losses of the pass are not known.
  init?(_ objective: Objective, at point: [Tensor], watchingActivities: Bool = false) throws {
    guard let probed = objective.probed else { return nil }
    let scout = PassProbe()
    _ = try probed(point, scout)
    guard !scout.losses.isEmpty else { return nil }
    (self.probed, self.point) = (probed, point)
    taps = PassTaps(scout)
    ends = scout.losses.map(\.outputTap)
    activities = watchingActivities ? scout.activities : []
    let isWatching = watchingActivities
    @Sendable func outputs(_ point: [Tensor]) throws -> [Tensor] {
      let probe = PassProbe()
      _ = try probed(point, probe)
      return probe.losses.map(\.outputs) + (isWatching ? probe.activityOutputs : [])
    }
    differential = try linearize(at: point, of: outputs).differential
    back = try pullback(at: point, of: outputs).pullback
  }

  /// The change of the outputs along a direction, followed by that of layers' outputs.
  func outputs(along direction: [Tensor]) throws -> [Tensor] { try differential(direction) }

  /// The loss's second derivatives times a change of its outputs.
  func curved(_ outputs: [Tensor]) throws -> [Tensor] {
    let (probed, taps, ends, point) = (probed, taps, ends, point)
    let slopes = outputs.prefix(ends.count)
    return try DescentTensors.hessianVectorProduct(at: taps.zeros(ends), along: Array(slopes)) { arguments in
      try probed(point, taps.probe(ends, arguments))
    }
  }

  /// The product with a direction.
  ///
  /// - Parameter structure: How much a change of layers' outputs counts, besides, each with the mean over its rows.
  func product(along direction: [Tensor], structure: Tensor? = nil) throws -> [Tensor] {
    let changes = try differential(direction)
    let cotangents = try curved(changes)
    let others = changes.dropFirst(ends.count).map { change -> Tensor in
      guard let structure else { return Tensor(zerosLike: change) }
      let rows = Double(max(change.shape.first ?? 1, 1))
      return change * (structure / rows).converted(to: change.elementType)
    }
    return try back(cotangents + others)
  }
}

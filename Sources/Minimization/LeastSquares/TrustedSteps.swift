/// What residuals are asked for on the way.
protocol ResidualSource {
  /// The sum of squares, or of losses.
  func value(at point: [Double]) throws -> Double
  /// The linear model.
  func linearized(at point: [Double]) throws -> LinearizedResiduals
  /// Whether no more may be asked for.
  var isExhausted: Bool { get }
}

/// Steps of least squares within a radius that grows where the linear model is right, each parameter in the unit of the
/// longest column that the Jacobian had for it (Moré 1978), and within bounds.
struct TrustedSteps {
  /// How a step is made.
  enum Kind: Sendable, Hashable { case levenbergMarquardt, dogleg, gaussNewton }

  /// What came of an iteration.
  enum Outcome {
    case moved(LinearizedResiduals)
    /// No lower value can be found.
    case exhausted
    /// No more evaluations are allowed.
    case interrupted
  }

  let kind: Kind
  let box: Box
  /// The first radius as a multiple of the start's norm.
  let factor: Double
  /// The distance from 1 to the next number of the coarsest type that the residuals are computed in.
  let roundingUnit: Double
  private var radius: Double?
  private var scale: [Double] = []

  init(_ kind: Kind, box: Box, factor: Double, roundingUnit: Double = 0x1p-52) {
    (self.kind, self.box, self.factor, self.roundingUnit) = (kind, box, factor, roundingUnit)
  }

  mutating func step(from current: LinearizedResiduals, _ source: some ResidualSource) throws -> Outcome {
    let norms = current.columnNorms
    scale = norms.indices.map { index in
      let longest = max(norms[index], index < scale.count ? scale[index] : 0)
      return longest > 0 ? longest : 1
    }
    let free = box.free(current.point, current.slopes)
    let offset = current.offset(of: free)
    if radius == nil {
      let size = norm(scaledBy(current.point))
      radius = size > 0 && size.isFinite ? factor * size : factor
    }
    // What a sum of squares is known to, as a share of it: each residual may be the difference of larger numbers.
    let share = 0x1p12 * roundingUnit
    let rounding = share * current.value
    // Near the end the model is right, and what the radius was drawn in for was rounding.
    let isNearEnd = offset * offset <= share
    var vain = 0
    // The part of Gauss and Newton's step, which knows no radius.
    var part = 1.0
    while true {
      let allowed = isNearEnd && vain == 0 ? .greatestFiniteMagnitude : radius ?? factor
      let proposal = scaled(self.proposal(current, free, allowed), by: part)
      let point = box.clamped(sum(current.point, 1, proposal))
      let step = difference(point, current.point)
      let length = norm(scaledBy(step))
      guard length > 0, length.isFinite,
        step.indices.contains(where: { abs(step[$0]) > roundingUnit * abs(current.point[$0]) })
      else { return .exhausted }
      if source.isExhausted { return .interrupted }
      let expected = current.decrease(over: step)
      let value = try source.value(at: point)
      if expected <= rounding {
        // Differences of values are rounding here; whether the residuals can be explained further is not.
        if value <= current.value * (1 + roundingUnit.squareRoot()) {
          let next = try source.linearized(at: point)
          if next.isFinite, next.offset(of: box.free(next.point, next.slopes)) < 0.98 * offset {
            radius = max(radius ?? factor, 2 * length)
            return .moved(next)
          }
        }
        vain += 1
        guard vain <= 3 else { return .exhausted }
        radius = 0.25 * length
        part *= 0.25
        continue
      }
      let ratio = value.isFinite ? (current.value - value) / expected : -1
      if ratio <= 0.25 {
        // Where the value rose, by how much tells how far the model reaches.
        let slope = dot(current.slopes, step)
        let rise = value - current.value
        let reach = min(max(value.isFinite && rise > 0 ? -slope / (rise - 2 * slope) : 0.5, 0.1), 0.5)
        radius = reach * min(allowed, 10 * length)
        part *= reach
      } else if ratio >= 0.75 {
        radius = max(allowed, 2 * length)
      }
      if ratio > 1e-4 {
        let next = try source.linearized(at: point)
        if next.isFinite { return .moved(next) }
        radius = 0.25 * length
        part *= 0.25
      }
    }
  }

  private func scaledBy(_ step: [Double]) -> [Double] { step.indices.map { scale[$0] * step[$0] } }

  /// A step of the wanted kind; one that meets a bound stays there and the others are chosen anew.
  private func proposal(_ current: LinearizedResiduals, _ free: [Int], _ radius: Double) -> [Double] {
    var moving = free
    var fixed = [Double](repeating: 0, count: current.point.count)
    var first: [Double]?
    while !moving.isEmpty {
      var projected = current.projected
      for (index, column) in current.columns.enumerated() where fixed[index] != 0 {
        add(fixed[index], column, to: &projected)
      }
      let model = ScaledModel(current, projected: projected, scale: moving.map { scale[$0] }, free: moving)
      let step =
        switch kind {
        case .levenbergMarquardt: model.withinRadius(radius)
        case .dogleg: model.dogleg(radius)
        case .gaussNewton: model.gaussNewton
        }
      let target = sum(sum(current.point, 1, fixed), 1, step)
      if first == nil { first = step }
      let beyond = moving.filter { !box.contains(target[$0], at: $0) }
      if beyond.isEmpty {
        fixed = sum(fixed, 1, step)
        break
      }
      for index in beyond { fixed[index] = box.clamped(target[index], at: index) - current.point[index] }
      moving.removeAll { beyond.contains($0) }
    }
    // A whole step that the bounds cut short always goes down.
    guard let first, current.decrease(over: fixed) <= 0 else { return fixed }
    return scaled(first, by: box.share(of: first, from: current.point))
  }
}

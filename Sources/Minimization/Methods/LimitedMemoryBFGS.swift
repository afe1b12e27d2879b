/// L-BFGS: the inverse of the Hessian times the gradient, from the last steps and the changes of the gradient.
struct LimitedMemoryBFGS: MethodState {
  let memory: Int
  let search: StepSearch
  /// A step s, the change of the gradient y over it, and 1 / sᵀy.
  private var pairs: [(s: [Double], y: [Double], rho: Double)] = []

  init(memory: Int, search: StepSearch) {
    self.memory = memory
    self.search = search
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    var direction = newtonLike(current.gradient)
    if !(dot(direction, current.gradient) < 0) {
      pairs = []
      direction = scaled(current.gradient, by: -1)
    }
    while true {
      // The first step has no scale but the gradient's.
      let initial = pairs.isEmpty ? min(1, 1 / max(norm(current.gradient), .leastNormalMagnitude)) : 1
      switch try LineStep.take(search, from: current, along: direction, initial: initial, function) {
      case .moved(let next, _):
        remember(from: current, to: next)
        return .moved(next)
      case .failed(let failure):
        guard !pairs.isEmpty else {
          return .finished(current, LineStep.reason(failure, at: current, function))
        }
        // What was remembered may mislead: the gradient itself is asked before the search is given up.
        pairs = []
        direction = scaled(current.gradient, by: -1)
      }
    }
  }

  private mutating func remember(from current: Evaluation, to next: Evaluation) {
    let (s, y) = (difference(next.point, current.point), difference(next.gradient, current.gradient))
    let curvature = dot(s, y)
    // A step of no positive curvature would make a direction go up.
    guard curvature > 0x1p-52 * norm(s) * norm(y), (1 / curvature).isFinite else { return }
    if pairs.count == memory { pairs.removeFirst() }
    pairs.append((s, y, 1 / curvature))
  }

  /// The two loops of Nocedal (1980).
  private func newtonLike(_ gradient: [Double]) -> [Double] {
    var q = scaled(gradient, by: -1)
    var shares = [Double](repeating: 0, count: pairs.count)
    for index in pairs.indices.reversed() {
      shares[index] = pairs[index].rho * dot(pairs[index].s, q)
      add(-shares[index], pairs[index].y, to: &q)
    }
    if let last = pairs.last { q = scaled(q, by: 1 / (last.rho * dot(last.y, last.y))) }
    for index in pairs.indices {
      let share = pairs[index].rho * dot(pairs[index].y, q)
      add(shares[index] - share, pairs[index].s, to: &q)
    }
    return q
  }
}

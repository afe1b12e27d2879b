/// L-BFGS-B: the quadratic model that L-BFGS remembers, minimized within a box: first along the projected gradient, to the
/// generalized Cauchy point, then in the numbers that are free there.
///
/// Source: Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995. Names such as
/// θ, W, M and c are the paper's.
struct BoundedLBFGS: MethodState {
  let memory: Int
  let search: StepSearch
  let box: Box
  private var model = CompactModel()

  init(memory: Int, search: StepSearch, box: Box) {
    (self.memory, self.search, self.box) = (memory, search, box)
  }

  mutating func step(from current: Evaluation, _ function: PointFunction) throws -> MethodStep {
    while true {
      let cauchy = cauchyPoint(current)
      let target = subspaceMinimum(current, cauchy)
      let direction = difference(target, current.point)
      let isFresh = model.isEmpty
      var failure = StepSearch.Failure.flat
      if dot(direction, current.gradient) < 0 {
        var search = search
        search.longest = min(search.longest, room(current.point, direction))
        let first = isFresh ? min(1, 1 / max(norm(direction), .leastNormalMagnitude)) : 1
        switch try LineStep.take(search, from: current, along: direction, initial: first, function) {
        case .moved(let next, _):
          model.remember(
            difference(next.point, current.point), difference(next.gradient, current.gradient), memory: memory)
          return .moved(next)
        case .failed(let why): failure = why
        }
      }
      guard !isFresh else { return .finished(current, LineStep.reason(failure, at: current, function)) }
      // What was remembered may mislead.
      model = CompactModel()
    }
  }

  /// How far a direction leads within the box.
  private func room(_ x: [Double], _ direction: [Double]) -> Double {
    var room = Double.infinity
    for index in x.indices {
      if direction[index] > 0 {
        room = min(room, (box.upper[index] - x[index]) / direction[index])
      } else if direction[index] < 0 {
        room = min(room, (box.lower[index] - x[index]) / direction[index])
      }
    }
    return room
  }

  /// The first minimum of the model along the projected gradient, and Wᵀ(x − x₀) there.
  private func cauchyPoint(_ current: Evaluation) -> (x: [Double], c: [Double]) {
    let (start, gradient) = (current.point, current.gradient)
    var x = start
    var direction = scaled(gradient, by: -1)
    var ends = [Double](repeating: .infinity, count: x.count)
    for index in x.indices {
      let bound = gradient[index] < 0 ? box.upper[index] : box.lower[index]
      if gradient[index] != 0, bound.isFinite { ends[index] = (x[index] - bound) / gradient[index] }
      if ends[index] <= 0 { direction[index] = 0 }
    }
    var p = model.transposedProduct(direction)
    var c = [Double](repeating: 0, count: p.count)
    var slope = -dot(direction, direction)
    guard slope < 0 else { return (x, c) }
    let first = -model.theta * slope
    var bend = first - dot(p, model.middle(p))
    var before = 0.0
    var best = -slope / bend
    for index in x.indices.filter({ ends[$0] > 0 && ends[$0] < .infinity }).sorted(by: { ends[$0] < ends[$1] }) {
      let width = ends[index] - before
      if best < width { break }
      x[index] = direction[index] > 0 ? box.upper[index] : box.lower[index]
      let moved = x[index] - start[index]
      let g = gradient[index]
      add(width, p, to: &c)
      let row = model.row(index)
      let image = model.middle(row)
      slope += width * bend + g * g + model.theta * g * moved - g * dot(image, c)
      bend += -model.theta * g * g - 2 * g * dot(image, p) - g * g * dot(image, row)
      // Rounding must not make the model fall without end.
      bend = max(bend, 0x1p-52 * first)
      add(g, row, to: &p)
      direction[index] = 0
      before = ends[index]
      best = -slope / bend
      if slope >= 0 { break }
    }
    best = max(best.isFinite ? best : 0, 0)
    let length = before + best
    for index in x.indices where direction[index] != 0 { x[index] = start[index] + length * direction[index] }
    add(best, p, to: &c)
    return (box.clamped(x), c)
  }

  /// The minimum of the model in the numbers that are free at Cauchy's point, shortened to the box.
  private func subspaceMinimum(_ current: Evaluation, _ cauchy: (x: [Double], c: [Double])) -> [Double] {
    let free = current.point.indices.filter { cauchy.x[$0] > box.lower[$0] && cauchy.x[$0] < box.upper[$0] }
    guard !model.isEmpty, !free.isEmpty else { return cauchy.x }
    let theta = model.theta
    let image = model.middle(cauchy.c)
    let rows = free.map { model.row($0) }
    let residual = free.indices.map { place in
      let index = free[place]
      let bent = theta * (cauchy.x[index] - current.point[index])
      return current.gradient[index] + bent - dot(rows[place], image)
    }
    let size = model.size
    var v = [Double](repeating: 0, count: size)
    for place in free.indices { add(residual[place], rows[place], to: &v) }
    v = model.middle(v)
    // N = 1 − M WᵀZ ZᵀW / θ.
    var gram = [Double](repeating: 0, count: size * size)
    for row in rows {
      for a in 0..<size { for b in 0..<size { gram[a * size + b] += row[a] * row[b] / theta } }
    }
    var system = [Double](repeating: 0, count: size * size)
    for column in 0..<size {
      let product = model.middle((0..<size).map { gram[$0 * size + column] })
      for row in 0..<size { system[row * size + column] = (row == column ? 1 : 0) - product[row] }
    }
    guard let solution = Elimination(system, count: size)?.solve(v) else { return cauchy.x }
    var share = 1.0
    var step = [Double](repeating: 0, count: free.count)
    for place in free.indices {
      let index = free[place]
      step[place] = -residual[place] / theta - dot(rows[place], solution) / (theta * theta)
      guard step[place].isFinite else { return cauchy.x }
      let bound = step[place] > 0 ? box.upper[index] : box.lower[index]
      if step[place] != 0 { share = min(share, (bound - cauchy.x[index]) / step[place]) }
    }
    var x = cauchy.x
    for place in free.indices { x[free[place]] += share * step[place] }
    return box.clamped(x)
  }
}

/// The matrix θ − W M Wᵀ of the last steps and the changes of the gradient.
private struct CompactModel {
  private(set) var theta = 1.0
  private var steps: [[Double]] = []
  private var changes: [[Double]] = []
  /// M⁻¹, decomposed.
  private var inverse: Elimination?

  var isEmpty: Bool { steps.isEmpty }
  /// How many columns W has.
  var size: Int { 2 * steps.count }

  /// A row of W.
  func row(_ index: Int) -> [Double] { changes.map { $0[index] } + steps.map { theta * $0[index] } }

  /// Wᵀ times a vector.
  func transposedProduct(_ v: [Double]) -> [Double] { changes.map { dot($0, v) } + steps.map { theta * dot($0, v) } }

  /// M times a vector.
  func middle(_ v: [Double]) -> [Double] { inverse?.solve(v) ?? v }

  mutating func remember(_ step: [Double], _ change: [Double], memory: Int) {
    let curvature = dot(step, change)
    let squared = dot(change, change)
    guard curvature > 0x1p-52 * norm(step) * norm(change), (squared / curvature).isFinite else { return }
    if steps.count == memory {
      steps.removeFirst()
      changes.removeFirst()
    }
    steps.append(step)
    changes.append(change)
    theta = squared / curvature
    let count = steps.count
    var matrix = [Double](repeating: 0, count: 4 * count * count)
    for i in 0..<count {
      matrix[i * 2 * count + i] = -dot(steps[i], changes[i])
      for j in 0..<count {
        matrix[(count + i) * 2 * count + count + j] = theta * dot(steps[i], steps[j])
        if i > j {
          let part = dot(steps[i], changes[j])
          matrix[(count + i) * 2 * count + j] = part
          matrix[j * 2 * count + count + i] = part
        }
      }
    }
    inverse = Elimination(matrix, count: 2 * count)
    if inverse == nil { self = CompactModel() }
  }
}

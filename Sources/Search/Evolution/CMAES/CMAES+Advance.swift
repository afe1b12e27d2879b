import Foundation

extension CMAES {
  /// Moves mean, step size and covariance by what became of a generation.
  ///
  /// - Complexity: O(λ · n²) and O(n³) for the decomposition, O(λ · n) where coordinates vary independently.
  public mutating func advance(_ results: [Evaluated<[Double]>]) throws {
    guard results.count == populationSize else {
      throw SearchError(
        "CMAES", "the generation has \(populationSize) individuals, and \(results.count) results were told")
    }
    for result in results {
      guard result.individual.count == dimension else {
        throw SearchError(
          "CMAES", "an individual has \(result.individual.count) coordinates, and \(dimension) were asked for")
      }
      try result.individual.checkFinite("CMAES", "an individual")
    }
    let order = results.map(\.outcome).ranking()
    let steps = order.map { step(of: results[$0]) }
    let best = results.best(after: best)
    let weighted = moveMean(steps)
    lengthenPaths(weighted)
    learnCovariance(steps)
    changeStepSize()
    generation += 1
    decompose()
    keepMargins()
    self.best = best
    noteValues(order.map { results[$0].outcome })
  }

  /// The step, as a multiple of σ, that led to an individual, with its length after whitening.
  private func step(of result: Evaluated<[Double]>) -> (y: [Double], length: Double) {
    if let index = result.index {
      let y = step(index)
      return (y, norm(whitened(y)))
    }
    let point = free(result.individual)
    var y = zip(point, center).map { ($0 - $1) / sigma }
    // A foreign point moves the distribution by no more than its own points would (Hansen, *Injecting external solutions
    // into CMA-ES*, 2011).
    let n = Double(dimension)
    var length = norm(whitened(y))
    let most = n.squareRoot() + 2 * n / (n + 2)
    if length > most {
      for place in y.indices { y[place] *= most / length }
      length = most
    }
    return (y, length)
  }

  /// Moves the mean; gives the weighted mean of the steps.
  private mutating func moveMean(_ steps: [(y: [Double], length: Double)]) -> [Double] {
    var weighted = [Double](repeating: 0, count: dimension)
    for (weight, step) in zip(parameters.weights.prefix(parameters.parentCount), steps) {
      for place in weighted.indices { weighted[place] += weight * step.y[place] }
    }
    for place in weighted.indices { center[place] += sigma * weighted[place] }
    return weighted
  }

  private mutating func lengthenPaths(_ weighted: [Double]) {
    let p = parameters
    let white = whitened(weighted)
    let whiteStep = isSeparable ? white : product(directions, white)
    let stepFactor = (p.stepPathRate * (2 - p.stepPathRate) * p.effectiveCount).squareRoot()
    for place in stepPath.indices {
      stepPath[place] = (1 - p.stepPathRate) * stepPath[place] + stepFactor * whiteStep[place]
    }
    let factor = isPathStalled ? 0 : (p.pathRate * (2 - p.pathRate) * p.effectiveCount).squareRoot()
    for place in path.indices { path[place] = (1 - p.pathRate) * path[place] + factor * weighted[place] }
  }

  /// Whether the step size is so much too small that the covariance's path would only grow with it.
  private var isPathStalled: Bool {
    let p = parameters
    let settled = 1 - pow(1 - p.stepPathRate, 2 * Double(generation + 1))
    return norm(stepPath) / settled.squareRoot() >= (1.4 + 2 / (Double(dimension) + 1)) * p.expectedNorm
  }

  private mutating func learnCovariance(_ steps: [(y: [Double], length: Double)]) {
    let p = parameters
    let n = dimension
    let lost = isPathStalled ? p.pathRate * (2 - p.pathRate) : 0
    let total = p.weights.reduce(0, +)
    let kept = 1 + p.rankOneRate * lost - p.rankOneRate - p.rankMuRate * total
    var updates: [(factor: Double, vector: [Double])] = [(p.rankOneRate, path)]
    for (weight, step) in zip(p.weights, steps) where weight != 0 {
      // Of equal length, the steps of the worst cannot make the covariance indefinite.
      let scale = weight < 0 ? Double(n) / max(step.length * step.length, .leastNormalMagnitude) : 1
      updates.append((p.rankMuRate * weight * scale, step.y))
    }
    let isSeparable = isSeparable
    covariance.withUnsafeMutableBufferPointer { c in
      for place in c.indices { c[place] *= kept }
      for (factor, vector) in updates {
        vector.withUnsafeBufferPointer { y in
          if isSeparable {
            for place in 0..<n { c[place] += factor * y[place] * y[place] }
            return
          }
          for row in 0..<n {
            let scaled = factor * y[row]
            for column in 0...row { c[row * n + column] += scaled * y[column] }
          }
        }
      }
      guard !isSeparable else { return }
      for row in 0..<n {
        for column in 0..<row { c[column * n + row] = c[row * n + column] }
      }
    }
  }

  private mutating func changeStepSize() {
    let p = parameters
    sigma *= exp(min(1, p.stepPathRate / p.stepDamping * (norm(stepPath) / p.expectedNorm - 1)))
  }

  /// Decomposes C, where it has changed enough for that to matter.
  private mutating func decompose() {
    let n = dimension
    if isSeparable {
      for place in 0..<n {
        if !(covariance[place] > 0) || !covariance[place].isFinite {
          covariance[place] = lengths[place] * lengths[place]
        }
        lengths[place] = covariance[place].squareRoot()
      }
      return
    }
    let gap = 1 / ((parameters.rankOneRate + parameters.rankMuRate) * Double(n) * 10)
    guard Double(generation - decomposed) >= gap else { return }
    decomposed = generation
    if let eigen = SymmetricEigen(covariance, count: n), let largest = eigen.values.last, largest > 0 {
      let least = largest * 1e-20
      lengths = eigen.values.map { max($0, least).squareRoot() }
      directions = eigen.vectors
      return
    }
    // What cannot be decomposed is given up for what was there before.
    covariance = [Double](repeating: 0, count: n * n)
    for column in 0..<n {
      let variance = lengths[column] * lengths[column]
      for row in 0..<n {
        for other in 0..<n {
          covariance[row * n + other] += variance * directions[row * n + column] * directions[other * n + column]
        }
      }
    }
  }

  func norm(_ vector: [Double]) -> Double {
    var sum = 0.0
    for element in vector { sum += element * element }
    return sum.squareRoot()
  }
}

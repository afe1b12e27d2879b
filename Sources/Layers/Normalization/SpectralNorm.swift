import DescentGraph
import DescentTensors

/// A layer whose weights are divided by their largest singular value, so that it stretches no input by more than 1.
///
/// ```swift
/// var critic = SpectralNorm(Conv2D(filters: 64, size: 3))
/// ```
///
/// The singular value is estimated by power iteration: while training, each pass takes its vectors `iterations` steps
/// further; they are running statistics, and begin with 15 steps from random ones. No gradient passes through them. Weights are
/// a matrix of the outputs by everything else. Source: Miyato et al., "Spectral normalization for generative adversarial
/// networks", 2018.
public struct SpectralNorm<Inner: WeightedLayer>: Layer {
  /// The layer, whose weights are divided.
  public var layer: Inner
  /// The estimate of the first left singular vector `[outputs]`.
  public var left = Parameter(role: .statistic)
  /// The estimate of the first right singular vector, of everything but the outputs.
  public var right = Parameter(role: .statistic)
  /// How many steps of power iteration a pass takes.
  public let iterations: Int
  /// What lengths are at least, for numerical stability.
  public let epsilon: Double

  /// A layer with weights of spectral norm 1.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - iterations: How many steps of power iteration a pass takes while training.
  ///   - epsilon: What lengths are at least, for numerical stability.
  public init(_ layer: Inner, iterations: Int = 1, epsilon: Double = 1e-12) {
    self.layer = layer
    self.iterations = iterations
    self.epsilon = epsilon
  }

  /// What the layer makes of an input by the divided weights.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let site = LayerSite("SpectralNorm", holding: left)
    guard (1...1000).contains(iterations), epsilon >= 0, epsilon.isFinite else {
      return site.failure(
        "takes 1...1000 iterations and an epsilon that is not negative, found \(iterations) and \(epsilon)")
    }
    return layer.output(input) { weights in
      guard weights.error == nil, weights.rank >= 2 else { return weights }
      let type = weights.elementType.accumulator
      let wide = weights.converted(to: type)
      let rows = wide.moved(weights.rank + Inner.outputAxis, to: 0)
      let matrix = rows.reshaped([rows.shape[0], rows.count / max(1, rows.shape[0])])
      let (u, v) = vectors(stopGradient(matrix), type)
      let norm = (u * matmul(matrix, v)).sum()
      // Weights of 0 have no singular value to divide by.
      let divisor = `where`(norm .== number(0, type), number(1, type), norm)
      return (wide / divisor).converted(to: weights.elementType)
    }
  }

  /// Estimates of the first singular vectors, taken further while training.
  private func vectors(_ matrix: Tensor, _ type: ElementType) -> (u: Tensor, v: Tensor) {
    let begin = left.bound(to: [matrix.shape[0]], in: "SpectralNorm", as: type) { key, shape in
      stepped(matrix, unit(key.normal(shape).converted(to: type)), 15).u
    }
    let other = right.bound(to: [matrix.shape[1]], in: "SpectralNorm", as: type) { _, _ in
      unit(matmul(begin, matrix))
    }
    guard Run.current.isTraining, !left.isFrozen, !right.isFrozen else { return (begin, other) }
    let (last, lastRight) = (left.latest ?? begin, right.latest ?? other)
    let first = unit(matmul(matrix, lastRight.converted(to: type)), otherwise: last.converted(to: type))
    let next = stepped(matrix, first, iterations)
    left.update(to: next.u.converted(to: begin.elementType))
    right.update(to: next.v.converted(to: other.elementType))
    return next
  }

  /// Steps of power iteration, of which the first begins with a left vector.
  private func stepped(_ matrix: Tensor, _ u: Tensor, _ count: Int) -> (u: Tensor, v: Tensor) {
    var (u, v) = (u, unit(matmul(u, matrix)))
    for _ in 1..<max(1, count) {
      u = unit(matmul(matrix, v), otherwise: u)
      v = unit(matmul(u, matrix))
    }
    return (u, v)
  }

  /// A vector of length 1, or another one in place of 0: from a vector of 0 no step would lead away.
  private func unit(_ vector: Tensor, otherwise: Tensor? = nil) -> Tensor {
    let type = vector.elementType
    let length = sqrt(square(vector).sum())
    let unit = vector / maximum(length, number(max(epsilon, Double(Float.leastNormalMagnitude)), type))
    return otherwise.map { `where`((length .== number(0, type)).broadcast(to: unit.shape), $0, unit) } ?? unit
  }
}

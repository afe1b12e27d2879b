import DescentGraph
import DescentTensors

extension Initializer {
  /// Numbers around 0 of the variance scale / fan.
  static func scaled(
    _ scale: Double, _ fan: Fan, _ distribution: Distribution, _ shape: Shape, _ key: RandomKey
  ) -> Tensor {
    let variance = scale / fan.count(of: shape)
    switch distribution {
    case .uniform:
      // Numbers spread evenly over ±a have the variance a²/3.
      let bound = (3 * variance).squareRoot()
      return key.uniform(shape, low: -bound, high: bound)
    case .normal: return key.normal(shape, standardDeviation: variance.squareRoot())
    case .truncatedNormal:
      // The standard deviation that is left of 1 by a cut at ±2.
      return truncated(variance.squareRoot() / 0.87962566103423978, shape, key)
    }
  }

  /// Normally distributed numbers within two standard deviations of 0.
  static func truncated(_ standardDeviation: Double, _ shape: Shape, _ key: RandomKey) -> Tensor {
    guard standardDeviation != 0 else { return Tensor(zeros: shape) }
    return key.truncatedNormal(
      shape, lower: -2 * standardDeviation, upper: 2 * standardDeviation, standardDeviation: standardDeviation)
  }

  /// A random matrix of all axes but the last by the last, whose columns or rows are orthonormal, times a gain.
  static func orthogonal(_ gain: Double, _ shape: Shape, _ key: RandomKey, _ elementType: ElementType) -> Tensor {
    guard shape.rank >= 2, let columns = shape.last, let count = shape.checkedCount, count > 0 else {
      return Tensor(
        error: TensorError(
          "orthogonal", "initial values take a matrix […, inputs, outputs] with elements, not \(shape)"))
    }
    let rows = count / columns
    let type = elementType == .float64 ? ElementType.float64 : .float32
    let drawn = key.normal([max(rows, columns), min(rows, columns)]).converted(to: type)
    // The triangular factor's diagonal is not negative, by which all such matrices are equally likely (Mezzadri, 2007).
    let basis = qr(drawn).q
    return ((rows < columns ? basis.transposed() : basis) * number(gain, type)).reshaped(shape)
  }

  /// The unit matrix of the last two axes at the center of the axes in front, times a gain.
  static func identity(_ gain: Double, _ shape: Shape, _ elementType: ElementType) -> Tensor {
    guard shape.rank >= 2 else {
      return Tensor(error: TensorError("identity", "initial values take a matrix […, inputs, outputs], not \(shape)"))
    }
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let matrix = Tensor(identity: rows, columns: columns, elementType) * number(gain, elementType)
    let kernel = shape.sizes.dropLast(2)
    // Of an even size, the center of the padding `.same` is the element before the middle.
    let low = kernel.map { max(0, $0 - 1) / 2 }
    let high = zip(kernel, low).map { $0 - $1 - 1 }
    guard kernel.allSatisfy({ $0 > 0 }) else { return Tensor(zeros: shape, elementType) }
    return matrix.reshaped(Shape(kernel.map { _ in 1 } + [rows, columns]))
      .padded(low: low + [0, 0], high: high + [0, 0])
  }
}

extension Initializer.Fan {
  /// The connections of weights `[…, inputs, outputs]`, at least 1.
  fileprivate func count(of shape: Shape) -> Double {
    let sizes = shape.map(Double.init)
    let kernel = sizes.dropLast(2).reduce(1, *)
    let inputs = max(1, sizes.count < 2 ? sizes.last ?? 1 : kernel * sizes[sizes.count - 2])
    let outputs = max(1, kernel * (sizes.last ?? 1))
    switch self {
    case .input: return inputs
    case .output: return outputs
    case .average: return (inputs + outputs) / 2
    }
  }
}

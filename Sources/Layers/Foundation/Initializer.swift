import DescentGraph
import DescentTensors

/// How a parameter is initialized.
///
/// The named ones choose the spread so that signals keep their size from layer to layer. Of weights `[…, inputs,
/// outputs]`, `fanIn` is the number of inputs that one output sums over, `fanOut` the number of outputs that one input
/// reaches; the axes in front, a convolution's kernel, count in both.
public enum Initializer: Sendable, Hashable, Codable {
  /// 0 everywhere.
  case zeros
  /// 1 everywhere.
  case ones
  /// One number everywhere.
  case constant(Double)
  /// Uniformly distributed over `low..<high`.
  case uniform(low: Double, high: Double)
  /// Normally distributed around 0.
  case normal(standardDeviation: Double)
  /// Variance 2 / (fanIn + fanOut), for tanh, sigmoid and no activation. Source: Glorot and Bengio, 2010.
  case glorotUniform
  /// Variance 2 / (fanIn + fanOut), for tanh, sigmoid and no activation. Source: Glorot and Bengio, 2010.
  case glorotNormal
  /// Variance 2 / fanIn, for ReLU. Source: He et al., 2015.
  case heUniform
  /// Variance 2 / fanIn, for ReLU. Source: He et al., 2015.
  case heNormal
  /// Variance 1 / fanIn. Source: LeCun et al., 1998.
  case lecunUniform
  /// Variance 1 / fanIn. Source: LeCun et al., 1998.
  case lecunNormal

  /// Initial values of a shape.
  ///
  /// - Returns: The values, as `elementType`.
  public func values(_ shape: Shape, key: RandomKey, _ elementType: ElementType = .float32) -> Tensor {
    let fan = Fan(shape)
    let values =
      switch self {
      case .zeros: Tensor(zeros: shape)
      case .ones: Tensor(ones: shape)
      case .constant(let value): Tensor(repeating: value, shape: shape, elementType)
      case .uniform(let low, let high): key.uniform(shape, low: low, high: high)
      case .normal(let standardDeviation): key.normal(shape, standardDeviation: standardDeviation)
      case .glorotUniform: Self.uniform(variance: 2 / (fan.input + fan.output), shape, key)
      case .glorotNormal: Self.normal(variance: 2 / (fan.input + fan.output), shape, key)
      case .heUniform: Self.uniform(variance: 2 / fan.input, shape, key)
      case .heNormal: Self.normal(variance: 2 / fan.input, shape, key)
      case .lecunUniform: Self.uniform(variance: 1 / fan.input, shape, key)
      case .lecunNormal: Self.normal(variance: 1 / fan.input, shape, key)
      }
    return values.converted(to: elementType)
  }

  private static func uniform(variance: Double, _ shape: Shape, _ key: RandomKey) -> Tensor {
    // Numbers spread evenly over ±a have the variance a²/3.
    let bound = (3 * variance).squareRoot()
    return key.uniform(shape, low: -bound, high: bound)
  }

  private static func normal(variance: Double, _ shape: Shape, _ key: RandomKey) -> Tensor {
    key.normal(shape, standardDeviation: variance.squareRoot())
  }

  /// The connections of one output and of one input, at least 1 each.
  private struct Fan {
    let input: Double
    let output: Double

    init(_ shape: Shape) {
      let sizes = shape.map(Double.init)
      let kernel = sizes.dropLast(2).reduce(1, *)
      input = max(1, sizes.count < 2 ? sizes.last ?? 1 : kernel * sizes[sizes.count - 2])
      output = max(1, kernel * (sizes.last ?? 1))
    }
  }
}

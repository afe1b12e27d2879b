import DescentGraph
import DescentTensors

/// How a parameter is initialized.
///
/// The named ones choose the spread so that signals keep their size from layer to layer. Of weights `[…, inputs,
/// outputs]`, the input fan is the number of inputs that one output sums over, the output fan the number of outputs that
/// one input reaches; the axes in front, a convolution's kernel, count in both.
///
/// ```swift
/// Dense(units: 64, initializer: .varianceScaling(gain: Activation.tanh.gain, fan: .average, distribution: .uniform))
/// ```
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
  /// Normally distributed around 0 with nothing beyond two standard deviations, which are those before the cut.
  case truncatedNormal(standardDeviation: Double)
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
  /// Variance gain² / fan; `Activation.gain` is the gain that goes with an activation.
  case varianceScaling(gain: Double = 1, fan: Fan = .input, distribution: Distribution = .truncatedNormal)
  /// A random matrix with orthonormal columns, or rows where they are fewer, times a gain; the axes before the last make
  /// one. Source: Saxe, McClelland and Ganguli, 2014.
  case orthogonal(gain: Double = 1)
  /// Each output is the input of its number, times a gain: the unit matrix, at the center of a convolution's kernel.
  case identity(gain: Double = 1)

  /// The connections that a variance is divided by.
  public enum Fan: String, Sendable, Hashable, Codable {
    /// The inputs that one output sums over.
    case input
    /// The outputs that one input reaches.
    case output
    /// The mean of both.
    case average
  }

  /// How numbers are distributed.
  public enum Distribution: String, Sendable, Hashable, Codable {
    /// Uniformly around 0.
    case uniform
    /// Normally around 0.
    case normal
    /// Normally around 0, with nothing beyond two standard deviations before the cut.
    case truncatedNormal
  }

  /// Whether it matters which axis is which: elsewhere numbers are drawn independently, and any order of them is as good.
  var isMatrix: Bool {
    switch self {
    case .orthogonal, .identity: true
    default: false
    }
  }

  /// Initial values of a shape.
  ///
  /// - Returns: The values, as `elementType`; of a shape that the initializer does not fit, a tensor that carries the error.
  public func values(_ shape: Shape, key: RandomKey, _ elementType: ElementType = .float32) -> Tensor {
    let values =
      switch self {
      case .zeros: Tensor(zeros: shape)
      case .ones: Tensor(ones: shape)
      case .constant(let value): Tensor(repeating: value, shape: shape, elementType)
      case .uniform(let low, let high): key.uniform(shape, low: low, high: high)
      case .normal(let standardDeviation): key.normal(shape, standardDeviation: standardDeviation)
      case .truncatedNormal(let standardDeviation): Self.truncated(standardDeviation, shape, key)
      case .glorotUniform: Self.scaled(1, .average, .uniform, shape, key)
      case .glorotNormal: Self.scaled(1, .average, .normal, shape, key)
      case .heUniform: Self.scaled(2, .input, .uniform, shape, key)
      case .heNormal: Self.scaled(2, .input, .normal, shape, key)
      case .lecunUniform: Self.scaled(1, .input, .uniform, shape, key)
      case .lecunNormal: Self.scaled(1, .input, .normal, shape, key)
      case .varianceScaling(let gain, let fan, let distribution):
        Self.scaled(gain * gain, fan, distribution, shape, key)
      case .orthogonal(let gain): Self.orthogonal(gain, shape, key, elementType)
      case .identity(let gain): Self.identity(gain, shape, elementType)
      }
    return values.converted(to: elementType)
  }
}

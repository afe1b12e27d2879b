import DescentTensors

/// An activation function as a value: a setting of a layer, or a layer of its own.
///
/// ```swift
/// let activation = Activation.leakyRelu(slope: 0.2)
/// let y = activation(x)
/// ```
///
/// It is coded with the model that holds it, compared, and printed by its name, such as `leakyRelu(slope: 0.2)`. What has
/// learned slopes is the layer `PReLU`.
public enum Activation: Sendable, Hashable, Codable {
  /// Each element as it is.
  case identity
  /// max(x, 0); see `relu(_:)`.
  case relu
  /// min(max(x, 0), 6); see `relu6(_:)`.
  case relu6
  /// x where it is positive, `slope` · x elsewhere; see `leakyRelu(_:slope:)`.
  case leakyRelu(slope: Double = 0.01)
  /// x where it is positive, `alpha` · (eˣ − 1) elsewhere; see `elu(_:alpha:)`.
  case elu(alpha: Double = 1)
  /// x where it is positive, `alpha` · (e^(x / alpha) − 1) elsewhere; see `celu(_:alpha:)`.
  case celu(alpha: Double = 1)
  /// The scaled exponential linear unit; see `selu(_:)`.
  case selu
  /// log(1 + eˣ); see `softplus(_:)`.
  case softplus
  /// x where it is larger than a threshold, a number elsewhere; see `thresholded(_:above:otherwise:)`.
  case thresholded(above: Double, otherwise: Double = 0)
  /// The Gaussian error linear unit; see `gelu(_:_:)`.
  case gelu
  /// The Gaussian error linear unit by the hyperbolic tangent of a cubic; see `gelu(_:_:)`.
  case geluTanh
  /// x · sigmoid(x), also called swish; see `silu(_:)`.
  case silu
  /// x · tanh(softplus(x)); see `mish(_:)`.
  case mish
  /// x · hardSigmoid(x); see `hardSwish(_:)`.
  case hardSwish
  /// The first half of the last axis times the sigmoid of the second; see `glu(_:axis:)`.
  case glu
  /// 1 / (1 + e⁻ˣ); see `sigmoid(_:)`.
  case sigmoid
  /// log(sigmoid(x)); see `logSigmoid(_:)`.
  case logSigmoid
  /// x/6 + ½, held between 0 and 1; see `hardSigmoid(_:)`.
  case hardSigmoid
  /// The hyperbolic tangent; see `tanh(_:)`.
  case tanh
  /// Each element held between two bounds; see `hardTanh(_:from:to:)`.
  case hardTanh(from: Double = -1, to: Double = 1)
  /// x / (1 + |x|); see `softsign(_:)`.
  case softsign
  /// x − tanh(x); see `tanhShrink(_:)`.
  case tanhShrink
  /// Each element moved toward 0 by a threshold; see `softShrink(_:threshold:)`.
  case softShrink(threshold: Double = 0.5)
  /// Each element that is larger in size than a threshold, 0 elsewhere; see `hardShrink(_:threshold:)`.
  case hardShrink(threshold: Double = 0.5)
  /// The exponentials along the last axis, divided by their sum; see `softmax(_:axis:)`.
  case softmax
  /// The logarithm of `softmax` along the last axis; see `logSoftmax(_:axis:)`.
  case logSoftmax
}

extension Activation {
  /// What the standard deviation of weights before the activation is multiplied by, so that signals keep their size; 1 where
  /// there is no number for it. `Initializer.varianceScaling` and `.orthogonal` take it. Source: He et al., 2015.
  public var gain: Double {
    switch self {
    case .relu, .relu6: 2.0.squareRoot()
    case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
    case .tanh: 5.0 / 3
    case .selu: 0.75
    default: 1
    }
  }
}

extension Activation: Layer {
  /// The activation of each element, in the shape of the input; `glu` halves the last axis.
  public func callAsFunction(_ input: Tensor) -> Tensor { applied(self, input) }
}

/// An activation of a tensor: outside of the type, whose cases have the names of the functions.
private func applied(_ activation: Activation, _ x: Tensor) -> Tensor {
  switch activation {
  case .identity: x
  case .relu: relu(x)
  case .relu6: relu6(x)
  case .leakyRelu(let slope): leakyRelu(x, slope: slope)
  case .elu(let alpha): elu(x, alpha: alpha)
  case .celu(let alpha): celu(x, alpha: alpha)
  case .selu: selu(x)
  case .softplus: softplus(x)
  case .thresholded(let threshold, let value): thresholded(x, above: threshold, otherwise: value)
  case .gelu: gelu(x)
  case .geluTanh: gelu(x, .tanh)
  case .silu: silu(x)
  case .mish: mish(x)
  case .hardSwish: hardSwish(x)
  case .glu: glu(x)
  case .sigmoid: sigmoid(x)
  case .logSigmoid: logSigmoid(x)
  case .hardSigmoid: hardSigmoid(x)
  case .tanh: tanh(x)
  case .hardTanh(let lower, let upper): hardTanh(x, from: lower, to: upper)
  case .softsign: softsign(x)
  case .tanhShrink: tanhShrink(x)
  case .softShrink(let threshold): softShrink(x, threshold: threshold)
  case .hardShrink(let threshold): hardShrink(x, threshold: threshold)
  case .softmax: softmax(x)
  case .logSoftmax: logSoftmax(x)
  }
}

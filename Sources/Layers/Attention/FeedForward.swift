import DescentGraph
import DescentTensors

/// Two fully connected layers with an activation between them, applied to each position: the other half of a transformer block.
///
/// `[…, features]` stays so. A gated one multiplies a projection by the activation of another one, which gives SwiGLU with
/// `.silu`, GEGLU with `.gelu`, and the gated linear unit with `.sigmoid`. Source: Vaswani et al., 2017; gates: Shazeer,
/// "GLU variants improve transformer", 2020.
public struct FeedForward: Layer {
  /// To the hidden units, `[features, units]`.
  public var hidden: Dense
  /// What the hidden units are multiplied by, before its activation, `[features, units]`; `nil` where there are no gates.
  public var gate: Dense?
  /// Back from the hidden units, `[units, features]`.
  public var output: Dense
  /// The activation of the hidden units, or of the gates where there are any.
  public let activation: Activation
  /// The fraction of the hidden units that is dropped while training.
  public let dropout: Double

  /// Two layers.
  ///
  /// - Parameters:
  ///   - units: The number of hidden units.
  ///   - activation: The activation of the hidden units, or of the gates.
  ///   - isGated: Whether the hidden units are multiplied by gates.
  ///   - bias: Whether the layers have biases.
  ///   - dropout: The fraction of the hidden units that is dropped while training.
  ///   - initializer: How the weights are initialized.
  public init(
    units: Int, activation: Activation = .relu, isGated: Bool = false, bias: Bool = true, dropout: Double = 0,
    initializer: Initializer = .glorotUniform
  ) {
    hidden = Dense(units: units, bias: bias, initializer: initializer)
    gate = isGated ? Dense(units: units, bias: bias, initializer: initializer) : nil
    output = Dense(units: 0, bias: bias, initializer: initializer)
    (self.activation, self.dropout) = (activation, dropout)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    guard let features = input.shape.last else {
      return LayerSite("FeedForward", around: hidden.weight).failure("takes an input […, features], found a scalar")
    }
    let inside = gate.map { activation($0(input)) * hidden(input) } ?? activation(hidden(input))
    return output(dropout == 0 ? inside : Dropout(rate: dropout)(inside), units: features)
  }
}

import DescentGraph
import DescentTensors

/// The plain recurrent cell: an activation of the input's product plus the state's, h′ = φ(x·W + h·U + b).
///
/// Source: Elman, "Finding structure in time", 1990.
public struct RNNCell: RecurrentCell, GatedCell {
  static var gates: Int { 1 }
  /// The weights of inputs W `[features, units]`.
  public var inputWeight = Parameter()
  /// The weights of the state U `[units, units]`.
  public var stateWeight = Parameter()
  /// The bias b `[units]`, or `nil` for none.
  public var bias: Parameter?
  /// The number of outputs.
  public let units: Int
  /// The activation φ.
  public let activation: Activation
  /// How the weights of inputs are initialized.
  public let inputInitializer: Initializer
  /// How the weights of the state are initialized; the bias starts at 0.
  public let stateInitializer: Initializer

  /// A cell of the given number of units.
  public init(
    units: Int, activation: Activation = .tanh, bias: Bool = true, inputInitializer: Initializer = .glorotUniform,
    stateInitializer: Initializer = .orthogonal()
  ) {
    self.units = units
    self.activation = activation
    self.bias = bias ? Parameter() : nil
    self.inputInitializer = inputInitializer
    self.stateInitializer = stateInitializer
  }

  /// 0 `[batch, units]`.
  public func initialState(batch: Int, _ elementType: ElementType) -> Tensor {
    Tensor(zeros: [batch, units], elementType)
  }

  /// The products with the weights of inputs: `[…, features]` becomes `[…, units]`.
  public func prepared(_ inputs: Tensor) -> Tensor { projected(inputs) }

  /// The next state, which is the output as well.
  public func step(_ input: Tensor, from state: Tensor) -> (output: Tensor, state: Tensor) {
    if let refusal = refusal(input, state) { return (refusal, refusal) }
    let next = activation(input + matmul(state, stateMatrix(input.elementType)))
    return (next, next)
  }
}

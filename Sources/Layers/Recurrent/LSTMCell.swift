import DescentGraph
import DescentTensors

/// The cell of long short-term memory: gates decide what a memory takes in, what it keeps and what of it comes out.
///
/// With z = x·W + h·U + b in four parts, in this order: the input gate i = σ(z₁), the forget gate f = σ(z₂), the candidate
/// g = tanh(z₃) and the output gate o = σ(z₄); the memory becomes c′ = f·c + i·g, the output h′ = o·tanh(c′). It is the order of
/// PyTorch, Keras and MLX. Source: Hochreiter and Schmidhuber, 1997; Gers, Schmidhuber and Cummins, 2000.
public struct LSTMCell: RecurrentCell, GatedCell {
  static var gates: Int { 4 }
  /// The weights of inputs W `[features, 4 · units]`.
  public var inputWeight = Parameter()
  /// The weights of the hidden state U `[units, 4 · units]`.
  public var stateWeight = Parameter()
  /// The bias b `[4 · units]`, or `nil` for none.
  public var bias: Parameter?
  /// The number of outputs.
  public let units: Int
  /// What the bias of the forget gate begins with, while that of the others begins at 0.
  public let forgetBias: Double
  /// The fraction of the candidate's elements that is dropped while training, anew in each step.
  public let recurrentDropout: Double
  /// How the weights of inputs are initialized, each gate's on their own.
  public let inputInitializer: Initializer
  /// How the weights of the hidden state are initialized, each gate's on their own.
  public let stateInitializer: Initializer

  /// The hidden state, which is the output as well, and the memory.
  public struct State: Codable, Sendable {
    /// The hidden state h `[batch, units]`.
    public var hidden: Tensor
    /// The memory c `[batch, units]`.
    public var cell: Tensor

    /// A state of two parts.
    public init(hidden: Tensor, cell: Tensor) { (self.hidden, self.cell) = (hidden, cell) }
  }

  /// A cell of the given number of units.
  ///
  /// - Parameters:
  ///   - units: The number of outputs.
  ///   - bias: Whether learned numbers are added.
  ///   - forgetBias: What the bias of the forget gate begins with; at 1 the memory is kept at first. Source: Jozefowicz,
  ///     Zaremba and Sutskever, 2015.
  ///   - recurrentDropout: The fraction of the candidate's elements that is dropped while training, anew in each step, so that
  ///     the memory itself loses nothing. Source: Semeniuta, Severyn and Barth, 2016.
  ///   - inputInitializer: How the weights of inputs are initialized.
  ///   - stateInitializer: How the weights of the hidden state are initialized.
  public init(
    units: Int, bias: Bool = true, forgetBias: Double = 1, recurrentDropout: Double = 0,
    inputInitializer: Initializer = .glorotUniform, stateInitializer: Initializer = .orthogonal()
  ) {
    self.units = units
    self.bias = bias ? Parameter() : nil
    self.forgetBias = forgetBias
    self.recurrentDropout = recurrentDropout
    self.inputInitializer = inputInitializer
    self.stateInitializer = stateInitializer
  }

  /// 0 `[batch, units]` in both parts.
  public func initialState(batch: Int, _ elementType: ElementType) -> State {
    let zeros = Tensor(zeros: [batch, units], elementType)
    return State(hidden: zeros, cell: zeros)
  }

  /// The products with the weights of inputs: `[…, features]` becomes `[…, 4 · units]`.
  public func prepared(_ inputs: Tensor) -> Tensor { projected(inputs, biases: [0, forgetBias, 0, 0]) }

  /// The output and the next state.
  public func step(_ input: Tensor, from state: State) -> (output: Tensor, state: State) {
    if let refusal = refusal(input, state.hidden, state.cell) {
      return (refusal, State(hidden: refusal, cell: refusal))
    }
    let gates = input + matmul(state.hidden, stateMatrix(input.elementType))
    let parts = parts(gates, 4)
    let candidate = Dropout(rate: recurrentDropout)(tanh(parts[2]))
    let kept = sigmoid(parts[1]) * state.cell
    let cell = kept + sigmoid(parts[0]) * candidate
    let hidden = sigmoid(parts[3]) * tanh(cell)
    return (hidden, State(hidden: hidden, cell: cell))
  }
}

import DescentGraph
import DescentTensors

/// The gated recurrent unit: one gate decides how much of the state a candidate sees, another how far the state moves to it.
///
/// With a = x·W + b and s = h·U in three parts each, in this order: the reset gate r = σ(a₁ + s₁), the update gate
/// z = σ(a₂ + s₂), the candidate n = tanh(a₃ + r·(s₃ + b₃′)); the state becomes h′ = (1 − z)·n + z·h. It is the order and
/// the variant of PyTorch and MLX; Keras has z before r, and both of its biases where `reset_after` is true.
///
/// With `resetAfter: false` the gate resets the state before the product, n = tanh(a₃ + (r·h)·U₃), as in the paper. Source:
/// Cho et al., 2014.
public struct GRUCell: RecurrentCell, GatedCell {
  static var gates: Int { 3 }
  /// The weights of inputs W `[features, 3 · units]`.
  public var inputWeight = Parameter()
  /// The weights of the state U `[units, 3 · units]`.
  public var stateWeight = Parameter()
  /// The bias b `[3 · units]`, or `nil` for none.
  public var bias: Parameter?
  /// What is added to the state's product within the candidate, b₃′ `[units]`, or `nil` for nothing.
  public var candidateBias: Parameter?
  /// The number of outputs.
  public let units: Int
  /// Whether the state is reset after its product with the weights, rather than before.
  public let resetAfter: Bool
  /// The fraction of the candidate's elements that is dropped while training, anew in each step.
  public let recurrentDropout: Double
  /// How the weights of inputs are initialized, each gate's on their own.
  public let inputInitializer: Initializer
  /// How the weights of the state are initialized, each gate's on their own; biases start at 0.
  public let stateInitializer: Initializer

  /// A cell of the given number of units.
  ///
  /// - Parameters:
  ///   - units: The number of outputs.
  ///   - bias: Whether learned numbers are added.
  ///   - resetAfter: Whether the state is reset after its product with the weights, rather than before.
  ///   - recurrentDropout: The fraction of the candidate's elements that is dropped while training, anew in each step.
  ///     Source: Semeniuta, Severyn and Barth, 2016.
  ///   - inputInitializer: How the weights of inputs are initialized.
  ///   - stateInitializer: How the weights of the state are initialized.
  public init(
    units: Int, bias: Bool = true, resetAfter: Bool = true, recurrentDropout: Double = 0,
    inputInitializer: Initializer = .glorotUniform, stateInitializer: Initializer = .orthogonal()
  ) {
    self.units = units
    self.bias = bias ? Parameter() : nil
    candidateBias = bias && resetAfter ? Parameter() : nil
    self.resetAfter = resetAfter
    self.recurrentDropout = recurrentDropout
    self.inputInitializer = inputInitializer
    self.stateInitializer = stateInitializer
  }

  /// 0 `[batch, units]`.
  public func initialState(batch: Int, _ elementType: ElementType) -> Tensor {
    Tensor(zeros: [batch, units], elementType)
  }

  /// The products with the weights of inputs: `[…, features]` becomes `[…, 3 · units]`.
  public func prepared(_ inputs: Tensor) -> Tensor { projected(inputs) }

  /// The next state, which is the output as well.
  public func step(_ input: Tensor, from state: Tensor) -> (output: Tensor, state: Tensor) {
    if let refusal = refusal(input, state) { return (refusal, refusal) }
    let matrix = stateMatrix(input.elementType)
    let a = parts(input, 3)
    let (reset, update, memory) = resetAfter ? after(a, state, matrix) : before(a, state, matrix)
    let candidate = Dropout(rate: recurrentDropout)(tanh(a[2] + memory(reset)))
    let next = candidate + update * (state - candidate)
    return (next, next)
  }

  private typealias Gates = (reset: Tensor, update: Tensor, memory: (_ reset: Tensor) -> Tensor)

  /// The gates, and what of the state a reset leaves to the candidate where it follows the product.
  private func after(_ a: [Tensor], _ state: Tensor, _ matrix: Tensor) -> Gates {
    let s = parts(matmul(state, matrix), 3)
    let memory = candidateBias.map { s[2] + site.values(of: $0, [units], state.elementType, .zeros) } ?? s[2]
    return (sigmoid(a[0] + s[0]), sigmoid(a[1] + s[1]), { $0 * memory })
  }

  /// The same where the reset comes before the product.
  private func before(_ a: [Tensor], _ state: Tensor, _ matrix: Tensor) -> Gates {
    let s = parts(matmul(state, matrix.sliced(0..<2 * units, axis: 1)), 2)
    let last = matrix.sliced(2 * units..<3 * units, axis: 1)
    return (sigmoid(a[0] + s[0]), sigmoid(a[1] + s[1]), { matmul($0 * state, last) })
  }
}

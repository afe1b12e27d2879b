import Descent

/// A step of a loop, with what it is given.
struct LoopForm: Sendable {
  /// What the step is called.
  let name: String
  /// What the first step is given.
  let state: [TensorType]
  /// A slice of what is walked along.
  let slice: TensorType
  /// What is the same in every step.
  let weights: [TensorType]
  /// One step: the next state and an output, from the state, a slice and the weights.
  let step: @Sendable (_ state: [Tensor], _ slice: Tensor, _ weights: [Tensor]) -> ([Tensor], Tensor)

  /// The steps that are tried.
  static let all = [elementwise, lstm, buffer]

  /// As little as a step can do: one kernel on 16 numbers.
  static let elementwise = LoopForm(
    name: "elementwise", state: [TensorType([16], .float32)], slice: TensorType([16], .float32), weights: []
  ) { state, x, _ in
    let next = tanh(state[0] * 0.9 + x)
    return ([next], next)
  }

  /// A long short-term memory of 64 numbers, for 8 examples.
  static let lstm = LoopForm(
    name: "lstm", state: [TensorType([8, 64], .float32), TensorType([8, 64], .float32)],
    slice: TensorType([8, 64], .float32),
    weights: [TensorType([64, 256], .float32), TensorType([64, 256], .float32), TensorType([256], .float32)]
  ) { state, x, weights in
    let gates = matmul(x, weights[0]) + matmul(state[0], weights[1]) + weights[2]
    func gate(_ number: Int) -> Tensor { gates[0..., (64 * number)..<(64 * number + 64)] }
    let memory = sigmoid(gate(0)) * state[1] + sigmoid(gate(1)) * tanh(gate(2))
    let next = sigmoid(gate(3)) * tanh(memory)
    return ([next, memory], next)
  }

  /// A table of 1,024 rows in which each step replaces one.
  static let buffer = LoopForm(
    name: "buffer", state: [TensorType([1024, 64], .float32), TensorType([1], .int32)],
    slice: TensorType([1, 64], .float32), weights: []
  ) { state, x, _ in
    let row = state[0].sliced(from: state[1], sizes: [1], axes: [0])
    let table = state[0].replacing(from: state[1], with: tanh(row + x), axes: [0])
    return ([table, remainder(state[1] + 1, Tensor(1024, .int32))], row)
  }

  /// The arguments of a loop of so many steps, and the sum of its outputs: as a loop, or one step written after the
  /// other.
  func write(steps: Int, isUnrolled: Bool) throws -> (arguments: [Tensor], loss: Tensor) {
    let first = state.map { Tensor.placeholder($0) }
    let sequence = Tensor.placeholder(slice.with(shape: slice.shape.prepending(steps)))
    let weights = weights.map { Tensor.placeholder($0) }
    let outputs: Tensor
    if isUnrolled {
      var (state, list): ([Tensor], [Tensor]) = (first, [])
      for index in 0..<steps {
        let (next, output) = step(state, sequence[index], weights)
        state = next
        list.append(output)
      }
      outputs = stacked(list)
    } else {
      outputs = try scan(over: sequence, from: first) { step($0, $1, weights) }.outputs
    }
    return (first + [sequence] + weights, outputs.sum())
  }
}

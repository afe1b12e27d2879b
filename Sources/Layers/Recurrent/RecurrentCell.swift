import DescentGraph
import DescentTensors

/// One step of a recurrent layer: the next state and an output, from the state and an input.
///
/// `Recurrent(cell:)` walks along sequences with any cell. One of your own has a state of any form, and a step:
///
/// ```swift
/// struct LeakyCell: RecurrentCell {
///   var input = Dense(units: 8)
///   var recurrent = Dense(units: 8, bias: false)
///   func initialState(batch: Int, _ elementType: ElementType) -> Tensor { Tensor(zeros: [batch, 8], elementType) }
///   func prepared(_ inputs: Tensor) -> Tensor { input(inputs) }
///   func step(_ input: Tensor, from state: Tensor) -> (output: Tensor, state: Tensor) {
///     let next = 0.9 * state + 0.1 * tanh(input + recurrent(state))
///     return (next, next)
///   }
/// }
/// let layer = Recurrent(cell: LeakyCell(), layers: 2)
/// ```
public protocol RecurrentCell: Model {
  /// What a step leaves for the next one: tensors `[batch, …]`, in any form.
  associatedtype State: Codable & Sendable

  /// The state before the first step.
  ///
  /// - Parameters:
  ///   - batch: The number of sequences.
  ///   - elementType: The type that the cell computes in, that of `prepared(_:)`.
  func initialState(batch: Int, _ elementType: ElementType) -> State

  /// What steps are given of their inputs: whatever does not depend on the state, such as the product with weights, which is
  /// computed for all steps at once. The inputs as they are, unless the cell says otherwise.
  ///
  /// - Parameter inputs: `[…, features]`, with a batch axis, and one of time before it.
  func prepared(_ inputs: Tensor) -> Tensor

  /// The output `[batch, features]` and the next state.
  ///
  /// - Parameters:
  ///   - input: What `prepared(_:)` gave, of one step: `[batch, …]`.
  ///   - state: The state before the step; the next one has its form, its shapes and element types.
  func step(_ input: Tensor, from state: State) throws -> (output: Tensor, state: State)
}

extension RecurrentCell {
  public func prepared(_ inputs: Tensor) -> Tensor { Run.current.input(inputs) }

  /// One step: the output and the next state, whose tensors carry the error where something fails.
  ///
  /// - Parameters:
  ///   - input: `[batch, features]`.
  ///   - state: The state before the step, the initial one where none is given.
  public func callAsFunction(_ input: Tensor, from state: State? = nil) -> (output: Tensor, state: State) {
    func carrying(_ error: any Error) -> (output: Tensor, state: State) {
      let failed = Tensor.failing(error, in: "\(Self.self)")
      return (failed, filled(state ?? initialState(batch: 1, .float32)) { _ in failed })
    }
    guard input.error == nil, let batch = input.shape.first, input.rank >= 2 else {
      return carrying(
        input.error ?? TensorError("\(Self.self)", "takes an input [batch, features], found \(input.shape)"))
    }
    let prepared = prepared(input)
    if let error = prepared.error { return carrying(error) }
    let begin = state.map { filled($0) { Run.current.input($0) } } ?? initialState(batch: batch, prepared.elementType)
    do { return try step(prepared, from: begin) } catch { return carrying(error) }
  }
}

/// A state with other tensors.
func filled<State: Codable>(_ state: State, _ transform: (Tensor) -> Tensor) -> State {
  zip(state, state) { tensor, _ in transform(tensor) }
}

extension Tensor {
  /// A tensor that carries an error, told by a layer unless it says itself who tells it.
  static func failing(_ error: any Error, in title: String) -> Tensor {
    Tensor(error: error as? TensorError ?? TensorError(title, "\(error)"))
  }
}

import DescentGraph
import DescentTensors

/// A layer that walks along sequences with a cell: `RNN`, `LSTM`, `GRU`, or any cell of one's own.
///
/// `[batch, time, features]` becomes `[batch, time, units]`, with the outputs of both directions one after the other where
/// there are two. Several layers lie on top of each other, each along the outputs of the one below. All is one loop for each
/// cell (`scan`): a longer sequence is a longer loop, not a larger graph. What a cell makes of its inputs alone is computed for
/// all steps at once, before the loop.
///
/// ```swift
/// let lstm = LSTM(units: 256, layers: 2, direction: .both)
/// let vectors = lstm(words)                                                    // [batch, time, 512]
/// let (outputs, last) = lstm(Sequences(words, lengths: lengths), from: previous)
/// ```
public struct Recurrent<Cell: RecurrentCell>: Layer {
  /// The cells, from the lowest layer up; of each layer that of the forward direction first.
  public var cells: [Cell]
  /// In which direction sequences are walked along.
  public let direction: RecurrentDirection
  /// The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  public let dropout: Double

  /// Layers of equal cells, which learn weights of their own.
  ///
  /// - Parameters:
  ///   - cell: A cell; all begin like it.
  ///   - layers: The number of layers.
  ///   - direction: In which direction sequences are walked along.
  ///   - dropout: The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  public init(cell: Cell, layers: Int = 1, direction: RecurrentDirection = .forward, dropout: Double = 0) {
    let count = min(max(0, layers), 1 << 16) * direction.count
    self.init(cells: [Cell](repeating: cell, count: count), direction: direction, dropout: dropout)
  }

  /// Layers of the given cells.
  ///
  /// - Parameters:
  ///   - cells: The cells, from the lowest layer up; of each layer that of the forward direction first.
  ///   - direction: In which direction sequences are walked along.
  ///   - dropout: The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  public init(cells: [Cell], direction: RecurrentDirection = .forward, dropout: Double = 0) {
    self.cells = cells
    self.direction = direction
    self.dropout = dropout
  }

  /// The outputs of sequences of one length, from the initial state: `[batch, time, features]` becomes `[batch, time,
  /// units]`.
  public func callAsFunction(_ sequences: Tensor) -> Tensor { self(Sequences(sequences)).outputs }

  /// The outputs of sequences, and the states after their last steps.
  ///
  /// - Parameters:
  ///   - sequences: The sequences `[batch, time, features]`, which may differ in length.
  ///   - states: The states to begin from, one for each cell, such as the last ones of what came before; the initial ones where
  ///     none are given. Walked along backward, a sequence begins with its last step.
  /// - Returns: The outputs of the last layer `[batch, time, units]`, 0 where a sequence has no step, and the last state
  ///   of each cell. All carry the error where something fails.
  public func callAsFunction(_ sequences: Sequences, from states: [Cell.State]? = nil) -> (
    outputs: Tensor, last: [Cell.State]
  ) {
    do { return try walk(sequences, from: states) } catch {
      let failed = Tensor.failing(error, in: "\(Self.self)")
      let begin = states ?? cells.map { $0.initialState(batch: 1, .float32) }
      return (failed, begin.map { filled($0) { _ in failed } })
    }
  }

  private func walk(_ sequences: Sequences, from states: [Cell.State]?) throws -> (
    outputs: Tensor, last: [Cell.State]
  ) {
    let site = LayerSite("\(Self.self)")
    if let fault = sequences.fault(site) { throw fault }
    guard !cells.isEmpty, cells.count.isMultiple(of: direction.count) else {
      throw TensorError(
        site.title, "has \(cells.count) cells; it needs \(direction.count) for each layer, at least one")
    }
    guard states.map({ $0.count == cells.count }) ?? true else {
      throw TensorError(
        site.title, "has \(cells.count) cells, which take a state each, found \(states?.count ?? 0) states")
    }
    guard dropout >= 0, dropout < 1 else {
      throw TensorError(site.title, "its dropout rate must be at least 0 and less than 1, found \(dropout)")
    }
    // The axis of time comes first, since loops walk along the first one.
    var x = sequences.filled.moved(1, to: 0)
    let mask = sequences.mask?.transposed()
    var last: [Cell.State] = []
    for layer in 0..<cells.count / direction.count {
      if layer > 0 { x = Dropout(rate: dropout)(x) }
      let outputs = try (0..<direction.count).map { side in
        let number = layer * direction.count + side
        let isReversed = direction == .backward || side == 1
        let (state, outputs) = try loop(cells[number], x, mask, from: states?[number], isReversed)
        last.append(state)
        return outputs
      }
      x = outputs.count == 1 ? outputs[0] : concatenated(outputs, axis: -1)
    }
    if let error = x.error { throw error }
    let outputs = x.moved(0, to: 1)
    return (Run.current.probe?.activity(outputs) ?? outputs, last)
  }

  /// One cell along sequences `[time, batch, features]`.
  private func loop(
    _ cell: Cell, _ x: Tensor, _ mask: Tensor?, from state: Cell.State?, _ isReversed: Bool
  ) throws -> (state: Cell.State, outputs: Tensor) {
    let inputs = cell.prepared(x)
    if let error = inputs.error { throw error }
    let begin =
      state.map { filled($0) { Run.current.input($0) } } ?? cell.initialState(batch: x.shape[1], inputs.elementType)
    guard let mask else {
      return try scan(over: inputs, from: begin, reversed: isReversed) { state, input in
        let (output, next) = try cell.step(input, from: state)
        return (next, output)
      }
    }
    return try scan(over: [inputs, mask], from: begin, reversed: isReversed) { state, slices in
      let (output, next) = try cell.step(slices[0], from: state)
      let still = zip(next, state) { next, old in chosen(slices[1], next, old) }
      return (still, chosen(slices[1], output, number(0, output.elementType)))
    }
  }

  /// What is new in the rows `[batch, …]` where there is a step, and what was before in the others.
  private func chosen(_ isStep: Tensor, _ new: Tensor, _ old: Tensor) -> Tensor {
    guard new.error == nil, new.shape.first == isStep.shape[0] else { return new }
    let rows = isStep.reshaped(Shape([isStep.shape[0]] + [Int](repeating: 1, count: new.rank - 1)))
    return `where`(rows, new, old)
  }
}

/// In which direction a recurrent layer walks along sequences.
public enum RecurrentDirection: String, Sendable, Hashable, Codable {
  /// From the first step on.
  case forward
  /// From the last step back.
  case backward
  /// Both ways, by a cell each; their outputs follow each other along the last axis.
  case both

  /// The number of cells of a layer.
  var count: Int { self == .both ? 2 : 1 }
}

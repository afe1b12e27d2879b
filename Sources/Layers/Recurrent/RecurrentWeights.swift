import DescentGraph
import DescentTensors

// The weights of other libraries. Documentation/Layers.md has the rules.

extension Recurrent where Cell == RNNCell {
  /// The layer with the weights of a `torch.nn.RNN`.
  ///
  /// - Parameters:
  ///   - tensors: The state of a module, such as `Safetensors` reads it: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and so
  ///     on.
  ///   - prefix: What stands before these names, such as `encoder.rnn.`.
  /// - Throws: `TensorError` where a tensor is missing, has another shape or belongs to a layer that there is not; it names
  ///   the tensor.
  public func loading(pyTorch tensors: [String: Tensor], prefix: String = "") throws -> Self {
    try withTorchWeights(tensors, prefix)
  }

  /// The layer with the weights of Keras' `SimpleRNN`, as `get_weights()` gives them, those of all cells in order.
  ///
  /// - Throws: `TensorError` where a tensor is missing or has another shape.
  public func loading(keras weights: [Tensor]) throws -> Self { try withKerasWeights(weights) }
}

extension Recurrent where Cell == LSTMCell {
  /// The layer with the weights of a `torch.nn.LSTM`.
  ///
  /// - Parameters:
  ///   - tensors: The state of a module, such as `Safetensors` reads it: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and so
  ///     on.
  ///   - prefix: What stands before these names, such as `encoder.lstm.`.
  /// - Throws: `TensorError` where a tensor is missing, has another shape or belongs to a layer that there is not; it names
  ///   the tensor.
  public func loading(pyTorch tensors: [String: Tensor], prefix: String = "") throws -> Self {
    try withTorchWeights(tensors, prefix)
  }

  /// The layer with the weights of Keras' `LSTM`, as `get_weights()` gives them, those of all cells in order.
  ///
  /// - Throws: `TensorError` where a tensor is missing or has another shape.
  public func loading(keras weights: [Tensor]) throws -> Self { try withKerasWeights(weights) }
}

extension Recurrent where Cell == GRUCell {
  /// The layer with the weights of a `torch.nn.GRU`.
  ///
  /// - Parameters:
  ///   - tensors: The state of a module, such as `Safetensors` reads it: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and so
  ///     on.
  ///   - prefix: What stands before these names, such as `encoder.gru.`.
  /// - Throws: `TensorError` where a tensor is missing, has another shape or belongs to a layer that there is not; it names
  ///   the tensor. Also where the state is reset before its product, as PyTorch never does.
  public func loading(pyTorch tensors: [String: Tensor], prefix: String = "") throws -> Self {
    guard cells.allSatisfy(\.resetAfter) else {
      throw TensorError(
        "\(Self.self)",
        "resets its state before the product, by which PyTorch's weights mean another formula; make it with resetAfter: true"
      )
    }
    return try withTorchWeights(tensors, prefix)
  }

  /// The layer with the weights of Keras' `GRU`, as `get_weights()` gives them, those of all cells in order.
  ///
  /// - Throws: `TensorError` where a tensor is missing or has another shape.
  public func loading(keras weights: [Tensor]) throws -> Self { try withKerasWeights(weights) }
}

extension Recurrent where Cell: ForeignWeights {
  fileprivate func withTorchWeights(_ tensors: [String: Tensor], _ prefix: String) throws -> Self {
    try refuseFurtherCells(tensors, prefix)
    var copy = self
    for number in cells.indices {
      let (layer, isSecond) = (number / direction.count, number % direction.count == 1)
      // The cell of a layer that walks backward alone is the first one elsewhere.
      let suffix = "_l\(layer)" + (isSecond ? "_reverse" : "")
      func read(_ name: String) throws -> CellWeights.Named {
        let key = prefix + name + suffix
        guard let tensor = tensors[key] else {
          throw TensorError("\(Self.self)", "takes '\(key)', which is not among \(tensors.count) tensors")
        }
        return CellWeights.Named(key, tensor)
      }
      let hasBias = cells[number].bias != nil
      if !hasBias, tensors[prefix + "bias_ih" + suffix] != nil {
        throw TensorError("\(Self.self)", "was made without a bias, found '\(prefix)bias_ih\(suffix)'")
      }
      let width = try cells[number].width()
      copy.cells[number].take(
        CellWeights(
          input: try read("weight_ih").checked([width, nil]).transposed(),
          state: try read("weight_hh").checked([width, cells[number].units]).transposed(),
          inputBias: hasBias ? try read("bias_ih").checked([width]) : nil,
          stateBias: hasBias ? try read("bias_hh").checked([width]) : nil))
    }
    return copy
  }

  /// Throws where the tensors are those of a module with more cells.
  private func refuseFurtherCells(_ tensors: [String: Tensor], _ prefix: String) throws {
    let layers = cells.count / direction.count
    for (key, hint) in [
      ("\(prefix)weight_hh_l\(layers)", "more layers, by layers:"),
      ("\(prefix)weight_hh_l0_reverse", "both directions, by direction: .both"),
    ] where tensors[key] != nil && (direction != .both || !key.hasSuffix("_reverse")) {
      throw TensorError("\(Self.self)", "has no cell for '\(key)'; make it with \(hint)")
    }
  }

  fileprivate func withKerasWeights(_ weights: [Tensor]) throws -> Self {
    var copy = self
    var rest = weights[...]
    for number in cells.indices {
      let cell = cells[number]
      let (units, width) = (cell.units, try cell.width())
      func next(_ name: String, _ sizes: [Int?]) throws -> Tensor {
        guard let tensor = rest.popFirst() else {
          throw TensorError("\(Self.self)", "takes a \(name) for cell \(number), found \(weights.count) tensors in all")
        }
        let checked = try CellWeights.Named("\(name) of cell \(number)", tensor).checked(sizes)
        return Cell.reordersKerasGates ? Self.swapped(checked, units) : checked
      }
      var made = CellWeights(
        input: try next("kernel", [nil, width]), state: try next("recurrent kernel", [units, width]))
      if cell.bias != nil {
        let both = cell.hasTwoBiases
        let bias = try next("bias", both ? [2, width] : [width])
        made.inputBias = both ? bias[0] : bias
        made.stateBias = both ? bias[1] : nil
      }
      copy.cells[number].take(made)
    }
    guard rest.isEmpty else {
      throw TensorError("\(Self.self)", "takes \(weights.count - rest.count) tensors, found \(weights.count)")
    }
    return copy
  }

  /// The first two gates in each other's place.
  private static func swapped(_ x: Tensor, _ units: Int) -> Tensor {
    let parts = x.split([units, units, units], axis: -1)
    return parts.count == 3 ? concatenated([parts[1], parts[0], parts[2]], axis: -1) : parts[0]
  }
}

/// The weights of a cell as other libraries hold them, in the order of the gates and axes here.
struct CellWeights {
  /// Of inputs `[features, gates · units]`.
  var input: Tensor
  /// Of the state `[units, gates · units]`.
  var state: Tensor
  /// What is added to the input's products `[gates · units]`.
  var inputBias: Tensor?
  /// What is added to the state's products `[gates · units]`.
  var stateBias: Tensor?

  /// Both biases in one.
  var bias: Tensor? {
    guard let inputBias else { return nil }
    return stateBias.map { inputBias + $0 } ?? inputBias
  }

  /// A tensor with the name that errors give it.
  struct Named {
    let name: String
    let tensor: Tensor

    init(_ name: String, _ tensor: Tensor) { (self.name, self.tensor) = (name, tensor) }

    /// The tensor, which has the given sizes, any where none is given.
    func checked(_ sizes: [Int?]) throws -> Tensor {
      if let error = tensor.error { throw error }
      let fits = tensor.rank == sizes.count && zip(tensor.shape, sizes).allSatisfy { $1 == nil || $0 == $1 }
      guard fits, tensor.elementType.isFloatingPoint else {
        let wanted = sizes.map { $0.map(String.init) ?? "features" }.joined(separator: ", ")
        throw TensorError("loading", "'\(name)' is to be [\(wanted)], found \(tensor.elementType)\(tensor.shape)")
      }
      return tensor
    }
  }
}

/// A cell that other libraries have, too.
protocol ForeignWeights: GatedCell {
  /// Whether Keras has the first two gates the other way round.
  static var reordersKerasGates: Bool { get }
  /// Whether Keras keeps the biases of inputs and state apart.
  var hasTwoBiases: Bool { get }
  /// Takes the weights.
  mutating func take(_ weights: CellWeights)
}

extension ForeignWeights {
  static var reordersKerasGates: Bool { false }
  var hasTwoBiases: Bool { false }
  mutating func take(_ weights: CellWeights) {
    (inputWeight.tensor, stateWeight.tensor) = (weights.input, weights.state)
    bias?.tensor = weights.bias
  }
}

extension RNNCell: ForeignWeights {}
extension LSTMCell: ForeignWeights {}

extension GRUCell: ForeignWeights {
  static var reordersKerasGates: Bool { true }
  var hasTwoBiases: Bool { resetAfter }
  mutating func take(_ weights: CellWeights) {
    (inputWeight.tensor, stateWeight.tensor) = (weights.input, weights.state)
    bias?.tensor = weights.bias
    guard resetAfter, let inputBias = weights.inputBias, let stateBias = weights.stateBias else { return }
    // Within the candidate the state's bias is reset with its product, and stays apart.
    let gates = stateBias.sliced(0..<2 * units, axis: 0)
    bias?.tensor = inputBias + concatenated([gates, Tensor(zeros: [units], stateBias.elementType)], axis: 0)
    candidateBias?.tensor = stateBias.sliced(2 * units..<3 * units, axis: 0)
  }
}

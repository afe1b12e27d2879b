/// The plain recurrent layer h′ = φ(x·W + h·U + b); see `RNNCell` and `Recurrent`.
public typealias RNN = Recurrent<RNNCell>

/// Long short-term memory; see `LSTMCell` and `Recurrent`.
public typealias LSTM = Recurrent<LSTMCell>

/// Gated recurrent units; see `GRUCell` and `Recurrent`.
public typealias GRU = Recurrent<GRUCell>

extension Recurrent where Cell == RNNCell {
  /// Layers of plain recurrent units.
  ///
  /// - Parameters:
  ///   - units: The number of outputs of each layer and direction.
  ///   - layers: The number of layers.
  ///   - direction: In which direction sequences are walked along.
  ///   - activation: The activation.
  ///   - bias: Whether learned numbers are added.
  ///   - dropout: The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  public init(
    units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, activation: Activation = .tanh,
    bias: Bool = true, dropout: Double = 0
  ) {
    self.init(
      cell: RNNCell(units: units, activation: activation, bias: bias), layers: layers, direction: direction,
      dropout: dropout)
  }
}

extension Recurrent where Cell == LSTMCell {
  /// Layers of long short-term memory.
  ///
  /// - Parameters:
  ///   - units: The number of outputs of each layer and direction.
  ///   - layers: The number of layers.
  ///   - direction: In which direction sequences are walked along.
  ///   - bias: Whether learned numbers are added.
  ///   - dropout: The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  ///   - recurrentDropout: The fraction of the candidates' elements that is dropped while training, anew in each step.
  public init(
    units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, bias: Bool = true, dropout: Double = 0,
    recurrentDropout: Double = 0
  ) {
    self.init(
      cell: LSTMCell(units: units, bias: bias, recurrentDropout: recurrentDropout), layers: layers,
      direction: direction, dropout: dropout)
  }
}

extension Recurrent where Cell == GRUCell {
  /// Layers of gated recurrent units.
  ///
  /// - Parameters:
  ///   - units: The number of outputs of each layer and direction.
  ///   - layers: The number of layers.
  ///   - direction: In which direction sequences are walked along.
  ///   - bias: Whether learned numbers are added.
  ///   - resetAfter: Whether the state is reset after its product with the weights, rather than before.
  ///   - dropout: The fraction of each layer's outputs, but for the last one's, that is dropped while training.
  ///   - recurrentDropout: The fraction of the candidates' elements that is dropped while training, anew in each step.
  public init(
    units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, bias: Bool = true,
    resetAfter: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0
  ) {
    self.init(
      cell: GRUCell(units: units, bias: bias, resetAfter: resetAfter, recurrentDropout: recurrentDropout),
      layers: layers, direction: direction, dropout: dropout)
  }
}

import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Recurrent layers against PyTorch's, forward and gradient: of inputs, initial states and all weights.
@Suite struct RecurrentTorchTests {
  /// The state of a module as scripts/layer-values.py fills it.
  private func state(gates: Int, layers: Int, directions: Int, bias: Bool) -> [String: Tensor] {
    var (state, seed): ([String: Tensor], Int) = ([:], 0)
    func add(_ name: String, _ shape: Shape) {
      seed += 1
      state[name] = sample(shape, seed: seed) * 0.5
    }
    for layer in 0..<layers {
      for suffix in ["_l\(layer)", "_l\(layer)_reverse"].prefix(directions) {
        add("weight_ih\(suffix)", [3 * gates, layer == 0 ? 4 : 3 * directions])
        add("weight_hh\(suffix)", [3 * gates, 3])
        if bias { for name in ["bias_ih", "bias_hh"] { add("\(name)\(suffix)", [3 * gates]) } }
      }
    }
    return state
  }

  private func suffixes(_ layers: Int, _ directions: Int) -> [String] {
    (0..<layers).flatMap { layer in ["_l\(layer)", "_l\(layer)_reverse"].prefix(directions) }
  }

  private let x = sample([3, 5, 4], seed: 20)
  private let lengths = Tensor(integers: [3, 5, 1])

  private struct Case {
    let name: String
    var layers = 1
    var directions = 1
    var bias = true
    var isRagged = false

    static func all(_ kind: String) -> [Case] {
      [
        Case(name: "\(kind) plain"), Case(name: "\(kind) without bias", bias: false),
        Case(name: "\(kind) deep", layers: 2, directions: 2),
        Case(name: "\(kind) ragged", layers: 2, directions: 2, isRagged: true),
      ]
    }
  }

  /// The stored state of each cell `[cells, batch, units]`.
  private func states(_ test: Case, seed: Int) -> [Tensor] {
    let all = sample([test.layers * test.directions, 3, 3], seed: seed)
    return (0..<all.shape[0]).map { all[$0] }
  }

  private func sequences(_ x: Tensor, _ test: Case) -> Sequences {
    Sequences(x, lengths: test.isRagged ? lengths : nil)
  }

  /// Compares the gradient of each cell's weights.
  private func expect(_ test: Case, _ cells: [(input: Parameter, state: Parameter, bias: Parameter?)]) throws {
    for (cell, suffix) in zip(cells, suffixes(test.layers, test.directions)) {
      let name = "\(test.name).gradient."
      try expectTorch(cell.input.tensor, "\(name)weight_ih\(suffix)") { $0.transposed() }
      try expectTorch(cell.state.tensor, "\(name)weight_hh\(suffix)") { $0.transposed() }
      if let bias = cell.bias { try expectTorch(bias.tensor, "\(name)bias_ih\(suffix)") }
      #expect((cell.bias != nil) == test.bias)
    }
  }

  @Test func plainUnits() throws {
    for test in Case.all("RNN") + [Case(name: "RNN relu")] {
      let layer = try RNN(
        units: 3, layers: test.layers, direction: test.directions == 2 ? .both : .forward,
        activation: test.name == "RNN relu" ? .relu : .tanh, bias: test.bias
      ).loading(pyTorch: state(gates: 1, layers: test.layers, directions: test.directions, bias: test.bias))
      let begin = states(test, seed: 21)
      let (outputs, last) = layer(sequences(x, test), from: begin)
      try expectTorch(outputs, "\(test.name).outputs")
      try expectTorch(stacked(last), "\(test.name).hidden")
      let slopes = try gradient(at: layer, x, begin) { layer, x, begin in
        let (outputs, last) = layer(sequences(x, test), from: begin)
        return weighted([outputs, stacked(last)])
      }
      try expectTorch(slopes.1, "\(test.name).gradient.input")
      try expectTorch(stacked(slopes.2), "\(test.name).gradient.initial hidden")
      try expect(test, slopes.0.cells.map { ($0.inputWeight, $0.stateWeight, $0.bias) })
    }
  }

  @Test func longShortTermMemory() throws {
    for test in Case.all("LSTM") {
      let layer = try LSTM(
        units: 3, layers: test.layers, direction: test.directions == 2 ? .both : .forward, bias: test.bias
      ).loading(pyTorch: state(gates: 4, layers: test.layers, directions: test.directions, bias: test.bias))
      let begin = zip(states(test, seed: 21), states(test, seed: 22)).map { LSTMCell.State(hidden: $0, cell: $1) }
      func results(_ layer: LSTM, _ x: Tensor, _ begin: [LSTMCell.State]) -> [Tensor] {
        let (outputs, last) = layer(sequences(x, test), from: begin)
        return [outputs, stacked(last.map(\.hidden)), stacked(last.map(\.cell))]
      }
      let found = results(layer, x, begin)
      for (tensor, name) in zip(found, ["outputs", "hidden", "cell"]) {
        try expectTorch(tensor, "\(test.name).\(name)")
      }
      let slopes = try gradient(at: layer, x, begin) { weighted(results($0, $1, $2)) }
      try expectTorch(slopes.1, "\(test.name).gradient.input")
      try expectTorch(stacked(slopes.2.map(\.hidden)), "\(test.name).gradient.initial hidden")
      try expectTorch(stacked(slopes.2.map(\.cell)), "\(test.name).gradient.initial cell")
      try expect(test, slopes.0.cells.map { ($0.inputWeight, $0.stateWeight, $0.bias) })
    }
  }

  @Test func gatedUnits() throws {
    for test in Case.all("GRU") {
      let layer = try GRU(
        units: 3, layers: test.layers, direction: test.directions == 2 ? .both : .forward, bias: test.bias
      ).loading(pyTorch: state(gates: 3, layers: test.layers, directions: test.directions, bias: test.bias))
      let begin = states(test, seed: 21)
      let (outputs, last) = layer(sequences(x, test), from: begin)
      try expectTorch(outputs, "\(test.name).outputs")
      try expectTorch(stacked(last), "\(test.name).hidden")
      let slopes = try gradient(at: layer, x, begin) { layer, x, begin in
        let (outputs, last) = layer(sequences(x, test), from: begin)
        return weighted([outputs, stacked(last)])
      }
      try expectTorch(slopes.1, "\(test.name).gradient.input")
      try expectTorch(stacked(slopes.2), "\(test.name).gradient.initial hidden")
      try expect(test, slopes.0.cells.map { ($0.inputWeight, $0.stateWeight, $0.bias) })
      for (cell, suffix) in zip(slopes.0.cells, suffixes(test.layers, test.directions)) where test.bias {
        try expectTorch(cell.candidateBias?.tensor, "\(test.name).gradient.bias_hh\(suffix)") {
          $0.sliced(6..<9, axis: 0)
        }
      }
    }
  }

  /// A backward layer alone is the second half of one in both directions.
  @Test func backwardAlone() throws {
    let both = try GRU(units: 3, direction: .both).loading(
      pyTorch: state(gates: 3, layers: 1, directions: 2, bias: true))
    let back = GRU(cells: [both.cells[1]], direction: .backward)
    let sequences = Sequences(x, lengths: lengths)
    let (wanted, found) = (both(sequences), back(sequences))
    try expectClose(found.outputs.scalars(), wanted.outputs.sliced(3..<6, axis: -1).scalars())
    try expectClose(found.last[0].scalars(), wanted.last[1].scalars())
  }

  /// Keras keeps the matrices as they are here, the update gate before the reset gate, and both biases of a GRU.
  @Test func weightsOfKeras() throws {
    let torch = state(gates: 3, layers: 1, directions: 1, bias: true)
    func part(_ name: String) throws -> Tensor { try #require(torch[name + "_l0"]) }
    func swapped(_ x: Tensor) -> Tensor {
      let parts = x.split([3, 3, 3], axis: -1)
      return concatenated([parts[1], parts[0], parts[2]], axis: -1)
    }
    let weights = try [part("weight_ih").transposed(), part("weight_hh").transposed()].map(swapped)
    let biases = try stacked([part("bias_ih"), part("bias_hh")].map(swapped))
    let wanted = try GRU(units: 3).loading(pyTorch: torch)(x)
    let found = try GRU(units: 3).loading(keras: weights + [biases])
    try expectClose(found(x).scalars(), wanted.scalars())
    // With the reset before the product, one bias.
    let before = try GRU(units: 3, resetAfter: false).loading(keras: weights + [biases[0]])
    #expect(before.cells[0].candidateBias == nil)
    try expectClose(#require(before.cells[0].bias?.tensor).scalars(), part("bias_ih").scalars())

    let four = state(gates: 4, layers: 1, directions: 1, bias: true)
    let memory = try LSTM(units: 3).loading(keras: [
      #require(four["weight_ih_l0"]).transposed(), #require(four["weight_hh_l0"]).transposed(),
      #require(four["bias_ih_l0"]) + #require(four["bias_hh_l0"]),
    ])
    try expectClose(memory(x).scalars(), LSTM(units: 3).loading(pyTorch: four)(x).scalars())
  }

  @Test func weightsThatDoNotFit() throws {
    var torch = state(gates: 4, layers: 1, directions: 1, bias: true)
    func told(_ layer: LSTM, _ prefix: String = "") -> String {
      fault { _ = try layer.loading(pyTorch: torch, prefix: prefix) }
    }
    #expect(told(LSTM(units: 3), "rnn.").contains("takes 'rnn.weight_ih_l0', which is not among 4 tensors"))
    #expect(told(LSTM(units: 3, layers: 2)).contains("takes 'weight_ih_l1'"))
    #expect(told(LSTM(units: 2)).hasPrefix("loading: 'weight_ih_l0' is to be [8, features], found float64[12, 4]"))
    #expect(told(LSTM(units: .max)).contains("units; it needs"))
    #expect(told(LSTM(units: 3, bias: false)).contains("was made without a bias, found 'bias_ih_l0'"))
    torch["bias_hh_l0"] = nil
    #expect(told(LSTM(units: 3)).contains("takes 'bias_hh_l0'"))
    let kernel = Tensor(zeros: [4, 12])
    #expect(fault { _ = try LSTM(units: 3).loading(keras: [kernel]) }.contains("takes a recurrent kernel for cell 0"))
    let many = [kernel, Tensor(zeros: [3, 12]), Tensor(zeros: [12]), kernel]
    #expect(fault { _ = try LSTM(units: 3).loading(keras: many) }.contains("takes 3 tensors, found 4"))
  }

  @Test func statesOfOtherModulesAreTold() throws {
    let deep = state(gates: 3, layers: 2, directions: 2, bias: true)
    func told(_ layer: GRU) -> String { fault { _ = try layer.loading(pyTorch: deep) } }
    #expect(told(GRU(units: 3)).contains("has no cell for 'weight_hh_l1'; make it with more layers, by layers:"))
    let wide = told(GRU(units: 3, layers: 2))
    #expect(wide.contains("has no cell for 'weight_hh_l0_reverse'") && wide.contains("direction: .both"))
    let plain = state(gates: 3, layers: 1, directions: 1, bias: true)
    #expect(
      fault { _ = try GRU(units: 3, resetAfter: false).loading(pyTorch: plain) }.contains(
        "make it with resetAfter: true"))
  }
}

import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// What all recurrent layers have in common, with cells of the library and of one's own.
@Suite struct RecurrentTests {
  private let x = sample([3, 5, 4])
  private let lengths = Tensor(integers: [2, 5, 0])

  /// The gradient at weights, inputs and initial states against finite differences.
  private func expectDerivatives<Cell: RecurrentCell>(_ layer: Recurrent<Cell>, _ lengths: Tensor?) throws {
    let made = try layer.initialized(for: x, seed: 5)
    let begin = made(Sequences(x * 0.5)).last
    func loss(_ layer: Recurrent<Cell>, _ x: Tensor, _ begin: [Cell.State]) throws -> Tensor {
      let (outputs, last) = layer(Sequences(x, lengths: lengths), from: begin)
      let states = try namedTensors(of: last).sorted { $0.key < $1.key }.map(\.value)
      return weighted([outputs] + states)
    }
    try expectGradient(of: made) { try loss($0, x, begin) }
    try expectGradient(of: [x]) { try loss(made, $0[0], begin) }
    try expectGradient(of: begin) { try loss(made, x, $0) }
  }

  @Test func derivatives() throws {
    for lengths in [nil, lengths] {
      try expectDerivatives(RNN(units: 3, layers: 2), lengths)
      try expectDerivatives(LSTM(units: 2, direction: .both), lengths)
      try expectDerivatives(GRU(units: 2, direction: .backward), lengths)
      try expectDerivatives(GRU(units: 2, resetAfter: false), lengths)
      try expectDerivatives(Recurrent(cell: LeakyCell(), layers: 2), lengths)
    }
  }

  /// A cell of one's own, whose state is a tensor with a count beside it.
  struct LeakyCell: RecurrentCell {
    struct State: Codable, Sendable {
      var memory: Tensor
      var steps: Tensor
    }
    var input = Dense(units: 3)
    var recurrent = Dense(units: 3, bias: false)

    func initialState(batch: Int, _ elementType: ElementType) -> State {
      State(memory: Tensor(zeros: [batch, 3], elementType), steps: Tensor(zeros: [batch], elementType))
    }
    func prepared(_ inputs: Tensor) -> Tensor { input(inputs) }
    func step(_ input: Tensor, from state: State) -> (output: Tensor, state: State) {
      let moved = tanh(input + recurrent(state.memory))
      let next = 0.75 * state.memory + 0.25 * moved
      return (next * 2.0, State(memory: next, steps: state.steps + 1.0))
    }
  }

  /// A loop is the cell, step by step; a state stands still where its sequence has ended.
  @Test func cellsOfOnesOwn() throws {
    let layer = try Recurrent(cell: LeakyCell()).initialized(for: x)
    let (outputs, last) = layer(Sequences(x, lengths: lengths))
    #expect(try last[0].steps.scalars() == [2, 5, 0])
    #expect(outputs.shape == [3, 5, 3])
    for (row, length) in [2, 5, 0].enumerated() {
      var state: LeakyCell.State?
      for time in 0..<5 {
        let (output, next) = layer.cells[0](x[row, time].expanded(axis: 0), from: state)
        if time < length { state = next }
        try expectClose(outputs[row, time].scalars(), time < length ? output.scalars() : [0, 0, 0])
      }
      try expectClose(last[0].memory[row].scalars(), state?.memory.scalars() ?? [0, 0, 0])
    }
  }

  /// What fills up a sequence does not matter, in either direction, and neither do the others of the batch.
  @Test func eachSequenceIsOnItsOwn() throws {
    let layer = try LSTM(units: 3, layers: 2, direction: .both).initialized(for: x)
    let (outputs, last) = layer(Sequences(x, lengths: lengths))
    let isStep = try #require(Sequences(x, lengths: lengths).mask).expanded(axis: -1)
    let other = layer(Sequences(`where`(isStep, x, Tensor(1e6, .float64)), lengths: lengths))
    try expectClose(other.outputs.scalars(), outputs.scalars())
    for (row, length) in [2, 5, 0].enumerated() {
      let alone = layer(Sequences(x[row].expanded(axis: 0).sliced(0..<length, axis: 1)))
      #expect(alone.outputs.shape == [1, length, 6])
      try expectClose(alone.outputs.scalars(), outputs[row].sliced(0..<length).scalars())
      for (a, b) in zip(alone.last, last) {
        try expectClose(a.hidden.scalars(), b.hidden[row].scalars())
        try expectClose(a.cell.scalars(), b.cell[row].scalars())
      }
    }
    // A mask with a gap is the sequence without it.
    let mask = Tensor([true, false, true, true, false]).expanded(axis: 0)
    let one = x[1].expanded(axis: 0)
    let gap = layer(Sequences(one, mask: mask))
    let places = Tensor(integers: [0, 2, 3])
    let closed = layer(Sequences(one.taken(places, axis: 1)))
    try expectClose(gap.outputs.taken(places, axis: 1).scalars(), closed.outputs.scalars())
    try expectClose(gap.last[3].cell.scalars(), closed.last[3].cell.scalars())
  }

  /// Two halves, the second from where the first ended, are the whole.
  @Test func goesOnFromAState() throws {
    let layer = try GRU(units: 3, layers: 2).initialized(for: x)
    let whole = layer(Sequences(x))
    let first = layer(Sequences(x.sliced(0..<2, axis: 1)))
    let second = layer(Sequences(x.sliced(2..<5, axis: 1)), from: first.last)
    try expectClose(
      concatenated([first.outputs, second.outputs], axis: 1).scalars(), whole.outputs.scalars())
    for (a, b) in zip(second.last, whole.last) { try expectClose(a.scalars(), b.scalars()) }
    try expectClose(layer(x).scalars(), whole.outputs.scalars())
  }

  @Test func noStepsAtAll() throws {
    let layer = try LSTM(units: 3, direction: .both).initialized(for: x)
    let begin = (0..<2).map {
      LSTMCell.State(hidden: sample([3, 3], seed: $0 + 3), cell: sample([3, 3], seed: $0 + 5))
    }
    let none = layer(Sequences(x.sliced(0..<0, axis: 1)), from: begin)
    #expect(none.outputs.shape == [3, 0, 6])
    let empty = layer(Sequences(x, lengths: Tensor(integers: [0, 0, 0])), from: begin)
    #expect(try empty.outputs.scalars().allSatisfy { $0 == 0 })
    for (a, b) in zip(none.last + empty.last, begin + begin) {
      #expect(try a.hidden.scalars() == b.hidden.scalars() && a.cell.scalars() == b.cell.scalars())
    }
    let slope = try gradient(at: layer) { $0(Sequences(x, lengths: Tensor(integers: [0, 0, 0]))).outputs.sum() }
    #expect(try namedTensors(of: slope).values.allSatisfy { try $0.scalars().allSatisfy { $0 == 0 } })
    #expect(layer(Sequences(x.sliced(0..<0))).outputs.shape == [0, 5, 6])
  }

  /// A compiled pass gives the numbers of one that is read step by step, and a longer sequence is no larger graph.
  @Test func compiledAndLonger() throws {
    let layer = try LSTM(units: 3, layers: 2, direction: .both).initialized(for: x)
    let pass = compiled { (layer: LSTM, x: Tensor, lengths: Tensor) in
      try valueAndGradient(at: layer) { square($0(Sequences(x, lengths: lengths)).outputs).sum() }.gradient
    }
    let found = try namedTensors(of: pass(layer, x, lengths))
    let wanted = try namedTensors(
      of: gradient(at: layer) { square($0(Sequences(x, lengths: lengths)).outputs).sum() })
    for (path, tensor) in found { try expectClose(tensor.scalars(), #require(wanted[path]).scalars()) }
    func nodes(_ time: Int) throws -> Int {
      let x = Tensor.placeholder(TensorType([3, time, 4], .float64))
      let slope = try namedTensors(of: gradient(at: layer) { square($0(x)).sum() })
      return try Trace(arguments: [x], outputs: Array(slope.values)).graph.nodes.count
    }
    #expect(try nodes(3) == nodes(50))
  }

  @Test func initialValues() throws {
    let layer = try LSTM(units: 8, layers: 2).initialized(for: sample([2, 3, 5]), seed: 3)
    #expect(layer.cells[0].inputWeight.tensor?.shape == [5, 32])
    #expect(layer.cells[1].inputWeight.tensor?.shape == [8, 32])
    let state = try #require(layer.cells[1].stateWeight.tensor)
    for gate in 0..<4 {
      let matrix = state.sliced(gate * 8..<gate * 8 + 8, axis: 1)
      try expectClose(matmul(matrix.transposed(), matrix).scalars(), Tensor(identity: 8).scalars(), within: 1e-6)
    }
    let bias = try #require(layer.cells[0].bias?.tensor).scalars()
    #expect(bias == (0..<32).map { (8..<16).contains($0) ? 1 : 0 })
    #expect(layer.parameters.map(\.path).prefix(3) == ["cells.0.inputWeight", "cells.0.stateWeight", "cells.0.bias"])
    let weights = try [0, 1].map { try #require(layer.cells[$0].stateWeight.tensor).scalars() }
    #expect(weights[0] != weights[1])
  }

  @Test func savesAndLoads() throws {
    let layer = try GRU(units: 3, layers: 2, direction: .both).initialized(for: x, seed: 1)
    try withTemporaryFolder { folder in
      let path = folder + "/gru.safetensors"
      try layer.save(to: path)
      let loaded = try GRU(units: 3, layers: 2, direction: .both).loading(path)
      #expect(try loaded(x).scalars() == layer(x).scalars())
    }
    #expect(try layer.predict(x, batchSize: 2).scalars() == layer(x).scalars())
  }

  /// A model of sequences predicts in slices of their values and lengths, and members of an ensemble go side by side.
  @Test func slicesAndEnsembles() throws {
    struct Tagger: Layer {
      var lstm = LSTM(units: 3, direction: .both)
      func callAsFunction(_ sequences: Sequences) -> Tensor { lstm(sequences).outputs }
    }
    let sequences = Sequences(x, lengths: lengths)
    let model = try Tagger().initialized(for: sequences, seed: 1)
    let whole = model(sequences)
    try expectClose(model.predict(sequences, batchSize: 2).scalars(), whole.scalars())
    try expectClose(model.predictor()(sequences).scalars(), whole.scalars())

    let other = model.map { $0 * 0.5 }
    let members = zip(model, other) { stacked([$0, $1]) }
    let all = vectorized(over: 0, nil) { (model: Tagger, x: Tensor) in model(Sequences(x, lengths: lengths)) }
    try expectClose(all(members, x).scalars(), stacked([whole, other(sequences)]).scalars())
  }

  /// Dropout between layers, and of candidates anew in each step, while training alone.
  @Test func dropsWhileTraining() throws {
    let still = try LSTM(units: 4, layers: 2).initialized(for: x)
    for layer in [
      LSTM(cells: still.cells, dropout: 0.5),
      LSTM(
        cells: try LSTM(units: 4, layers: 2, recurrentDropout: 0.5).initialized(for: x).cells.enumerated().map {
          var cell = $1
          cell.inputWeight = still.cells[$0].inputWeight
          cell.stateWeight = still.cells[$0].stateWeight
          return cell
        }),
    ] {
      #expect(try layer(x).scalars() == still(x).scalars())
      let (one, same) = (training(seed: 1) { layer(x) }, training(seed: 1) { layer(x) })
      #expect(try one.scalars() == same.scalars())
      #expect(try one.scalars() != still(x).scalars())
      #expect(try one.scalars() != training(seed: 2) { layer(x) }.scalars())
    }
    // One layer has nothing between layers.
    let single = LSTM(cells: [still.cells[0]], dropout: 0.5)
    #expect(try training(seed: 1) { single(x) }.scalars() == single(x).scalars())
    #expect(fault(of: LSTM(cells: still.cells, dropout: 1)(x)).contains("rate must be"))
    // A dropped candidate differs from step to step.
    let constant = Tensor(repeating: 0.5, shape: [1, 40, 4], .float64)
    let kept = try training(seed: 1) {
      Recurrent(cell: DroppingCell())(constant)
    }.scalars()
    #expect(Set(kept).count == 2)
  }

  struct DroppingCell: RecurrentCell {
    var dropout = Dropout(rate: 0.5)
    func initialState(batch: Int, _ elementType: ElementType) -> Tensor { Tensor(zeros: [batch], elementType) }
    func step(_ input: Tensor, from state: Tensor) -> (output: Tensor, state: Tensor) { (dropout(input), state) }
  }

  @Test func computesInOtherTypes() throws {
    let layer = try LSTM(units: 3).initialized(for: x.converted(to: .float32))
    let (outputs, last) = withPrecision(.bfloat16) { layer(Sequences(x, lengths: lengths)) }
    #expect(outputs.elementType == .bfloat16 && last[0].cell.elementType == .bfloat16)
    let again = withPrecision(.bfloat16) {
      layer(Sequences(x), from: [layer(Sequences(x.converted(to: .float32))).last[0]])
    }
    #expect(again.outputs.elementType == .bfloat16)
    let wide = layer(x.converted(to: .float32))
    try expectClose(layer(Sequences(x.converted(to: .float32))).outputs.scalars(), wide.scalars())
  }

  @Test func namesTheFault() throws {
    struct Model: Layer {
      var lstm = LSTM(units: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { lstm(x) }
    }
    let model = try Model().initialized(for: x)
    #expect(
      fault(of: model(sample([3, 5, 2]))).hasPrefix(
        "lstm.cells.0 (LSTMCell): was made for 4 features, found an input [5, 3, 2]"))
    #expect(fault(of: model(sample([5, 4]))).contains("takes sequences [batch, time, features], found [5, 4]"))
    #expect(fault(of: model(Tensor(integers: [1], shape: [1, 1, 1]))).contains("floating-point"))
    let layer = model.lstm
    func told(_ sequences: Sequences, _ states: [LSTMCell.State]? = nil) -> String {
      let (outputs, last) = layer(sequences, from: states)
      #expect(last.allSatisfy { $0.hidden.error != nil })
      return fault(of: outputs)
    }
    #expect(
      told(Sequences(x, lengths: Tensor(integers: [1, 6, 2]))).hasPrefix(
        "Sequences: the length 6 at [1] lies outside 0..<6"))
    #expect(told(Sequences(x, lengths: Tensor(integers: [1, 2]))).contains("take integer lengths [3], found"))
    #expect(told(Sequences(x, mask: Tensor([true]))).contains("take a mask of booleans [3, 5], found bool[1]"))
    let state = LSTMCell.State(hidden: sample([2, 3]), cell: sample([3, 3]))
    #expect(told(Sequences(x), [state]).contains("takes a state [3, 3], found [2, 3]"))
    #expect(told(Sequences(x), [state, state]).contains("has 1 cells, which take a state each, found 2 states"))
    for wrong in [LSTM(units: 0), LSTM(units: .max), LSTM(units: 3, layers: 0), LSTM(units: -3, layers: -1)] {
      #expect(fault(of: wrong(x)) != "no error")
      #expect(fault { _ = try wrong.initialized(for: x) } != "no error")
    }
    #expect(fault(of: LSTM(cells: layer.cells, direction: .both)(x)).contains("it needs 2 for each layer"))
    // A cell alone.
    let cell = layer.cells[0]
    #expect(cell(sample([2, 4])).output.shape == [2, 3])
    #expect(fault(of: cell(sample([4])).output).contains("takes an input [batch, features], found [4]"))
    #expect(fault(of: cell(sample([2, 3])).state.cell).contains("was made for 4 features"))
    #expect(fault(of: cell.step(sample([2, 4]), from: state).output).contains("prepared as [2, 4]"))
  }

  @Test func fitsIntoATrainedModel() throws {
    struct Model: Layer {
      var words = Embedding(count: 7, size: 4)
      var recurrent = GRU(units: 5)
      func callAsFunction(_ text: Tensor) -> Tensor { words.logits(recurrent(words(text)).sliced(0..<4, axis: -1)) }
    }
    let text = Tensor(integers: [1, 2, 3, 4, 5, 6], shape: [2, 3])
    var model = try Model().initialized(for: text)
    func loss(_ model: Model) -> Tensor { softmaxCrossEntropy(model(text), text) }
    let before = try loss(model).item()
    for _ in 0..<30 {
      let slope = try gradient(at: model) { loss($0) }
      model = zip(model, slope) { $0 - 0.5 * $1 }
    }
    #expect(try loss(model).item() < 0.5 * before)
  }

  @Test func whatFillsUpSequencesMayBeAnything() throws {
    let layer = try LSTM(units: 3, layers: 2, direction: .both).initialized(for: x)
    let isStep = try #require(Sequences(x, lengths: lengths).mask).expanded(axis: -1)
    let clean = `where`(isStep, x, Tensor(zerosLike: x))
    for filling in [Double.nan, .infinity] {
      let filled = `where`(isStep, x, Tensor(repeating: filling, shape: x.shape, .float64))
      func slopes(_ x: Tensor) throws -> [Double] {
        let (layer, x) = try gradient(at: layer, x) { layer, x in
          square(layer(Sequences(x, lengths: lengths)).outputs).sum()
        }
        return try layer.cells.flatMap { try $0.inputWeight.tensor?.scalars() ?? [] } + x.scalars()
      }
      try expectClose(slopes(filled), slopes(clean))
    }
    #expect(fault(of: LSTM(units: 3, dropout: -0.5)(x)).contains("rate must be"))
  }
}

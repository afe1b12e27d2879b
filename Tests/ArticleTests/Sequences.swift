import Descent
import Testing

@Suite struct SequenceArticle {
  struct CharacterModel: Layer {
    var embedding = Embedding(count: 65, size: 32)
    var recurrent = LSTM(units: 48, layers: 2, dropout: 0.1)
    var output = Dense(units: 65)

    func callAsFunction(_ characters: Tensor) -> Tensor { output(recurrent(embedding(characters))) }
  }

  @Test func characters() throws {
    let characters = RandomKey(seed: 1).integers([4, 12], in: 0..<65)
    let model = try CharacterModel().initialized(for: characters)
    let logits = model(characters)
    #expect(logits.shape == [4, 12, 65])
    #expect(model.parameters.map(\.path).contains("recurrent.cells.1.stateWeight"))
  }

  @Test func lengthsAndStates() throws {
    let sentences = RandomKey(seed: 2).normal([3, 7, 8])
    let lstm = try LSTM(units: 16, direction: .both).initialized(for: sentences)

    let lengths = Tensor(integers: [7, 3, 5])
    let (outputs, last) = lstm(Sequences(sentences, lengths: lengths))
    print(outputs.shape)  // [3, 7, 32], 0 after each sentence's end
    let summary = concatenated([last[0].hidden, last[1].hidden], axis: 1)  // both ends of each sentence

    #expect(outputs.shape == [3, 7, 32] && summary.shape == [3, 32])
    #expect(try outputs[1, 3].scalars().allSatisfy { $0 == 0 })
  }

  @Test func aStepAtATime() throws {
    let start = RandomKey(seed: 3).normal([1, 1, 8])
    let gru = try GRU(units: 8).initialized(for: start)

    var (input, state): (Tensor, [Tensor]?) = (start, nil)
    for _ in 0..<10 {
      let (output, next) = gru(Sequences(input), from: state)
      (input, state) = (output, next)
    }

    #expect(input.shape == [1, 1, 8])
    #expect(try input.scalars().allSatisfy(\.isFinite))
  }

  /// Forgets slowly: a state that moves a tenth of the way in each step.
  struct LeakyCell: RecurrentCell {
    var input = Dense(units: 8)
    var recurrent = Dense(units: 8, bias: false)

    func initialState(batch: Int, _ elementType: ElementType) -> Tensor {
      Tensor(zeros: [batch, 8], elementType)
    }

    // Does not depend on the state, so that it is computed for all steps at once.
    func prepared(_ inputs: Tensor) -> Tensor { input(inputs) }

    func step(_ input: Tensor, from state: Tensor) -> (output: Tensor, state: Tensor) {
      let next = 0.9 * state + 0.1 * tanh(input + recurrent(state))
      return (next, next)
    }
  }

  @Test func ownCell() throws {
    let sequences = RandomKey(seed: 4).normal([3, 20, 5])
    let lengths = Tensor(integers: [20, 4, 11])
    let layer = try Recurrent(cell: LeakyCell(), layers: 2, direction: .both).initialized(for: sequences)
    let outputs = layer(Sequences(sequences, lengths: lengths)).outputs
    #expect(outputs.shape == [3, 20, 16])
  }
}

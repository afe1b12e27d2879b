// A recurrent language model: learns a sonnet by heart, character by character, and recites it from its first words.
//   swift run -c release LanguageModel [--short]

import Descent

enum Sonnet {
  static let text = """
    Shall I compare thee to a summer's day?
    Thou art more lovely and more temperate.
    Rough winds do shake the darling buds of May,
    And summer's lease hath all too short a date.
    Sometime too hot the eye of heaven shines,
    And often is his gold complexion dimmed;
    And every fair from fair sometime declines,
    By chance, or nature's changing course, untrimmed;
    But thy eternal summer shall not fade,
    Nor lose possession of that fair thou ow'st,
    Nor shall death brag thou wand'rest in his shade,
    When in eternal lines to Time thou grow'st.
    So long as men can breathe, or eyes can see,
    So long lives this, and this gives life to thee.

    """
  static let alphabet = Set(text).sorted()

  /// The numbers of characters, those that the sonnet does not have left out.
  static func indices(_ text: String) -> [Int] { text.compactMap { alphabet.firstIndex(of: $0) } }
}

struct CharacterModel: Layer {
  var embedding = Embedding(count: Sonnet.alphabet.count, size: 32)
  var recurrent = LSTM(units: 128)
  var output = Dense(units: Sonnet.alphabet.count)

  func callAsFunction(_ characters: Tensor) -> Tensor { output(recurrent(embedding(characters))) }

  /// Goes on with a text, a character at a time: the state is handed from step to step.
  func generate(from beginning: String, count: Int, temperature: Double, seed: UInt64) throws -> String {
    var text = beginning
    var input = Sonnet.indices(beginning)
    var state: [LSTMCell.State]?
    for number in 0..<count {
      let characters = Tensor(integers: input, shape: [1, input.count])
      let (outputs, last) = recurrent(Sequences(embedding(characters)), from: state)
      let logits = output(outputs[0, -1]) / temperature
      let next = RandomKey(seed: seed).split(number).categorical(logits: logits)
      input = try next.integers()
      state = last
      text.append(contentsOf: input.map { Sonnet.alphabet[$0] })
    }
    return text
  }
}

let steps = CommandLine.arguments.contains("--short") ? 150 : 600
let characters = Tensor(integers: Sonnet.indices(Sonnet.text))
let (batch, length) = (16, 48)
let key = RandomKey(seed: 1)

/// Pieces of the text, and the same a character further on.
func pieces(_ number: Int) -> Batch {
  let starts = key.split(number).integers([batch, 1], in: 0..<characters.count - length)
  let places = starts + Tensor(rangeTo: length)
  return Batch(input: characters.taken(places), target: characters.taken(places + Tensor(integers: [1])))
}

let optimizer = Adam(learningRate: 5e-3).clipping(globalNorm: 1)
let step = try TrainingStep(CharacterModel(), optimizer: optimizer, seed: 1) { model, batch in
  softmaxCrossEntropy(model(batch.input), batch.target)
}
for number in 1...steps {
  let loss = try step(pieces(number))
  if number % 50 == 0 { print("step \(number): loss \(try loss.item())") }
}
print(try step.model.generate(from: "Shall I ", count: 400, temperature: 0.3, seed: 7))

// End to end, from pixels to words: convolutions see, attention looks at places, an LSTM says what is there, and one gradient
// runs from the words back into the pixels. The product `descent caption` is this at its full size.
//   swift run -c release Captioner [--short]

import Descent

/// What the small world is made of: one or two squares of a color, each in one of four corners.
enum World {
  static let colors: [(name: String, samples: [Double])] = [
    ("red", [0.9, 0.1, 0.1]), ("green", [0.1, 0.7, 0.2]), ("blue", [0.1, 0.3, 0.9]), ("yellow", [0.9, 0.8, 0.1]),
  ]
  static let corners = ["top left", "top right", "bottom left", "bottom right"]
  static let side = 16
  static let length = 12
  /// The first words are marks: padding, the beginning and the end of a sentence.
  static let words =
    ["·", "<", ">", "a", "square", "at", "the", "top", "bottom", "left", "right", "and"] + colors.map(\.name)

  /// A picture, and the numbers of the words about it.
  static func example(_ number: Int, seed: UInt64) throws -> (picture: Picture, words: [Int]) {
    var random = ElementRandom(seed: seed, epoch: 0, index: number)
    var picture = try Picture(width: side, height: side, color: [240, 240, 240])
    let first = random.place(below: 4)
    let second = first + 1 + random.place(below: 3)
    let places = random.place(below: 2) == 0 || second > 3 ? [first] : [first, second]
    let phrases = places.map { place in
      let color = colors[random.place(below: colors.count)]
      let (row, column) = place.quotientAndRemainder(dividingBy: 2)
      picture.fill(
        x: column * 8 + 1 + random.place(below: 3), y: row * 8 + 1 + random.place(below: 3), width: 4, height: 4,
        color: color.samples.map { UInt8($0 * 255) })
      return "a \(color.name) square \(corners[place])"
    }
    let sentence = phrases.joined(separator: " and ").split(separator: " ").map(String.init)
    return (picture, sentence.compactMap { words.firstIndex(of: $0) })
  }
}

/// Pictures with the words that are given, and those that are to be said.
struct Captions: Codable, Sendable {
  var pictures, words, next, mask: Tensor

  init(_ numbers: Range<Int>, seed: UInt64) throws {
    let examples = try numbers.map { try World.example($0, seed: seed) }
    func filled(_ words: [Int]) -> [Int] { words + [Int](repeating: 0, count: World.length - words.count) }
    let shape: Shape = [numbers.count, World.length]
    let pixels = examples.flatMap(\.picture.pixels)
    pictures = Tensor(bytes: pixels, shape: [numbers.count, World.side, World.side, 3]).converted(to: .float32) / 255
    words = Tensor(integers: examples.flatMap { filled([1] + $0.words) }, shape: shape)
    next = Tensor(integers: examples.flatMap { filled($0.words + [2]) }, shape: shape)
    mask = (next .> 0).converted(to: .float32)
  }
}

/// Convolutions, and a vector for each of 4×4 places.
struct ImageEncoder: Layer {
  var edges = Conv2D(filters: 16, size: 3, strides: 2, padding: .same)
  var parts = Conv2D(filters: 32, size: 3, strides: 2, padding: .same)
  var positions = LearnedPositions(context: 16)

  func callAsFunction(_ images: Tensor) -> Tensor {
    let x = relu(parts(relu(edges(images))))
    return positions(x.reshaped([x.shape[0], -1, 32]))
  }
}

struct Captioner: LanguageModel {
  /// What is carried from word to word: the places that are looked at, and the memory of what was said.
  struct State: Codable, Sendable {
    var places: Tensor
    var memory: [LSTMCell.State]
  }

  var eye = ImageEncoder()
  var words = Embedding(count: World.words.count, size: 32)
  var mouth = LSTM(units: 64)
  var start = Dense(units: 64)
  var look = MultiHeadAttention(heads: 2, headWidth: 32)
  var output = Dense(units: World.words.count)
  var vocabularySize: Int { World.words.count }
  var context: Int? { World.length }

  /// The state before the first word about pictures.
  func seeing(_ images: Tensor) -> State {
    let places = eye(images)
    let begin = tanh(start(places.flattened()))
    return State(places: places, memory: [LSTMCell.State(hidden: begin, cell: Tensor(zerosLike: begin))])
  }

  func logits(_ given: Tensor, from state: State) -> (logits: Tensor, state: State) {
    let (said, memory) = mouth(Sequences(words(given)), from: state.memory)
    let seen = look(said, attendingTo: state.places)
    return (output(concatenated([said, seen], axis: -1)), State(places: state.places, memory: memory))
  }

  func initialState(batch: Int, _ elementType: ElementType) -> State {
    seeing(Tensor(zeros: [batch, World.side, World.side, 3], elementType))
  }

  func callAsFunction(_ given: Tensor) -> Tensor {
    logits(given, from: initialState(batch: given.shape[0], .float32)).logits
  }

  func loss(_ batch: Captions) -> Tensor {
    softmaxCrossEntropy(logits(batch.words, from: seeing(batch.pictures)).logits, batch.next, weights: batch.mask)
  }

  /// Sentences about images, by a search that follows several beginnings at a time.
  func describe(_ images: Tensor, beam: Int) throws -> [String] {
    let generator = try TokenGenerator(self)
    return try (0..<images.shape[0]).map { number in
      let found = try generator.beamSearch(
        from: [1], beams: beam, count: World.length, endingAt: [2], from: seeing(images[number..<number + 1]))
      return (found.first?.tokens ?? []).filter { $0 > 2 }.map { World.words[$0] }.joined(separator: " ")
    }
  }
}

let steps = CommandLine.arguments.contains("--short") ? 60 : 600
let step = try TrainingStep(Captioner(), optimizer: Adam(learningRate: 3e-3).clipping(globalNorm: 1), seed: 1) {
  (captioner: Captioner, batch: Captions) in captioner.loss(batch)
}
for number in 0..<steps {
  let loss = try step(Captions(number * 32..<(number + 1) * 32, seed: 1))
  if (number + 1) % (steps / 6) == 0 { print("step \(number + 1): loss \(try loss.item())") }
}

let captioner = step.model
let test = try Captions(0..<100, seed: 2)
let captions = try captioner.describe(test.pictures, beam: 4)
let wanted = try (0..<100).map { number in
  try World.example(number, seed: 2).words.map { World.words[$0] }.joined(separator: " ")
}
for number in 0..<4 { print("\(wanted[number])\n  → \(captions[number])") }
print("\(zip(captions, wanted).count { $0 == $1 }) of 100 new pictures described right")

let slope = try gradient(at: test.pictures) { images in
  var batch = test
  batch.pictures = images
  return captioner.loss(batch)
}
let largest = try abs(slope).max().item()
print("the gradient of the words' loss with respect to the pixels: up to \(largest)")

import Descent
import Testing

@Suite struct DataAndBatches {
  @Test func inMemory() throws {
    let heights: [[Double]] = [[1.62], [1.75], [1.81], [1.9]]
    let weights: [[Double]] = [[55], [70], [76], [90]]

    let people = try Examples(inputs: Tensor(heights), targets: Tensor(weights))
    let batches = people.batched(2, seed: 7)  // another order in each epoch

    #expect(batches.batchCount == 2 && batches.exampleCount == 4)
    let first = try batches.batch(0, epoch: 0)
    #expect(first.input.shape == [2, 1] && first.target.shape == [2, 1])
  }

  @Test func bytes() throws {
    let pixels = [UInt8](repeating: 255, count: 6 * 28 * 28)
    let classes = [3, 1, 4, 1, 5, 9]

    let images = Tensor(bytes: pixels, shape: [6, 28, 28, 1])
    let labels = Tensor(integers: classes)
    let examples = try Examples(inputs: images, targets: labels, scale: 1 / 255)

    #expect(examples.storedInputs.elementType == .uint8)
    #expect(try examples.gathered([0]).input.max().item() == 1)
  }

  struct Sentence: Codable, Sendable {
    var letters: Tensor  // [length]
    var length: Tensor  // []
  }

  @Test func dataSets() throws {
    let sentences = Dataset(["to be", "or", "not to be"]).map { text in
      let letters = text.utf8.map { Int($0) - 96 }
      return Sentence(letters: Tensor(integers: letters), length: Tensor(integers: [letters.count], shape: []))
    }
    let padded = sentences.shuffled(seed: 1).batched(2, padding: 0)
    let alike = try sentences.bucketed(2, byLength: { $0.letters.shape[0] }, seed: 1)

    #expect(padded.batchCount == 2 && alike.exampleCount == 3)
    #expect(try padded.batch(0, epoch: 0).letters.shape[0] == 2)

    let noisy = Dataset([1.0, 2.0, 3.0]).map(seed: 7) { number, random in
      Tensor(number + random.number(in: -0.1...0.1))
    }

    #expect(try abs(noisy.batched(3).batch(0, epoch: 4).scalars()[1] - 2) < 0.1)
  }

  /// Points on a circle that are made as they are asked for.
  struct Circles: BatchSource {
    let batchCount = 100
    var exampleCount: Int { batchCount * 32 }

    func batch(_ index: Int, epoch: Int) throws -> Batch {
      let key = RandomKey(seed: 7).split(epoch).split(index)
      let angles = key.uniform([32, 1], high: 2 * .pi)
      let points = concatenated([cos(angles), sin(angles)], axis: 1)
      return Batch(input: points, target: angles)
    }
  }

  @Test func sourceOfOnesOwn() throws {
    let (a, b) = (try Circles().batch(3, epoch: 1), try Circles().batch(3, epoch: 1))
    #expect(try a.input.floats() == b.input.floats())
    #expect(try a.input.floats() != Circles().batch(4, epoch: 1).input.floats())
  }

  struct Pair: Codable, Sendable {
    var question: Tensor
    var answer: Tensor
    var isMatch: Tensor
  }

  struct Matcher: Model {
    var left = Dense(units: 8)
    var right = Dense(units: 8)

    func callAsFunction(_ question: Tensor, _ answer: Tensor) -> Tensor {
      (left(question) * right(answer)).sum(axes: -1)
    }
  }

  struct Pairs: BatchSource {
    let batchCount = 20
    let exampleCount = 320
    func batch(_ index: Int, epoch: Int) throws -> Pair {
      let key = RandomKey(seed: 1).split(index % 2)
      return Pair(
        question: key.split(0).normal([16, 4]), answer: key.split(1).normal([16, 6]),
        isMatch: key.split(2).bernoulli([16], probability: 0.5).converted(to: .float32))
    }
  }

  @Test func batchOfOnesOwn() throws {
    let trainer = try Trainer(Matcher(), optimizer: Adam()) {
      (model: Matcher, pair: Pair) in
      sigmoidCrossEntropy(model(pair.question, pair.answer), pair.isMatch)
    }
    try trainer.fit(Pairs(), epochs: 2)

    let step = try TrainingStep(Matcher(), optimizer: Adam()) { (model: Matcher, pair: Pair) in
      sigmoidCrossEntropy(model(pair.question, pair.answer), pair.isMatch)
    }
    for epoch in 0..<2 { for pair in Pairs().epoch(epoch) { try step(try pair.get()) } }
    #expect(try step.model.left.weight.tensor?.scalars() == trainer.model.left.weight.tensor?.scalars())
    #expect(step.compilationCount == 1)
  }
}

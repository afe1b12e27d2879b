import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

/// Layers that take and give more than a tensor.
@Suite struct LayerKindTests {
  /// Takes indices and a mask, and gives its outputs and the last of them, which is a state.
  struct Tagger: Layer {
    struct Sentences: Codable, Sendable {
      var words: Tensor
      var mask: Tensor
      var scale = 1.0
    }
    struct Tags: Codable, Sendable {
      var logits: Tensor
      var state: [Tensor]
      var name = "tags"
    }
    struct Recurrent: Layer {
      var input = Dense(units: 4)
      var state = Dense(units: 4)
      func callAsFunction(_ x: [Tensor]) throws -> [Tensor] {
        let begin = Tensor(zeros: [x[0].shape[1], 4], x[0].elementType)
        let (last, outputs) = try scan(over: x, from: begin) { h, slice in
          let next = `where`(slice[1], tanh(input(slice[0]) + state(h)), h)
          return (next, next)
        }
        return [outputs, last]
      }
    }

    var embedding = Dense(units: 3)
    var recurrent = Recurrent()
    var head = Dense(units: 2)

    func callAsFunction(_ sentences: Sentences) throws -> Tags {
      let vectors = embedding(sentences.words.oneHot(count: 5, .float64)) * sentences.scale
      let mask = sentences.mask.transposed().expanded(axis: -1)
      let found = try recurrent([vectors.transposed([1, 0, 2]), mask])
      return Tags(logits: head(found[0].transposed([1, 0, 2])), state: [found[1]])
    }
  }

  private func sentences(_ count: Int) -> Tagger.Sentences {
    let words = Tensor(integers: (0..<count * 3).map { ($0 * 7) % 5 }, shape: [count, 3])
    return Tagger.Sentences(words: words, mask: words .!= 1.0)
  }

  @Test func aLayerTakesIndicesAndAMaskAndGivesItsState() throws {
    let few = sentences(2)
    let model = try Tagger().initialized(for: few, seed: 3)
    #expect(model.recurrent.state.weight.tensor?.shape == [4, 4])
    let tags = try model(few)
    #expect(tags.logits.shape == [2, 3, 2] && tags.state[0].shape == [2, 4])
    let slope = try gradient(at: model) { try square($0(few).logits).sum() }
    #expect(try square(#require(slope.recurrent.input.weight.tensor)).sum().item() > 0)
  }

  @Test func predictsInSlicesOfEveryTensor() throws {
    let many = sentences(7)
    let model = try Tagger().initialized(for: many)
    let whole = try model(many)
    for size in [1, 3, 7, 100] {
      let found = try model.predict(many, batchSize: size)
      try expectClose(found.logits.scalars(), whole.logits.scalars())
      try expectClose(found.state[0].scalars(), whole.state[0].scalars())
      #expect(found.name == "tags")
    }
    // Within a function that is recorded, too.
    let slope = try gradient(at: model) { try $0.predict(many, batchSize: 2).logits.sum() }
    #expect(slope.head.weight.tensor?.shape == [4, 2])
  }

  @Test func predictionNamesTheTensorThatDiffers() throws {
    var odd = sentences(4)
    odd.mask = sentences(3).mask
    let model = try Tagger().initialized(for: sentences(2))
    #expect(fault { _ = try model.predict(odd) }.hasPrefix("predict: 'words' holds 4 examples, 'mask' holds 3"))
    odd.mask = Tensor(error: TensorError("read", "broken"))
    #expect(fault { _ = try model.predict(odd) }.hasPrefix("read: broken"))
    #expect(fault { _ = try model.predict(sentences(2), batchSize: 0) }.hasPrefix("predict: the batch size 0"))

    struct Counting: Layer {
      struct Found: Codable, Sendable { var sum: Tensor, count: Int }
      func callAsFunction(_ x: [Tensor]) -> Found { Found(sum: x[0] + x[1], count: x[0].count) }
    }
    let lists = [Tensor([1, 2, 3]), Tensor(1.0)]
    #expect(try Counting().predict(lists, batchSize: 3).sum.scalars() == [2, 3, 4])
    #expect(fault { _ = try Counting().predict(lists, batchSize: 2) }.contains("another plain value"))
    #expect(fault { _ = try Counting().predict([Tensor(1.0)]) }.contains("found a scalar"))
    #expect(fault { _ = try Counting().predict([]) }.contains("found no tensor"))
    struct Summing: Layer {
      func callAsFunction(_ x: [Tensor]) -> [Tensor] { [x[0], x[0].sum()] }
    }
    #expect(
      fault { _ = try Summing().predict(lists, batchSize: 2) }
        .hasPrefix("predict: the model gave [] as '1' for 2 examples, not a row for each"))
  }

  /// A model among what is predicted from belongs to every slice.
  @Test func modelsWithinTheInputAreNotSliced() throws {
    struct Question: Codable, Sendable {
      var x: Tensor
      var teacher: Dense
    }
    struct Difference: Layer {
      var dense = Dense(units: 2)
      func callAsFunction(_ question: Question) -> Tensor { dense(question.x) - question.teacher(question.x) }
    }
    let x = sample([5, 3])
    let question = Question(x: x, teacher: try Dense(units: 2).initialized(for: x, seed: 9))
    let model = try Difference().initialized(for: question)
    try expectClose(model.predict(question, batchSize: 2).scalars(), model(question).scalars())
    #expect(model.dense.weight.tensor?.shape == [3, 2])
  }

  @Test func errorsNameTheLayersPlace() throws {
    let model = try Tagger().initialized(for: sentences(2))
    struct Outer: Layer {
      var tagger = Tagger()
      func callAsFunction(_ x: [Tagger.Sentences]) throws -> Tensor { try tagger(x[0]).logits }
    }
    var wrong = Outer(tagger: model)
    wrong.tagger.head = try Dense(units: 2).initialized(for: sample([1, 9]))
    let message = fault { _ = try wrong.predict([sentences(2)]).scalars() }
    #expect(message.hasPrefix("tagger.head (Dense): was made for 9 features, found an input [2, 3, 4]"), "\(message)")
    let open = fault { _ = try Outer().predict([sentences(2)]).scalars() }
    #expect(open.hasPrefix("tagger.embedding (Dense): has no parameters yet"), "\(open)")
  }

  /// A model of two inputs, which is no layer.
  struct Matcher: Model {
    var left = Dense(units: 4)
    var right = Dense(units: 4)
    func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { (left(a) * right(b)).sum(axes: -1) }
  }

  @Test func aModelOfTwoInputsIsNoSecondClassCitizen() throws {
    let (a, b) = (sample([5, 3]), sample([5, 2], seed: 2))
    let model = try Matcher().initialized(seed: 4) { $0(a, b) }
    #expect(model.right.weight.tensor?.shape == [2, 4])
    #expect(try Matcher().initialized(seed: 4) { $0(a, b) }(a, b).scalars() == model(a, b).scalars())
    #expect(model.summary.contains("right.weight  Dense  [2, 4]"))
    let predicted = try model.predict([a, b], batchSize: 2) { model, texts in model(texts[0], texts[1]) }
    try expectClose(predicted.scalars(), model(a, b).scalars())
    try withTemporaryFolder { folder in
      let path = folder + "/matcher.safetensors"
      try model.save(to: path)
      #expect(try Matcher().loading(path)(a, b).scalars() == model(a, b).scalars())
    }
    let message = fault(of: model(b, b))
    #expect(message.hasPrefix("left (Dense): was made for 3 features"), "\(message)")
  }
}

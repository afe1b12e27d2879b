import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  private let words = Tensor(integers: [4, 0, 4, 2, 1, 4], shape: [2, 3])

  private func embedding(padding: Int? = nil) throws -> Embedding {
    try Embedding(count: 5, size: 3, padding: padding).initialized(for: words, seed: 2)
      .map { $0.converted(to: .float64) }
  }

  @Test func takesTheRows() throws {
    let layer = try embedding()
    let table = try #require(layer.weight.tensor)
    #expect(table.shape == [5, 3])
    #expect(layer(words).shape == [2, 3, 3])
    #expect(try layer(words)[1, 0].scalars() == table[2].scalars())
    #expect(try layer(words.converted(to: .uint8)).scalars() == layer(words).scalars())
    #expect(layer(Tensor(integers: [3], shape: [])).shape == [3])
    #expect(layer(Tensor(integers: [], shape: [0, 2])).shape == [0, 2, 3])
    // Vectors have a length near 1.
    let large = try Embedding(count: 400, size: 50).initialized(for: words)
    let length = try square(#require(large.weight.tensor)).sum(axes: -1).mean().item()
    #expect(abs(length - 1) < 0.05)
  }

  /// What is taken three times collects three gradients; what is not taken has none.
  @Test func theGradientMeetsInTheRows() throws {
    let layer = try embedding()
    let weights = sample([2, 3, 3])
    let slope = try gradient(at: layer) { ($0(words) * weights).sum() }
    let found = try #require(slope.weight.tensor)
    try expectClose(found[4].scalars(), (weights[0, 0] + weights[0, 2] + weights[1, 2]).scalars())
    #expect(try found[3].scalars() == [0, 0, 0])
    try expectGradient(of: layer) { square($0(words)).sum() }
    try expectGradient(of: layer) { square(softmax($0.logits(tanh($0(words))))).sum() }
  }

  @Test func paddingStandsForNothing() throws {
    let layer = try embedding(padding: 4)
    let vectors = try layer(words).scalars()
    #expect(Array(vectors[0..<3]) == [0, 0, 0] && Array(vectors[15...]) == [0, 0, 0])
    #expect(try layer(words)[0, 1].scalars() == #require(layer.weight.tensor)[0].scalars())
    let slope = try gradient(at: layer) { square($0(words) + 1.0).sum() }
    #expect(try #require(slope.weight.tensor)[4].scalars() == [0, 0, 0])
    // An index outside the table, which only stands for nothing.
    let outside = try embedding(padding: -1)
    let text = Tensor(integers: [2, -1, 0])
    let table = try #require(outside.weight.tensor)
    #expect(try outside(text).scalars() == table[2].scalars() + [0, 0, 0] + table[0].scalars())
    let moved = try gradient(at: outside) { square($0(text) + 1.0).sum() }
    #expect(try #require(moved.weight.tensor)[4].scalars() == [0, 0, 0])
    #expect(fault(of: outside(Tensor(integers: [-2]))).contains("the index -2 at [0] lies outside 0..<5"))
  }

  @Test func logitsShareTheTable() throws {
    let layer = try embedding()
    let hidden = sample([2, 4, 3])
    let wanted = try matmul(hidden, #require(layer.weight.tensor).transposed())
    #expect(layer.logits(hidden).shape == [2, 4, 5])
    try expectClose(layer.logits(hidden).scalars(), wanted.scalars())
    #expect(fault(of: layer.logits(sample([2, 4]))).hasPrefix("Embedding: logits take vectors […, 3], found [2, 4]"))
    #expect(fault(of: layer.logits(hidden.converted(to: .float32))).contains("its parameters are float64"))
  }

  @Test func namesTheFault() throws {
    struct Model: Layer {
      var words = Embedding(count: 5, size: 3)
      func callAsFunction(_ x: Tensor) -> Tensor { words(x) }
    }
    let model = try Model().initialized(for: words)
    #expect(
      fault(of: model(Tensor(integers: [1, 5, 7, 0], shape: [2, 2]))).hasPrefix(
        "words (Embedding): the index 5 at [0, 1] lies outside 0..<5, the rows of the table"))
    #expect(fault(of: model(Tensor(integers: [-1]))).contains("the index -1 at [0] lies outside"))
    #expect(fault(of: model(Tensor([1.0, 2]))).contains("takes integer indices, found float32[2]"))
    #expect(fault(of: Embedding(count: 0, size: 3)(words)).contains("0 vectors of size 3"))
    #expect(fault { _ = try Embedding(count: .max, size: .max).initialized(for: words) }.hasPrefix("Embedding: "))
    // In a compiled function, too, whenever it is called.
    let pass = compiled { (model: Model, words: Tensor) in model(words) * 2.0 }
    #expect(try pass(model, words).scalars() == (model(words) * 2.0).scalars())
    #expect(
      fault { _ = try pass(model, Tensor(integers: [0, 1, 2, 3, 4, 9], shape: [2, 3])) }.contains(
        "the index 9 at [1, 2]"))
  }

  @Test func savesAndComputesInOtherTypes() throws {
    let model = try Embedding(count: 5, size: 3).initialized(for: words, seed: 4)
    try withTemporaryFolder { folder in
      let path = folder + "/embedding.safetensors"
      try model.save(to: path)
      let loaded = try Embedding(count: 5, size: 3).loading(path)
      #expect(try loaded(words).scalars() == model(words).scalars())
    }
    try withPrecision(.bfloat16) {
      let made = try Embedding(count: 5, size: 3).initialized(for: words)
      #expect(made.weight.tensor?.elementType == .float32)
      #expect(model(words).elementType == .bfloat16)
      #expect(model.logits(model(words)).elementType == .bfloat16)
    }
  }
}

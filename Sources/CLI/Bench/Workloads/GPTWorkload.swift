import Descent

/// A language model of transformer blocks, with a logits' table that is the embedding's, and AdamW.
struct GPTModel: Layer {
  /// The sizes of a model.
  struct Size: Codable, Sendable {
    var layers: Int
    var heads: Int
    var width: Int
    var length: Int
    var batch: Int
    var characters = 65
  }

  var embedding: Embedding
  var positions: Embedding
  var blocks: [TransformerEncoderBlock]
  var norm: LayerNorm

  init(_ size: Size) {
    var seeds = ParameterSeeds()
    let width = size.width
    let bound = 0.02 * 3.0.squareRoot()
    let residualBound = bound / (2.0 * Double(size.layers)).squareRoot()
    embedding = Embedding(&seeds, count: size.characters, size: width, bound: bound)
    positions = Embedding(&seeds, count: size.length, size: width, bound: bound)
    blocks = []
    for _ in 0..<size.layers {
      let attentionNorm = LayerNorm(&seeds, width)
      var attention = MultiHeadAttention(heads: size.heads, isCausal: true, bias: false)
      let parts = seeds.uniform([width, 3 * width], bound: bound).split([width, width, width], axis: 1)
      attention.query.weight = Parameter(parts[0])
      attention.key.weight = Parameter(parts[1])
      attention.value.weight = Parameter(parts[2])
      attention.output.weight = Parameter(seeds.uniform([width, width], bound: residualBound))
      let feedForwardNorm = LayerNorm(&seeds, width)
      var feedForward = FeedForward(units: 4 * width, activation: .geluTanh, bias: false)
      feedForward.hidden.weight = Parameter(seeds.uniform([width, 4 * width], bound: bound))
      feedForward.output.weight = Parameter(seeds.uniform([4 * width, width], bound: residualBound))
      var block = TransformerEncoderBlock(attention: attention, feedForward: feedForward)
      (block.attentionNorm, block.feedForwardNorm) = (attentionNorm, feedForwardNorm)
      blocks.append(block)
    }
    norm = LayerNorm(&seeds, width)
  }

  func callAsFunction(_ text: Tensor) -> Tensor {
    let x = embedding(text) + positions(Tensor(rangeTo: text.shape[1]))
    return embedding.logits(norm(blocks.reduce(x) { x, block in block(x) }))
  }
}

/// A workload of `GPTModel`.
protocol GPTWorkload: TrainingWorkload where Model == GPTModel, Input == Batch {
  static var size: GPTModel.Size { get }
}

extension GPTWorkload {
  static func model() -> GPTModel { GPTModel(size) }

  static func batch() -> Batch {
    let shape: Shape = [size.batch, size.length]
    return Batch(
      input: SplitMix.integers(seed: 1, shape: shape, limit: 65),
      target: SplitMix.integers(seed: 2, shape: shape, limit: 65))
  }

  static func trainingStep(_ model: GPTModel) throws -> TrainingStep<GPTModel, Batch> {
    let optimizer = AdamW(learningRate: 1e-3, beta2: 0.99, weightDecay: 0.1)
    return try TrainingStep(model, optimizer: optimizer) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }

  /// Of attention, the part that a causal mask leaves.
  static func products() -> [ProductSize] {
    let (width, rows) = (size.width, size.batch * size.length)
    let seen = size.length * (size.length + 1) / 2
    let layer = [
      ProductSize(rows: rows, inner: width, columns: 3 * width, times: 3),
      ProductSize(rows: size.batch * seen, inner: width, columns: 1, times: 6),
      ProductSize(rows: rows, inner: width, columns: width, times: 3),
      ProductSize(rows: rows, inner: width, columns: 4 * width, times: 6),
    ]
    return (0..<size.layers).flatMap { _ in layer }
      + [ProductSize(rows: rows, inner: width, columns: size.characters, times: 3)]
  }
}

/// 4 layers of width 128 on 12 texts of 64 characters.
enum SmallGPTWorkload: GPTWorkload {
  static let name = "gpt"
  static let size = GPTModel.Size(layers: 4, heads: 4, width: 128, length: 64, batch: 12)
  static let flops = ProductSize.flops(products())
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 4.206084, twentieth: 2.18115)
}

/// 6 layers of width 384 on 4 texts of 256 characters.
enum MediumGPTWorkload: GPTWorkload {
  static let name = "gpt-medium"
  static let size = GPTModel.Size(layers: 6, heads: 6, width: 384, length: 256, batch: 4)
  static let flops = ProductSize.flops(products())
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 4.287957, twentieth: 1.19171)
}

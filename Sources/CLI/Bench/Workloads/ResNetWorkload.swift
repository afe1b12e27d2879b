import Descent

/// A residual network of 20 layers on 64 color images of 32 × 32, batch normalization, momentum with classic weight decay.
enum ResNetWorkload: TrainingWorkload {
  /// Two convolutions with their normalizations, added to what goes in or to a projection of it.
  struct Block: Layer {
    var convolution1: Conv2D
    var norm1: BatchNorm
    var convolution2: Conv2D
    var norm2: BatchNorm
    var projection: Conv2D?
    var projectionNorm: BatchNorm?

    init(_ seeds: inout ParameterSeeds, _ channels: Int, _ filters: Int, strides: Int) {
      convolution1 = Conv2D(
        &seeds, channels, filters, size: 3, strides: strides, padding: .each(1), bias: false, gain: 6)
      norm1 = BatchNorm(&seeds, filters)
      convolution2 = Conv2D(&seeds, filters, filters, size: 3, padding: .each(1), bias: false, gain: 6)
      norm2 = BatchNorm(&seeds, filters)
      guard strides > 1 else { return }
      projection = Conv2D(&seeds, channels, filters, size: 1, strides: strides, bias: false, gain: 6)
      projectionNorm = BatchNorm(&seeds, filters)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      let branch = norm2(convolution2(relu(norm1(convolution1(x)))))
      guard let projection, let projectionNorm else { return relu(branch + x) }
      return relu(branch + projectionNorm(projection(x)))
    }
  }

  struct Model: Layer {
    var stem: Conv2D
    var norm: BatchNorm
    var blocks: [Block] = []
    var output: Dense

    init() {
      var seeds = ParameterSeeds()
      stem = Conv2D(&seeds, 3, 16, size: 3, padding: .each(1), bias: false, gain: 6)
      norm = BatchNorm(&seeds, 16)
      var channels = 16
      for (stage, filters) in [16, 32, 64].enumerated() {
        for block in 0..<3 {
          blocks.append(Block(&seeds, channels, filters, strides: stage > 0 && block == 0 ? 2 : 1))
          channels = filters
        }
      }
      output = Dense(&seeds, 64, 10)
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
      let x = blocks.reduce(relu(norm(stem(images)))) { x, block in block(x) }
      return output(globalAveragePool(x))
    }
  }

  static let name = "resnet20"
  static let flops: Double = {
    var products = [ProductSize(rows: 64 * 32 * 32, inner: 27, columns: 16, times: 2)]
    var (channels, side) = (16, 32)
    for (stage, filters) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let shrinks = stage > 0 && block == 0
        if shrinks { side /= 2 }
        let rows = 64 * side * side
        products.append(ProductSize(rows: rows, inner: 9 * channels, columns: filters, times: 3))
        products.append(ProductSize(rows: rows, inner: 9 * filters, columns: filters, times: 3))
        if shrinks { products.append(ProductSize(rows: rows, inner: channels, columns: filters, times: 3)) }
        channels = filters
      }
    }
    return ProductSize.flops(products + [ProductSize(rows: 64, inner: 64, columns: 10, times: 3)])
  }()
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 2.517652, twentieth: 0.146091)

  static func model() -> Model { Model() }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.unit(seed: 1, shape: [64, 3, 32, 32]).transposed([0, 2, 3, 1]),
      target: SplitMix.integers(seed: 2, shape: [64], limit: 10))
  }

  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Batch> {
    try TrainingStep(model, optimizer: SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4)) { model, batch in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
  }
}

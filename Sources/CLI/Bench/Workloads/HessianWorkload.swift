import Descent

/// The Hessian of the multilayer perceptron's loss times a fixed direction, of which nothing is updated; the "loss" is the
/// direction's inner product with it.
enum HessianWorkload: Workload {
  struct Setup: Sendable {
    let model: MLPWorkload.Model
    let direction: MLPWorkload.Model
    let batch: Batch
  }

  static let name = "hvp"
  /// Forward over reverse: eight products where the input moves, three where it is constant.
  static let flops = ProductSize.flops([
    ProductSize(rows: 128, inner: 784, columns: 512, times: 3),
    ProductSize(rows: 128, inner: 512, columns: 512, times: 8),
    ProductSize(rows: 128, inner: 512, columns: 10, times: 8),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 152.8472, twentieth: 152.847)

  static func setup() throws -> Setup {
    let start = try MLPWorkload.setup()
    var seed: UInt64 = 2_000
    let direction = start.model.map { (parameter: Tensor) in
      defer { seed += 1 }
      return SplitMix.symmetric(seed: seed, shape: parameter.shape, bound: 1)
    }
    for leaf in try ModelTree(direction).leaves { if let tensor = leaf.tensor { try evaluate(tensor) } }
    return Setup(model: start.model, direction: direction, batch: start.batch)
  }

  static func step(_ setup: Setup) throws -> WorkloadStep {
    let product = compiled { (model: MLPWorkload.Model, direction: MLPWorkload.Model, batch: Batch) in
      let product = try hessianVectorProduct(at: model, along: direction) { model in
        softmaxCrossEntropy(model(batch.input), batch.target)
      }
      return (inner(product, direction), product)
    }
    return WorkloadStep(
      run: { try product(setup.model, setup.direction, setup.batch).0 },
      parameterCount: { try ModelTree(setup.model).leaves.reduce(0) { $0 + ($1.tensor?.count ?? 0) } },
      profile: { try product.profile(setup.model, setup.direction, setup.batch, runs: $0) },
      plan: { try product.plan(setup.model, setup.direction, setup.batch) })
  }

  /// The sum of the products of all parameters.
  private static func inner(_ x: MLPWorkload.Model, _ y: MLPWorkload.Model) -> Tensor {
    var sum = Tensor(0, .float32)
    _ = zip(x, y) { a, b in
      sum = sum + (a * b).sum()
      return a
    }
    return sum
  }
}

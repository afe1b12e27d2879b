import Descent

/// One of the training steps that the peers run as well, on the same numbers.
protocol Workload: Sendable {
  associatedtype Model: Codable & Sendable

  /// The workload's name.
  static var name: String { get }
  /// The floating-point operations that a step needs in products and convolutions.
  static var flops: Double { get }
  /// The step, ready to run.
  static func step() throws -> TrainingStep<Model, Batch>
  /// The batch that serves all steps.
  static func batch() -> Batch
  /// The loss of the first and of the twentieth step, as Float64 gives them, where peers run the workload.
  static var referenceLosses: (first: Double, twentieth: Double)? { get }
}

/// A product of `[rows, inner] · [inner, columns]`, or a convolution written as one.
struct ProductSize {
  var rows: Int
  var inner: Int
  var columns: Int
  /// How many such products a step makes: forward, for the weights, and for the input where something is below.
  var times: Int

  /// The floating-point operations of products, two for each multiplication with its addition.
  static func flops(_ products: [ProductSize]) -> Double {
    Double(
      products.reduce(0) { sum, product in
        let multiplications: Int = product.rows * product.inner * product.columns
        return sum + 2 * product.times * multiplications
      })
  }
}

/// A matrix and a bias, as the workloads write them.
struct Linear: Codable, Sendable {
  var weight: Tensor
  var bias: Tensor

  init(_ seeds: inout ParameterSeeds, _ inputs: Int, _ outputs: Int, gain: Double = 1) {
    weight = seeds.uniform([inputs, outputs], bound: (gain / Double(inputs)).squareRoot())
    bias = seeds.uniform([outputs], bound: (1 / Double(inputs)).squareRoot())
  }

  func callAsFunction(_ x: Tensor) -> Tensor { matmul(x, weight) + bias }
}

/// Weights and a bias of a convolution, drawn in the order `[filters, channels, height, width]` of the workloads.
struct Kernel: Codable, Sendable {
  var weight: Tensor
  var bias: Tensor

  init(_ seeds: inout ParameterSeeds, _ channels: Int, _ filters: Int, size: Int) {
    let fan = Double(channels * size * size)
    weight = seeds.uniform([filters, channels, size, size], bound: (1 / fan).squareRoot()).transposed([2, 3, 1, 0])
    bias = seeds.uniform([filters], bound: (1 / fan).squareRoot())
  }

  func callAsFunction(_ x: Tensor, padding: Padding = .valid) -> Tensor {
    convolution(x, weight, padding: padding) + bias
  }
}

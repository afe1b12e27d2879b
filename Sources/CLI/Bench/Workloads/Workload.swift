import Descent

/// One of the steps that the peers run as well, on the same numbers.
protocol Workload: Sendable {
  /// What a step starts from.
  associatedtype Setup: Sendable

  /// The workload's name.
  static var name: String { get }
  /// The floating-point operations that a step needs in products and convolutions.
  static var flops: Double { get }
  /// The loss of the first and of the twentieth step, as Float64 gives them, where peers run the workload.
  static var referenceLosses: (first: Double, twentieth: Double)? { get }
  /// How many steps are timed together.
  static var stepsTimedTogether: Int { get }

  /// Parameters and data, which are in memory before time is taken.
  static func setup() throws -> Setup
  /// The step, ready to run; recording and compiling it belong to the first step's time.
  static func step(_ setup: Setup) throws -> WorkloadStep
}

extension Workload {
  static var stepsTimedTogether: Int { 1 }
}

/// A step that can be run and looked into.
struct WorkloadStep {
  /// Makes a step and gives its loss.
  let run: () throws -> Tensor
  /// The number of trained parameters.
  let parameterCount: () throws -> Int
  /// The time of each kernel, as means over so many runs.
  let profile: (Int) throws -> [KernelProfile]
  /// What is compiled for the step.
  let plan: () throws -> CompiledFunction
}

/// A workload that trains a model on one batch.
protocol TrainingWorkload: Workload where Setup == TrainingSetup<Model, Input> {
  associatedtype Model: Codable & Sendable
  associatedtype Input: Codable & Sendable

  /// The model with the workload's initial parameters.
  static func model() -> Model
  /// The batch that serves all steps.
  static func batch() -> Input
  /// The step.
  static func trainingStep(_ model: Model) throws -> TrainingStep<Model, Input>
}

/// What training starts from.
struct TrainingSetup<Model: Codable & Sendable, Input: Codable & Sendable>: Sendable {
  let model: Model
  let batch: Input
}

extension TrainingWorkload {
  static func setup() throws -> TrainingSetup<Model, Input> {
    let setup = TrainingSetup(model: model(), batch: batch())
    for leaf in try ModelTree(setup.model).leaves + ModelTree(setup.batch).leaves {
      if let tensor = leaf.tensor { try evaluate(tensor) }
    }
    return setup
  }

  static func step(_ setup: TrainingSetup<Model, Input>) throws -> WorkloadStep {
    let step = try trainingStep(setup.model)
    return WorkloadStep(
      run: { try step(setup.batch) },
      parameterCount: {
        try ModelTree(step.model).leaves.reduce(0) { sum, leaf in
          sum + (ParameterInfo(leaf).isStatistic ? 0 : leaf.tensor?.count ?? 0)
        }
      },
      profile: { try step.profile(setup.batch, runs: $0) },
      plan: { try step.compiled(for: setup.batch) })
  }
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

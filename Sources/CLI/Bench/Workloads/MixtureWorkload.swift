import Descent

/// 16 experts of 1,024 hidden units, of which each of 512 rows goes to two; squared error and equal importance, Adam.
enum MixtureWorkload: TrainingWorkload {
  static let name = "moe"
  static let flops = ProductSize.flops([
    ProductSize(rows: 512, inner: 256, columns: 16, times: 2),
    ProductSize(rows: 512 * 2, inner: 256, columns: 1_024, times: 2),
    ProductSize(rows: 512 * 2, inner: 1_024, columns: 256, times: 3),
  ])
  static let referenceLosses: (first: Double, twentieth: Double)? = (first: 0.3895762, twentieth: 0.0189156)

  static func model() -> MixtureOfExperts {
    var seeds = ParameterSeeds()
    func bound(_ gain: Double, _ inputs: Double) -> Double { (gain / inputs).squareRoot() }
    var mixture = MixtureOfExperts(
      experts: 16, choices: 2, units: 1_024, isNoisy: false, balance: ExpertBalance(importance: 0.01, load: 0))
    mixture.gate.weight = Parameter(seeds.uniform([256, 16], bound: bound(1, 256)))
    mixture.experts.hidden = Parameter(seeds.uniform([16, 256, 1_024], bound: bound(6, 256)))
    mixture.experts.hiddenBias = Parameter(seeds.uniform([16, 1_024], bound: bound(1, 256)))
    mixture.experts.output = Parameter(seeds.uniform([16, 1_024, 256], bound: bound(1, 1_024)))
    mixture.experts.outputBias = Parameter(seeds.uniform([16, 256], bound: bound(1, 1_024)))
    return mixture
  }

  static func batch() -> Batch {
    Batch(
      input: SplitMix.symmetric(seed: 1, shape: [512, 256], bound: 1),
      target: SplitMix.symmetric(seed: 2, shape: [512, 256], bound: 1))
  }

  static func trainingStep(_ model: MixtureOfExperts) throws -> TrainingStep<MixtureOfExperts, Batch> {
    try TrainingStep(model, optimizer: Adam(learningRate: 1e-3)) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }
  }
}

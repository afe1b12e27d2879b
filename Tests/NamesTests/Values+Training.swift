import Descent

extension NamesTests {
  static func layers() throws -> Values {
    var values: Values = [:]
    var dense = Dense(units: 2)
    (dense.weight, dense.bias) = (Parameter(numbers(4, 2)), Parameter(reals([0.5, -1])))
    values["nn.Linear"] = [dense(numbers(3, 4))]
    var bilinear = Bilinear(units: 2)
    (bilinear.weight, bilinear.bias) = (Parameter(numbers(4, 3, 2)), Parameter(reals([0.5, -1])))
    values["nn.Bilinear"] = [bilinear(numbers(3, 4), numbers(3, 3, seed: 1))]
    var embedding = Embedding(count: 5, size: 3)
    embedding.weight = Parameter(numbers(5, 3))
    values["nn.Embedding"] = [embedding(indices([4, 0, 4, 2, 1, 3], [2, 3]))]
    let x = numbers(3, 4)
    var (slope, slopes) = (PReLU(), PReLU(isShared: false))
    slope.slope = Parameter(reals([0.25]))
    slopes.slope = Parameter(reals([0.5, 0, -1, 0.25]))
    values["nn.PReLU"] = [slope(x), slopes(x)]
    values["nn.ReLU"] = [Activation.relu(x)]
    values["nn.LeakyReLU"] = [Activation.leakyRelu()(x)]
    values["nn.GELU"] = [Activation.gelu(x), Activation.geluTanh(x)]
    values["nn.SiLU"] = [Activation.silu(x)]
    let (scale, shift) = (Parameter(reals([1, 2, 0.5, -1])), Parameter(reals([0, 1, 0, 2])))
    for (axes, sizes) in spatial {
      let images = numbers(Shape([2] + sizes + [4]))
      var layer = BatchNorm()
      (layer.scale, layer.shift) = (scale, shift)
      layer.mean = Parameter(Tensor(zeros: [4], .float64), role: .statistic)
      layer.variance = Parameter(Tensor(ones: [4], .float64), role: .statistic)
      let (trained, output) = try training(layer, seed: 0) { layer in layer(images) }
      let statistics = [trained.mean.tensor, trained.variance.tensor].compactMap(\.self)
      values["nn.BatchNorm\(axes)d"] = [output] + statistics + [trained(images)]
    }
    var layer = LayerNorm()
    (layer.scale, layer.shift) = (scale, shift)
    values["nn.LayerNorm"] = [layer(numbers(3, 4))]
    let key = RandomKey(seed: 0)
    values["nn.init.zeros_"] = [Initializer.zeros.values([2, 3], key: key)]
    values["nn.init.ones_"] = [Initializer.ones.values([2, 3], key: key)]
    values["nn.init.constant_"] = [Initializer.constant(0.3).values([2, 3], key: key, .float64)]
    return values
  }

  static func optimizers() throws -> Values {
    var values: Values = [:]
    let both = [numbers(3, 4), numbers(5, seed: 1)]
    values["optim.SGD"] = try [
      descended(SGD(learningRate: 0.1), both), descended(SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.2), both),
      descended(SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), both),
    ].flatMap(\.self)
    values["optim.Adam"] = try [
      descended(Adam(), both),
      descended(Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.2), both),
    ].flatMap(\.self)
    values["optim.AdamW"] = try [
      descended(AdamW(decaying: .all), both),
      descended(AdamW(learningRate: 0.1, weightDecay: 0.2, decaying: .all), both),
    ].flatMap(\.self)
    let muon = Muon(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    values["optim.Muon"] = try descended(muon, [numbers(16, 20)], steps: 2)
    values["nn.utils.clip_grad_norm_"] = try descended(SGD(learningRate: 0.1).clipping(globalNorm: 1), both)
    values["nn.utils.clip_grad_value_"] = try descended(SGD(learningRate: 0.1).clipping(value: 0.3), both)
    return values
  }

  /// Parameters after some steps down the sum of their sines.
  private static func descended(_ optimizer: some Optimizer, _ start: [Tensor], steps: Int = 4) throws -> [Tensor] {
    var values = start
    var state = try optimizer.initialState(of: values)
    for number in 1...steps {
      try optimizer.move(
        &values, along: values.map { cos($0) }, state: &state,
        at: StepContext(number: Tensor(Double(number), .float64)))
    }
    return values
  }

  static func schedules() -> Values {
    var values: Values = [:]
    func rates(_ schedule: LearningRate) -> Tensor { stacked((1...10).map { schedule(Tensor(Double($0), .float64)) }) }
    let name = "optim.lr_scheduler."
    values[name + "CosineAnnealingLR"] = [rates(.cosine(initial: 0.5, total: 10, floor: 0.1))]
    values[name + "StepLR"] = [
      rates(.step(initial: 0.5, every: 3)), rates(.step(initial: 0.5, every: 2, factor: 0.5)),
    ]
    values[name + "ExponentialLR"] = [rates(.exponential(initial: 0.5, factor: 0.9))]
    values[name + "OneCycleLR"] = [rates(.oneCycle(peak: 0.5, total: 11))]
    values[name + "SequentialLR"] = [rates(.warmupCosine(peak: 0.5, warmup: 4, total: 10))]
    return values
  }
}

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
    values["nn.init.eye_"] = [Initializer.identity().values([2, 3], key: key)]
    values["nn.init.dirac_"] = [Initializer.identity().values([3, 3, 2, 4], key: key)]
    let gains = [Activation.sigmoid, .tanh, .relu, .leakyRelu(slope: 0.2), .selu].map(\.gain)
    values["nn.init.calculate_gain"] = [reals(gains)]
    values["nn.init.zeros_"] = [Initializer.zeros.values([2, 3], key: key)]
    values["nn.init.ones_"] = [Initializer.ones.values([2, 3], key: key)]
    values["nn.init.constant_"] = [Initializer.constant(0.3).values([2, 3], key: key, .float64)]
    return values
  }

  static func imageLayers() -> Values {
    var values: Values = [:]
    for (axes, sizes) in spatial {
      let images = numbers(Shape([2] + sizes + [4]))
      values["nn.MaxPool\(axes)d"] = [MaxPool(size: 2)(images)]
      values["nn.AvgPool\(axes)d"] = [AveragePool(size: 2)(images)]
    }
    let images = numbers(2, 4, 6, 4)
    values["nn.AdaptiveAvgPool2d"] = [
      AdaptiveAveragePool(2, 5)(images), GlobalAveragePool()(images).reshaped([2, 1, 1, 4]),
    ]
    values["nn.AdaptiveMaxPool2d"] = [
      AdaptiveMaxPool(2, 5)(images), GlobalMaxPool()(images).reshaped([2, 1, 1, 4]),
    ]
    values["nn.Upsample"] = [Upsampling(2)(images), Upsampling(2, method: .linear)(images)]
    values["nn.ZeroPad2d"] = [SpatialPadding(1)(images)]
    values["nn.ReflectionPad2d"] = [SpatialPadding(1, mode: .reflect)(images)]
    values["nn.ReplicationPad2d"] = [SpatialPadding(2, mode: .edge)(images)]
    values["nn.CircularPad2d"] = [SpatialPadding(low: [1, 0], high: [0, 2], mode: .circular)(images)]
    values["nn.PixelShuffle"] = [PixelShuffle(factor: 2)(images)]
    values["nn.PixelUnshuffle"] = [PixelUnshuffle(factor: 2)(images)]
    values["nn.Flatten"] = [Flatten()(images)]
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
    values.merge(try divided(both)) { _, second in second }
    let muon = Muon(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    values["optim.Muon"] = try descended(muon, [numbers(16, 20)], steps: 2)
    values["nn.utils.clip_grad_norm_"] = try descended(SGD(learningRate: 0.1).clipping(globalNorm: 1), both)
    values["nn.utils.clip_grad_value_"] = try descended(SGD(learningRate: 0.1).clipping(value: 0.3), both)
    return values
  }

  /// Rules that divide by the gradient's size.
  private static func divided(_ start: [Tensor]) throws -> Values {
    func both(_ one: some Optimizer, _ other: some Optimizer, steps: Int = 4) throws -> [Tensor] {
      try descended(one, start) + descended(other, start, steps: steps)
    }
    return try [
      "optim.Adagrad": both(Adagrad(), Adagrad(learningRate: 0.1, initialSum: 0.5)),
      "optim.Adadelta": both(Adadelta(), Adadelta(learningRate: 0.5, decay: 0.8, epsilon: 1e-3)),
      "optim.RMSprop": both(
        RMSprop(), RMSprop(learningRate: 0.1, decay: 0.9, epsilon: 1e-3, momentum: 0.8, centered: true)),
      "optim.Rprop": both(
        Rprop(), Rprop(initialLength: 1, shrinking: 0.4, growing: 1.5, least: 1e-3, most: 2), steps: 8),
      "optim.Adamax": both(Adamax(), Adamax(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3)),
      "optim.NAdam": both(
        NAdam(), NAdam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, momentumDecay: 0.1)),
      "optim.RAdam": both(RAdam(), RAdam(learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3), steps: 8),
      "optim.Adafactor": both(
        Adafactor(), Adafactor(learningRate: 0.3, decay: 0.5, leastScale: 0.1, threshold: 1.5)),
    ]
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

  /// How far steps with these losses go where the gradient is −1.
  private static func reduced() throws -> Tensor {
    let rule = SGD(learningRate: 0.5).reducingOnPlateau(by: 0.5, patience: 2, cooldown: 1)
    let parameter = OptimizedParameter(path: "w", value: Tensor(0, .float64), gradient: Tensor(-1, .float64))
    var state = try rule.initialState(for: [parameter])
    return stacked(
      try [5, 4, 4, 4, 3.9999, 4, 4, 4, 3, 3].map { loss in
        let step = StepContext(number: Tensor(1, .float64), loss: Tensor(loss, .float64))
        return try rule.movements(of: [parameter], state: &state, at: step)[0]
      })
  }

  static func schedules() throws -> Values {
    var values: Values = [:]
    func rates(_ schedule: LearningRate, _ steps: Int = 10) -> Tensor {
      stacked((1...steps).map { schedule(Tensor(Double($0), .float64)) })
    }
    let name = "optim.lr_scheduler."
    values[name + "CosineAnnealingLR"] = [rates(.cosine(initial: 0.5, total: 10, floor: 0.1))]
    values[name + "StepLR"] = [
      rates(.step(initial: 0.5, every: 3)), rates(.step(initial: 0.5, every: 2, factor: 0.5)),
    ]
    values[name + "ExponentialLR"] = [rates(.exponential(initial: 0.5, factor: 0.9))]
    values[name + "OneCycleLR"] = [
      rates(.oneCycle(peak: 0.5, total: 11)), rates(.linearOneCycle(peak: 0.5, total: 11)),
    ]
    values[name + "ConstantLR"] = [rates(.joined([0.125, 0.5], at: [3]))]
    values[name + "LinearLR"] = [
      rates(.linear(from: 0.1, to: 0.5, over: 7)), rates(.linear(from: 0.5, to: 0, over: 10)),
    ]
    values[name + "PolynomialLR"] = [
      rates(.polynomial(initial: 0.5, total: 10)), rates(.polynomial(initial: 0.5, total: 7, power: 2)),
    ]
    values[name + "MultiStepLR"] = [
      rates(.multiStep(initial: 0.5, at: [2, 5])), rates(.multiStep(initial: 0.5, at: [3, 4], factor: 0.5)),
    ]
    values[name + "CosineAnnealingWarmRestarts"] = [
      rates(.cosineRestarts(initial: 0.5, period: 4)),
      rates(.cosineRestarts(initial: 0.5, period: 3, growth: 2, floor: 0.1), 30),
    ]
    values[name + "CyclicLR"] = [
      rates(.cyclic(from: 0.1, to: 0.5, rising: 3), 20),
      rates(.cyclic(from: 0.1, to: 0.5, rising: 2, falling: 4, cycleFactor: 0.5), 20),
      rates(.cyclic(from: 0.1, to: 0.5, rising: 3, stepFactor: 0.9), 20),
    ]
    let step = LearningRate.step(initial: 0.5, every: 3)
    values[name + "ChainedScheduler"] = [rates(step.multiplied(by: .exponential(initial: 1, factor: 0.9)))]
    values[name + "LambdaLR"] = [rates(LearningRate { 0.5 / $0 })]
    values[name + "MultiplicativeLR"] = [rates(.exponential(initial: 0.5, factor: 0.9))]
    values[name + "ReduceLROnPlateau"] = [try reduced()]
    values[name + "SequentialLR"] = [rates(.warmupCosine(peak: 0.5, warmup: 4, total: 10))]
    return values
  }
}

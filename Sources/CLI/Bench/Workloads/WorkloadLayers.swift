import Descent

// Layers with the workloads' initial values: uniform over ±√(gain / inputs), biases over ±√(1 / inputs).

extension Dense {
  /// `[inputs, outputs]`, then the bias where there is one.
  init(_ seeds: inout ParameterSeeds, _ inputs: Int, _ outputs: Int, gain: Double = 1) {
    self.init(units: outputs)
    weight = Parameter(seeds.uniform([inputs, outputs], bound: (gain / Double(inputs)).squareRoot()))
    bias = Parameter(seeds.uniform([outputs], bound: (1 / Double(inputs)).squareRoot()))
  }
}

extension Conv2D {
  /// Weights in the workloads' order `[filters, channels, height, width]`, then the bias where there is one.
  init(
    _ seeds: inout ParameterSeeds, _ channels: Int, _ filters: Int, size: Int, strides: Int = 1,
    padding: Padding = .valid, bias hasBias: Bool = true, gain: Double = 1
  ) {
    self.init(filters: filters, size: size, strides: strides, padding: padding, bias: hasBias)
    let fan = Double(channels * size * size)
    weight = Parameter(
      seeds.uniform([filters, channels, size, size], bound: (gain / fan).squareRoot()).transposed([2, 3, 1, 0]))
    if hasBias { bias = Parameter(seeds.uniform([filters], bound: (1 / fan).squareRoot())) }
  }
}

extension BatchNorm {
  /// Scales of 1 and shifts of 0, which count as parameters; statistics do not.
  init(_ seeds: inout ParameterSeeds, _ channels: Int) {
    self.init()
    scale = Parameter(seeds.constant([channels], 1))
    shift = Parameter(seeds.constant([channels], 0))
  }
}

extension LayerNorm {
  /// Scales of 1, without shifts.
  init(_ seeds: inout ParameterSeeds, _ features: Int) {
    self.init(shift: false)
    scale = Parameter(seeds.constant([features], 1))
  }
}

extension Embedding {
  init(_ seeds: inout ParameterSeeds, count: Int, size: Int, bound: Double) {
    self.init(count: count, size: size)
    weight = Parameter(seeds.uniform([count, size], bound: bound))
  }
}

extension LSTMCell {
  /// The weights of inputs, those of the state and the bias, all over ±√(1 / units).
  init(_ seeds: inout ParameterSeeds, _ inputs: Int, _ units: Int) {
    self.init(units: units)
    let bound = (1 / Double(units)).squareRoot()
    inputWeight = Parameter(seeds.uniform([inputs, 4 * units], bound: bound))
    stateWeight = Parameter(seeds.uniform([units, 4 * units], bound: bound))
    bias = Parameter(seeds.uniform([4 * units], bound: bound))
  }
}

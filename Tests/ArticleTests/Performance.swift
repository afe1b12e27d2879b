import Descent
import Testing

@Suite struct Performance {
  @Test func figures() throws {
    let x = RandomKey(seed: 1).normal([32, 16])
    let batch = Batch(input: x, target: Tensor(zeros: [32, 1]))
    let step = try TrainingStep(Dense(units: 1), optimizer: Adam()) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }

    let statistics = try step.statistics(for: batch)
    print(statistics.kernels, statistics.peakBytes, statistics.compileSeconds)
    let kernels = try step.profile(batch, runs: 10)
    for layer in LayerProfile.grouping(kernels) {
      print(layer)  // such as "hidden backward: 31.4 %, 85.2 µs, 3 kernels"
    }
    for kernel in kernels.sorted(by: { $0.seconds > $1.seconds }).prefix(5) {
      print(kernel.name, kernel.shapes, kernel.layer, kernel.phase, kernel.seconds)
    }
    print(PlanMemory.usage)

    #expect(statistics.kernels > 0 && statistics.referenceOperations.isEmpty)
  }

  @Test func forms() throws {
    let norm = compiled { (x: Tensor) in sqrt(square(x).sum()) }
    for count in [4, 4, 5, 4] { _ = try norm(Tensor(zeros: [count])) }
    print(norm.compilationCount)  // 2: a plan for each shape
    #expect(norm.compilationCount == 2)
  }

  @Test func memory() throws {
    let layers = (0..<4).map { _ in Dense(units: 16) }
    let x = RandomKey(seed: 1).normal([32, 16])
    let model = try layers.map { try $0.initialized(for: x) }

    let block = checkpointed { (layer: Dense, x: Tensor) in gelu(layer(x)) }
    let slope = try gradient(at: model) { model in
      try model.reduce(x) { x, layer in try block(layer, x) }.sum()
    }

    #expect(slope.count == 4)
  }

  @Test func narrow() throws {
    let x = RandomKey(seed: 1).normal([32, 16])
    let model = try Dense(units: 4).initialized(for: x)

    let logits = withPrecision(.bfloat16) { model.predict(x) }  // bfloat16 within, float32 out
    let step = try TrainingStep(model, optimizer: Adam(), precision: .bfloat16) { model, batch in
      meanSquaredError(model(batch.input), batch.target)
    }

    #expect(logits.elementType == .float32)
    try step(Batch(input: x, target: Tensor(zeros: [32, 4])))
    #expect(step.model.weight.tensor?.elementType == .float32)
  }

  @Test func answers() throws {
    let images = RandomKey(seed: 1).normal([3, 16])
    let model = try Dense(units: 4).initialized(for: images)

    let predictor = try model.predictor()  // walks the model once, compiles once
    for index in 0..<3 {
      let logits = try predictor(images[index..<index + 1])
      print(try logits.argMax().integers())
    }

    #expect(predictor.compilationCount == 1)
  }
}

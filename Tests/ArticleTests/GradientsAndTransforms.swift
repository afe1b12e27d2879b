import Descent
import Testing

@Suite struct GradientsAndTransforms {
  @Test func gradients() throws {
    func loss(_ w: Tensor, _ b: Tensor) -> Tensor {
      square(matmul(Tensor([[1, 2], [3, 4]]), w) + b - 1.0).mean()
    }
    let (w, b) = (Tensor([0.5, -0.5]), Tensor(0))

    let (slopeOfW, slopeOfB) = try gradient(at: w, b, of: loss)
    let (value, slope) = try valueAndGradient(at: w) { w in loss(w, b) }

    #expect(slopeOfW.shape == [2] && slopeOfB.shape == [])
    #expect(try slope.scalars() == slopeOfW.scalars())
    #expect(try value.item() == loss(w, b).item())
  }

  @Test func choices() throws {
    let x = Tensor([0, 4])

    let spoiled = try gradient(at: x) { x in `where`(x .> 0, sqrt(x), 0.0).sum() }  // NaN at 0
    let right = try gradient(at: x) { x in
      `where`(x .> 0, of: x, standIn: 1, sqrt, otherwise: Tensor(0)).sum()
    }

    #expect(try spoiled.scalars()[0].isNaN)
    #expect(try right.scalars() == [0, 0.25])
  }

  @Test func ofModels() throws {
    let x = RandomKey(seed: 1).normal([8, 3])
    let model = try Dense(units: 2).initialized(for: x)

    let slope = try gradient(at: model) { model in square(model(x)).sum() }
    let next = zip(model, slope) { parameter, slope in parameter - 0.01 * slope }

    #expect(slope.weight.tensor?.shape == [3, 2])
    #expect(try square(next(x)).sum().item() < square(model(x)).sum().item())
  }

  @Test func furtherDerivatives() throws {
    func f(_ x: Tensor) -> Tensor { (x * x * x).sum() }
    let x = Tensor([1, 2])

    let second = try hessian(at: x, of: f)  // [2, 2]
    let alongFirst = try hessianVectorProduct(at: x, along: Tensor([1, 0]), of: f)
    let slopes = try jacobian(at: x) { x in concatenated([sin(x), cos(x)]) }  // [4, 2]
    let third = try gradient(at: x) { x in
      try gradient(at: x) { x in try gradient(at: x, of: f).sum() }.sum()
    }

    #expect(try second.scalars() == [6, 0, 0, 12])
    #expect(try alongFirst.scalars() == [6, 0])
    #expect(slopes.shape == [4, 2])
    #expect(try third.scalars() == [6, 6])
  }

  @Test func curvature() throws {
    let x = RandomKey(seed: 1).normal([8, 3])
    let labels = Tensor(integers: [0, 1, 2, 0, 1, 2, 0, 1])
    let model = try Dense(units: 3).initialized(for: x)

    func loss(_ model: Dense) throws -> Tensor { softmaxCrossEntropy(model(x), labels) }

    let top = try hessianEigenpairs(at: model, count: 2, of: loss)  // values [2], vectors in the model's form
    let (trace, error) = try hessianTrace(at: model, samples: 64, of: loss)
    let spectrum = try hessianSpectrum(at: model, samples: 4, of: loss)
    let chart = try Chart.spectrum(spectrum)
    let product = try gaussNewtonProduct(at: model, along: top.vectors[0]) { model in
      model(x)
    } loss: { logits in
      softmaxCrossEntropy(logits, labels)
    }

    #expect(top.values.shape == [2] && spectrum.dimension == 12)
    #expect(try abs((trace - spectrum.trace).item()) < 6 * error.item() + 0.2)
    // A linear model has no second derivatives of its own: the product is the Hessian's.
    let weight = try #require(product.weight.tensor)
    let vector = try #require(top.vectors[0].weight.tensor)
    #expect(try abs(weight / top.values[0].converted(to: .float32) - vector).max().item() < 1e-3)
    #expect(try chart.svg().contains("12 numbers"))
  }

  @Test func perExample() throws {
    let xs = RandomKey(seed: 1).normal([5, 3])
    let w = Tensor([1, 2, 3])

    let slope = { (x: Tensor, w: Tensor) in
      try gradient(at: w) { w in tanh((x * w).sum()) }
    }
    let slopes = vectorized(over: 0, nil, of: slope)  // w is shared
    let ofEach = try slopes(xs, w)  // [5, 3]: a gradient for each example

    #expect(ofEach.shape == [5, 3])
    let third = try slope(xs[2], w)
    #expect(try allClose(ofEach[2], third).item(as: Bool.self))
  }

  @Test func once() throws {
    let step = compiled { (w: Tensor, x: Tensor) in
      w - 0.1 * (try gradient(at: w) { w in square(matmul(x, w) - 1.0).mean() })
    }
    var w = Tensor(zeros: [3])
    for index in 0..<10 { w = try step(w, RandomKey(seed: 1).split(index).normal([16, 3])) }
    print(step.compilationCount)  // 1

    #expect(step.compilationCount == 1)
    #expect(try w.scalars().allSatisfy(\.isFinite))
  }

  @Test func loops() throws {
    let (balances, growth) = try scan(length: 12, from: Tensor(100)) { balance, month in
      let next = balance * 1.01
      return (next, next - balance)
    }
    #expect(try abs(balances.item() - 112.68) < 0.01)
    #expect(growth.shape == [12])

    // Newton's method for the root of 2, until the step is small.
    let root = try whileLoop(from: Tensor(1)) { x in
      abs(x * x - 2.0) .> 1e-5
    } do: { x in
      0.5 * (x + 2.0 / x)
    }
    #expect(try abs(root.item() - 2.0.squareRoot()) < 1e-5)
  }
}

import DescentTensors
import TestSupport
import Testing

/// Eight threads at once record, differentiate and read what they share.
@Suite("threads")
struct ThreadTests {
  private func onEightThreads(_ body: @Sendable (Int) throws -> Void) { #expect(faultsOnEightThreads(body) == []) }

  @Test func readingTheSameTensor() throws {
    for _ in 0..<20 {
      let x = Tensor([1, 2, 3], .float64)
      let chain = (0..<50).reduce(x) { y, _ in y * 1.0 + 1.0 }
      onEightThreads { _ in try hold(try chain.scalars() == [51, 52, 53]) }
    }
  }

  @Test func readingPartsOfOneHistory() throws {
    for _ in 0..<10 {
      var steps = [Tensor([1, 2], .float64)]
      for _ in 0..<40 { steps.append(steps[steps.count - 1] + 1.0) }
      let shared = steps
      onEightThreads { thread in
        for index in stride(from: thread, to: shared.count, by: 8) {
          try hold(try shared[index].scalars() == [Double(index + 1), Double(index + 2)])
          try hold(try (shared[40 - index] * 2.0).scalars()[0] == Double(2 * (41 - index)))
        }
      }
    }
  }

  @Test func differentiatingSharedTensors() throws {
    let x = Tensor([1, 2, 3], .float64)
    let lazy = x * x
    onEightThreads { thread in
      for step in 0..<10 {
        let factor = Double(thread * 10 + step)
        let slope = try gradient(at: x) { x in (x * lazy * factor).sum() }
        try hold(try slope.scalars() == [factor, 4 * factor, 9 * factor])
        let second = try gradient(at: x) { x in try gradient(at: x) { (exp($0 * 0.0) * $0 * $0 * lazy).sum() }.sum() }
        try hold(try second.scalars() == [2, 8, 18])
      }
    }
  }

  /// Loops, branches, checkpoints and derivatives of one's own, nested, each thread with functions of its own and with
  /// parameters that all share.
  @Test func nestedControl() throws {
    let rows = Tensor([[1, 2], [-1, 0.5], [0.3, -0.7]], .float64)
    let weight = Tensor([0.5, 0.25], .float64) * 1.0
    @Sendable func last(_ start: Tensor, _ factor: Double) throws -> Tensor {
      try scan(over: rows, from: start) { state, row in
        let next = state.checkpointed { tanh($0 * weight + row * factor) }
        return (try cond(next.sum() .> 0.0, then: { next * 2.0 }, else: { -next }), row)
      }.state
    }
    @Sendable func loop(_ start: Tensor, _ factor: Double) throws -> Tensor {
      try customGradient(last(start, factor)) {
        (value: ($0 * $0).sum(), residuals: $0)
      } backward: { x, cotangent in
        2.0 * x * cotangent
      }
    }
    let point = Tensor([0.1, -0.2], .float64)
    @Sendable func repeated(_ factor: Double) throws -> Tensor {
      try whileLoop(from: point, while: { $0.max() .< 10.0 }, do: { $0 * 2.0 + factor })
    }
    @Sendable func slopes(_ factor: Double) throws -> [[Double]] {
      let first = try gradient(at: point) { try loop($0, factor) }
      let second = try hessian(at: point) { try loop($0, factor) }
      let each: (Tensor) throws -> Tensor = vectorized(over: 0) { start in
        try gradient(at: start) { try loop($0, factor) }
      }
      return [try first.scalars(), try second.scalars(), try each(rows).scalars(), try repeated(factor).scalars()]
    }
    let wanted = try (0..<4).map { try slopes(Double($0 + 1)) }
    onEightThreads { thread in
      for round in 0..<2 {
        let factor = (thread + round) % 4
        try hold(try slopes(Double(factor + 1)) == wanted[factor])
      }
    }
  }

  private struct Model: Codable, Sendable { var weight = Parameter(Tensor([2, 3], .float64)) }

  /// One compiled function that all threads call, for several forms of arguments, and one for each thread.
  @Test func compiledFunctions() throws {
    let shared = compiled { (x: Tensor, model: Model) in
      let slope = vectorized(over: 0) { (x: Tensor) in
        try gradient(at: x) { x in (square(x) * (model.weight.tensor ?? x)).sum() }
      }
      return try slope(x)
    }
    onEightThreads { thread in
      let count = compiledUpdate { (state: inout Tensor, x: Tensor) in
        state = state + x
        return state.sum()
      }
      var state = Tensor(zeros: [3], .float64)
      for round in 0..<20 {
        let rows = 1 + (thread + round) % 3
        let x = Tensor(repeating: Double(thread), shape: [rows, 2], .float64)
        let slope = try shared(x, Model()).scalars()
        try hold(slope == (0..<rows).flatMap { _ in [4 * Double(thread), 6 * Double(thread)] }, "\(slope)")
        let point = Tensor([Double(round), 1], .float64)
        let second = try hessian(at: point) { ($0 * $0 * $0).sum() }.scalars()
        try hold(second == [6 * Double(round), 0, 0, 6], "\(second)")
        try hold(try count(&state, Tensor(1.0, .float64)).item() == Double(3 * (round + 1)))
      }
      try hold(count.compilationCount == 1)
    }
    #expect(shared.compilationCount == 3)
  }

  /// Kernels with memory and tables of their own: products, convolutions, sorting, transforms, decompositions, random bits.
  @Test(.leftOutOnReference(.threads)) func kernels() throws {
    @Sendable func results() throws -> [[Double]] {
      let matrix = RandomKey(seed: 7).normal([24, 24]).converted(to: .float64)
      let images = RandomKey(seed: 8).uniform([2, 9, 9, 3])
      // Large enough for the thread pool.
      let large = RandomKey(seed: 9).normal([160, 160])
      let long = Tensor(rangeTo: 1 << 17, .float32)
      let positive = matmul(matrix, matrix.transposed()) + 1.0
      return [
        try determinant(positive).scalars(), try solve(positive, matrix).scalars(),
        try convolution(images, images.sliced(0..<1).reshaped([9, 9, 3, 1]), padding: .same).scalars(),
        try maxPool(images, size: 3).scalars(), try matrix.sorted(axis: 0).scalars(),
        try realFFT(matrix).real.scalars(), try matrix.cumulativeSum(axis: 0).scalars(),
        try matrix[Tensor(integers: [3, 1, 3])].scalars(), try softmax(matrix).scalars(),
        try matmul(large, large).scalars(), try (exp(long * -1e-3) + sin(long)).sum().scalars(),
      ]
    }
    let wanted = try results()
    onEightThreads { _ in
      for _ in 0..<2 { try hold(try results() == wanted) }
    }
  }

  /// Histories that several threads let go of at once.
  @Test func lettingGoOfSharedHistories() throws {
    for _ in 0..<10 {
      var trunk = Tensor(1.0)
      for _ in 0..<2_000 { trunk = -trunk }
      let shared = trunk
      onEightThreads { thread in
        var branch = shared
        for _ in 0..<1_000 { branch = -branch }
        if thread % 2 == 0 { try hold(try branch.item() == 1) }
      }
    }
  }

  @Test func mistakesOnEveryThread() throws {
    let wrong = Tensor([1, 2]) + Tensor([1, 2, 3])
    let line = #line - 1
    onEightThreads { _ in
      do {
        _ = try (wrong * 2.0).scalars()
        try hold(false, "no error")
      } catch let error as TensorError {
        try hold(error.description.hasSuffix("ThreadTests.swift:\(line)"))
      }
    }
  }
}

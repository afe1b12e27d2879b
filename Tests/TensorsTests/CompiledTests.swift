import DescentGraph
import DescentTensors
import Synchronization
import TestSupport
import Testing

@Suite("compiled functions")
struct CompiledTests {
  private struct Model: Codable, Sendable {
    var weight = Parameter(Tensor([2, 3], .float64))
    var power = 2
    var isDoubled = false
    var extra: [Tensor] = []
  }

  /// What is asked of a plan compiles it, and running it then compiles nothing.
  @Test(.leftOutOnReference(.plannedMemory)) func plansCanBeLookedInto() throws {
    let function = compiled { (x: Tensor, y: Tensor) in (matmul(x, y), tanh(x)) }
    let x = Tensor(repeating: 0.5, shape: [64, 64])
    let statistics = try function.statistics(x, x)
    #expect(statistics.kernels > 0 && statistics.referenceOperations.isEmpty)
    let kernels = try function.profile(x, x, runs: 3)
    #expect(kernels.count == statistics.kernels)
    #expect(kernels.contains { $0.flops == 2 * 64 * 64 * 64 })
    #expect(try function(x, x).1.shape == [64, 64])
    #expect(function.compilationCount == 1)
    #expect(throws: TensorError.self) {
      try gradient(at: x) { x in
        _ = try function.profile(x, x, runs: 1)
        return x.sum()
      }
    }
  }

  /// One trace for each shape, type and structure, and for each switch that plain Swift may branch on.
  @Test func oneTraceForEachForm() throws {
    let traces = Mutex(0)
    let function = compiled { (model: Model, x: Tensor) in
      traces.withLock { $0 += 1 }
      var result = x * (model.weight.tensor ?? x)
      for _ in 1..<model.power { result = result * x }
      for tensor in model.extra { result = result + tensor }
      return model.isDoubled ? result * 2.0 : result
    }
    func expect(_ model: Model, _ x: Tensor, _ values: [Double], _ count: Int, line: Int = #line) throws {
      #expect(try function(model, x).scalars() == values, "line \(line)")
      #expect(function.compilationCount == count && traces.withLock { $0 } == count, "line \(line)")
    }
    var model = Model()
    let x = Tensor([1, 2], .float64)
    try expect(model, x, [2, 12], 1)
    try expect(model, x * 2.0, [8, 48], 1)
    model.weight = Parameter(Tensor([1, 1], .float64))
    try expect(model, x, [1, 4], 1)
    model.power = 3
    try expect(model, x, [1, 8], 2)
    model.isDoubled = true
    try expect(model, x, [2, 16], 3)
    model.extra = [x]
    try expect(model, x, [4, 20], 4)
    model.extra = []
    try expect(model, x, [2, 16], 4)
    try expect(model, Tensor([[1, 2], [3, 4]], .float64), [2, 16, 54, 128], 5)
    model.weight = Parameter(Tensor([1, 1]))
    try expect(model, Tensor([1, 2]), [2, 16], 6)
  }

  @Test func nesting() throws {
    let cube = compiled { (x: Tensor) in x * x * x }
    let x = Tensor([2, 3], .float64)
    #expect(try gradient(at: x) { try cube($0).sum() }.scalars() == [12, 27])
    #expect(cube.compilationCount == 0, "inside another recorded function it is part of that one")
    let slope = compiled { (x: Tensor) in try gradient(at: x) { try cube($0).sum() } }
    #expect(try gradient(at: x) { try slope($0).sum() }.scalars() == [12, 18])
    #expect(try slope(x).scalars() == [12, 27] && slope.compilationCount == 1)
    // A function that takes an outer one's argument from outside is compiled with the outer one.
    let outer = compiled { (y: Tensor) in
      let inner = compiled { (x: Tensor) in x * y }
      return try inner(Tensor([1, 2], .float64))
    }
    #expect(try outer(x).scalars() == [2, 6] && outer(x * 2.0).scalars() == [4, 12])
    #expect(outer.compilationCount == 1)
  }

  @Test func readingWithin() throws {
    let function = compiled { (x: Tensor) in try x.item() > 0 ? x : -x }
    let error = #expect(throws: TensorError.self) { try function(Tensor(1.0)) }
    #expect(
      error?.message
        == "the value of float32[] is not known while a function is recorded; choose with where or cond, repeat with"
        + " whileLoop or scan, and read the function's result")
    #expect(function.compilationCount == 0)
    let wrong = compiled { (x: Tensor) in x + Tensor([1, 2, 3]) }
    #expect(throws: TensorError.self) { try wrong(Tensor([1, 2])) }
    #expect(try wrong(Tensor([1, 2, 3])).scalars() == [2, 4, 6], "a mistake leaves the function usable")
    #expect(throws: TensorError.self) { try wrong(Tensor([1]) + Tensor([1, 2, 3]) + Tensor([1, 2])) }
  }

  @Test func updatesKeepValues() throws {
    let step = compiledUpdate { (state: inout [Tensor], x: Tensor) in
      let sum = (state[0] * x).sum()
      state = [state[0] + x, state[1] * 2.0]
      return sum
    }
    var state = [Tensor([1, 2, 3], .float64), Tensor(1.0, .float64)]
    let first = state
    #expect(try step(&state, Tensor([1, 1, 1], .float64)).item() == 6)
    let second = state[0]
    #expect(try step(&state, Tensor([1, 0, 0], .float64)).item() == 9 - 0 - 7)
    #expect(try step(&state, Tensor([1, 1, 1], .float64)).item() == 10)
    #expect(try first[0].scalars() == [1, 2, 3] && second.scalars() == [2, 3, 4])
    #expect(try state[0].scalars() == [4, 4, 5] && state[1].item() == 8)
    #expect(step.compilationCount == 1)
    // The same tensor twice in one state is two values.
    let twin = Tensor([5, 5, 5], .float64)
    var twins = [twin, Tensor(1.0, .float64)]
    var again = twins
    _ = try step(&twins, twin)
    _ = try step(&again, twin)
    #expect(try twins[0].scalars() == [10, 10, 10] && again[0].scalars() == [10, 10, 10])
    #expect(try twin.scalars() == [5, 5, 5])
  }

  @Test func updatesInPlace() throws {
    let step = compiledUpdate { (state: inout Tensor, x: Tensor) in
      state = state + x
      return state.sum()
    }
    var state = Tensor(zeros: [1000], .float64)
    _ = try step(&state, Tensor(1.0, .float64))
    func address() throws -> ObjectIdentifier { ObjectIdentifier(try state.literal().buffer) }
    let place = try address()
    for _ in 0..<5 { _ = try step(&state, Tensor(1.0, .float64)) }
    #expect(try address() == place, "a state that nobody else holds stays where it is")
    let kept = state
    _ = try step(&state, Tensor(1.0, .float64))
    #expect(try address() != place && kept.scalars().allSatisfy { $0 == 6 } && state.scalars()[0] == 7)
  }

  @Test func mistakesOfUpdates() throws {
    let grows = compiledUpdate { (state: inout [Tensor]) in
      state.append(Tensor(1.0))
      return Tensor(0.0)
    }
    var state = [Tensor(1.0)]
    let error = #expect(throws: TensorError.self) { try grows(&state) }
    #expect(error?.message == "the state has 1 tensors, its next value has 2")
    let widens = compiledUpdate { (state: inout [Tensor]) in
      state[0] = state[0].converted(to: .float64)
      return Tensor(0.0)
    }
    let other = #expect(throws: TensorError.self) { try widens(&state) }
    #expect(other?.message == "a tensor of the state is float32[], its next value is float64[]")
    #expect(try state[0].item() == 1 && state.count == 1)
  }
}

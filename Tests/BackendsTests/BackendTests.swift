import DescentCompiler
import DescentGraph
import DescentTensors
import Testing

@testable import DescentBackends

/// Backends as users choose them.
@Suite struct BackendTests {
  @Test func areFoundByName() {
    #expect(Backend.all.map(\.name) == ["cpu", "reference"])
    #expect(Backend(named: "cpu") == .cpu && Backend(named: "reference") == .reference && Backend(named: "tpu") == nil)
    #expect(Backend.cpu != .reference && "\(Backend.reference)" == "reference")
    #expect(Backend.chosen(by: nil) == .cpu && Backend.chosen(by: "") == .cpu)
    #expect(Backend.chosen(by: "reference") == .reference)
  }

  /// A wrong name is told where an error can be thrown, with the names that there are.
  @Test func aNameWithoutBackendIsAnError() throws {
    let missing = Backend.chosen(by: "tpu")
    try withBackend(missing) {
      #expect(Backend.current.name == "tpu")
      let error = #expect(throws: TensorError.self) { try (Tensor([1, 2]) + 1).scalars() }
      #expect(error?.operation == "DESCENT_BACKEND")
      #expect(error?.message == "there is no backend 'tpu'; the backends are cpu, reference")
      #expect(throws: TensorError.self) { try compiled { (x: Tensor) in x + 1 }(Tensor(1)) }
      // What is known needs no backend.
      let known = try Tensor(2.0).item()
      #expect(known == 2)
    }
  }

  @Test func holdWithinTheirScope() throws {
    let outside = Backend.current
    withBackend(.reference) {
      #expect(Backend.current == .reference)
      withBackend(.cpu) { #expect(Backend.current == .cpu) }
      #expect(Backend.current == .reference)
    }
    #expect(Backend.current == outside)
  }

  /// Which backend computed a tensor is seen by its memory.
  @Test func computeWhereTheyAreCurrent() throws {
    func isOnHost(_ tensor: Tensor) throws -> Bool { try tensor.literal().buffer.storage.hostMemory != nil }
    let x = Tensor([1, 2, 3])
    let cpu = try withBackend(.cpu) { try isOnHost(x * 2) }
    let reference = try withBackend(.reference) { try isOnHost(x * 2) }
    #expect(cpu && !reference)
  }

  /// A tensor of one backend is an operand of the other's plans, in both directions.
  @Test func takeEachOthersTensors() throws {
    let x = Tensor([1, 2, 3])
    let squares = x * x
    try withBackend(.reference) { try evaluate(squares) }
    let sums = squares + x
    #expect(try withBackend(.cpu) { try sums.scalars() } == [2, 6, 12])
    #expect(try withBackend(.reference) { try (sums * squares).scalars() } == [2, 24, 108])
  }

  /// A function that is compiled once has a plan for each backend that it is called on.
  @Test func havePlansOfTheirOwn() throws {
    let twice = compiled { (x: Tensor) in x * 2 + 1 }
    for backend in [Backend.cpu, .reference, .cpu, .reference] {
      #expect(try withBackend(backend) { try twice(Tensor([1, 2])).scalars() } == [3, 5])
    }
    #expect(twice.compilationCount == 2)
  }

  /// A state that was computed by one backend goes on with the other, as a copy the first time and in place from then on.
  @Test func updatesMoveToTheOtherBackend() throws {
    let step = compiledUpdate { (state: inout Tensor) in
      state = state + 1
      return state.sum()
    }
    var state = Tensor([1, 2])
    for (backend, sum) in [(Backend.reference, 5.0), (.reference, 7), (.cpu, 9), (.cpu, 11), (.reference, 13)] {
      #expect(try withBackend(backend) { try step(&state).item() } == sum)
    }
    let kept = state
    _ = try withBackend(.reference) { try step(&state) }
    #expect(try kept.scalars() == [6, 7] && state.scalars() == [7, 8])
  }

  @Test func tensorsOfBothCanBeReadAndSaved() throws {
    let x = Tensor([[1, 2], [3, 4]])
    let (sums, flags) = try withBackend(.reference) {
      let (sums, flags) = (x.sum(axes: 0), x .> 2)
      try evaluate(sums, flags)
      return (sums, flags)
    }
    #expect(
      try sums.floats() == [4, 6] && sums.integers() == [4, 6] && flags.booleans() == [false, false, true, true])
    #expect(try sums.rows(1..<2).scalars() == [6])
    #expect(try Tensor.joiningRows([sums, Tensor([5])]).scalars() == [4, 6, 5])
  }
}

import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct StartsTests {
  private func himmelblau(_ x: Tensor) -> Tensor {
    square(x[0] * x[0] + x[1] - 11.0) + square(x[0] + x[1] * x[1] - 7.0)
  }

  private static let methods: [MinimizationMethod] = [
    .lbfgs(), .bfgs(), .conjugateGradient(), .newton(), .newtonCG(), .trustRegion(), .trustRegion(.steihaug),
    .gradientDescent(), .nelderMead(), .powell(),
  ]

  private static let minima: [[Double]] = [
    [3, 2], [-2.805118086953, 3.131312518251], [-3.779310253378, -3.283185991286], [3.58442834033, -1.848126526964],
  ]

  @Test(arguments: methods) func allMinimaAreFoundAndMerged(method: MinimizationMethod) throws {
    let starts = (0..<25).map { (place: Int) -> Tensor in
      let (column, row) = (Double(place % 5), Double(place / 5))
      return Tensor([2 * column - 4, 2 * row - 4.1], .float64)
    }
    let minima = try minimize(himmelblau, fromEach: starts, by: method)
    #expect(minima.failures.isEmpty)
    for right in Self.minima {
      let distances = minima.all.map { member in largestMagnitude(difference(member.minimum.numbers, right)) }
      #expect(distances.contains { $0 < 1e-5 }, "\(method): \(minima)")
    }
    let settled: [Int] = minima.all.flatMap { $0.starts }
    let found: [Int] = settled + minima.unfinished.map { $0.start }
    #expect(found.sorted() == Array(0..<25))
  }

  @Test func eachSearchIsTheOneThatItWouldBeAlone() throws {
    let starts = [[-4.0, 1], [0.3, 0.2], [4, -4]].map { Tensor($0, .float64) }
    let minima = try minimize(himmelblau, fromEach: starts, mergingWithin: 0)
    for (index, start) in starts.enumerated() {
      let alone = try minimize(himmelblau, from: start)
      let beside = try #require(minima.all.first { $0.starts.contains(index) }).minimum
      #expect(abs(beside.value - alone.value) < 1e-12)
      #expect(abs(beside.evaluations.values - alone.evaluations.values) <= 2)
    }
  }

  @Test func theHighestPoints() throws {
    let starts = [[-4.0, 1], [0.3, 0.2], [4, -4], [2, 3]].map { Tensor($0, .float64) }
    let minima = try minimize(himmelblau, fromEach: starts)
    let maxima = try maximize({ (x: Tensor) in -himmelblau(x) }, fromEach: starts)
    #expect(maxima.all.map(\.starts) == minima.all.map(\.starts))
    for (up, down) in zip(maxima.all, minima.all) {
      #expect(up.minimum.value == -down.minimum.value && up.minimum.numbers == down.minimum.numbers)
    }
    #expect(maxima.best?.value == maxima.all.map(\.minimum.value).max())
  }

  @Test func startsThatAreNoNumbersAreLeftOut() throws {
    func logarithm(_ x: Tensor) -> Tensor { (square(log(x)) + 1.0).sum() }
    let minima = try minimize(logarithm, fromEach: [-1.0, 2, 0.5].map { Tensor([$0], .float64) })
    #expect(minima.failures.map { $0.start } == [0])
    #expect(minima.all.count == 1 && minima.all[0].starts == [1, 2])
    #expect(abs((minima.best?.numbers[0] ?? 0) - 1) < 1e-6)
    #expect(minima.description.contains("1 starts could not"))
    #expect(throws: MinimizationError.self) { try minimize(logarithm, fromEach: [Tensor([-1.0], .float64)]) }
    #expect(throws: TensorError.self) { try minimize(logarithm, fromEach: [Tensor]()) }
    #expect(throws: TensorError.self) {
      try minimize(logarithm, fromEach: [Tensor([1.0], .float64), Tensor([1.0, 2], .float64)])
    }
  }
}

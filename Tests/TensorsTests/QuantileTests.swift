import DescentTensors
import Foundation
import Testing

@Suite("quantiles and places in order")
struct QuantileTests {
  private let x = Tensor([[3, 1, 2, .nan], [7, .nan, 5, .nan], [.nan, .nan, .nan, .nan]], .float64)

  @Test func passOverNaN() throws {
    #expect(try x.nanMedian(axes: 1).scalars().prefix(2) == [2, 6] && x.nanMedian(axes: 1).scalars()[2].isNaN)
    #expect(try x.nanQuantile(0.25).item() == 2)
    #expect(try x.nanQuantile(1, axes: 1, keepingAxes: true).scalars().prefix(2) == [3, 7])
    #expect(x.nanQuantile(1, axes: 1, keepingAxes: true).shape == [3, 1])
    #expect(try x.nanQuantile(0.3, axes: 1, interpolation: .lower).scalars().prefix(2) == [1, 5])
    let ends = Tensor([-.infinity, 1, .nan, .infinity])
    #expect(try ends.nanQuantile(0.25).item() == -.infinity && ends.nanQuantile(1).item() == .infinity)
    let slope = try gradient(at: x) { $0.nanQuantile(0.75, axes: 1)[..<2].sum() }.scalars()
    #expect(zip(slope, [0.5, 0, 0.5, 0, 0.75, 0, 0.25, 0, 0, 0, 0, 0]).allSatisfy { ($0 - $1).magnitude < 1e-12 })
  }

  @Test func betweenElements() throws {
    let four = Tensor([4, 1, 3, 2], .float64)
    let wanted: [(QuantileInterpolation, [Double])] = [
      (.linear, [1, 1.75, 2.5, 4]), (.lower, [1, 1, 2, 4]), (.higher, [1, 2, 3, 4]), (.nearest, [1, 2, 3, 4]),
      (.midpoint, [1, 1.5, 2.5, 4]),
    ]
    for (kind, numbers) in wanted {
      #expect(try four.quantiles([0, 0.25, 0.5, 1], interpolation: kind).scalars() == numbers, "\(kind)")
      let singly = try [0, 0.25, 0.5, 1].map { try four.nanQuantile($0, interpolation: kind).item() }
      #expect(singly == numbers, "\(kind)")
    }
    #expect(four.reshaped([2, 2]).quantiles([0.1, 0.2, 0.3], axes: 0).shape == [3, 2])
  }

  @Test func rowsAreSearchedForTheirOwnValues() throws {
    let rows = Tensor([[1, 3, 5], [2, 2, 8]], .float64)
    let values = Tensor([[0, 3, 4, 9], [2, 3, 8, 1]], .float64)
    #expect(try rows.searchSorted(values).integers() == [0, 1, 2, 3, 0, 2, 2, 0])
    #expect(try rows.searchSorted(values, after: true).integers() == [0, 2, 2, 3, 2, 2, 3, 0])
    let error = rows.searchSorted(Tensor(zeros: [3, 4], .float64)).error
    #expect(error?.message.contains("or rows, for values of their own type") == true)
  }

  @Test func partsAreRepeatedByTheirOwnNumbers() throws {
    let x = Tensor([[1, 2], [3, 4], [5, 6]], .float64)
    let counts = Tensor(integers: [2, 0, 1])
    #expect(try x.repeated(counts, total: 3).scalars() == [1, 2, 1, 2, 5, 6])
    #expect(try x.repeated(counts, total: 4).scalars() == [1, 2, 1, 2, 5, 6, 5, 6])
    #expect(try x.repeated(counts, total: 1).scalars() == [1, 2])
    #expect(x.repeated(counts, total: 0).shape == [0, 2])
    #expect(try x.repeated(Tensor(integers: [1, 2]), total: 3, axis: 1).scalars() == [1, 2, 2, 3, 4, 4, 5, 6, 6])
    let slope = try gradient(at: x) { $0.repeated(counts, total: 3).sum() }
    #expect(try slope.scalars() == [2, 2, 0, 0, 1, 1])
  }

  @Test func axesMoveAndTurn() throws {
    let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])
    #expect(x.moved([0, 1], to: [2, 0]).shape == [3, 4, 2])
    #expect(try x.moved([2, 0], to: [0, 1]).scalars() == x.transposed([2, 0, 1]).scalars())
    #expect(try x.moved([-1], to: [0]).scalars() == x.moved(-1, to: 0).scalars())
    #expect(x.moved([0], to: [0, 1]).error != nil && x.moved([0, 1], to: [1, 1]).error != nil)
    let square = Tensor([[1, 2], [3, 4]])
    #expect(try square.quarterTurned().scalars() == [2, 4, 1, 3])
    #expect(try square.quarterTurned(-1).scalars() == [3, 1, 4, 2])
    #expect(try square.quarterTurned(Int.min).scalars() == [1, 2, 3, 4])
    #expect(try x.quarterTurned(1, from: 2, to: 1).quarterTurned(1, from: 1, to: 2).scalars() == x.scalars())
    #expect(x.quarterTurned(1, from: 1, to: 1).error != nil)
  }

  @Test func normsOfNegativeOrder() throws {
    let x = Tensor([[1, -2, 4], [0, 3, 1]], .float64)
    #expect(try x.norm(-1, axes: 1).scalars() == [4 / 7.0, 0])
    #expect(try x.norm(-.infinity, axes: 1, keepingAxes: true).scalars() == [1, 0])
    // No power overflows.
    #expect(
      try (Tensor([1e-200, 2e-200], .float64).norm(-2).item() / 1e-200 - 1 / 1.25.squareRoot()).magnitude < 1e-12)
    let (step, at) = (1e-6, Tensor([1, -2, 4], .float64))
    let slopes = try gradient(at: at) { $0.norm(-1.5) }.scalars()
    for index in 0..<3 {
      let way = Tensor((0..<3).map { $0 == index ? step : 0 }, .float64)
      let difference = try ((at + way).norm(-1.5).item() - (at - way).norm(-1.5).item()) / (2 * step)
      #expect((slopes[index] - difference).magnitude < 1e-8)
    }
  }
}

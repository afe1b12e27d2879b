import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Products, spreads, covariances, norms and running combinations.
@Suite("statistics")
struct StatisticsTests {
  private func close(_ found: [Double], _ wanted: [Double], to tolerance: Double = 1e-13) -> Bool {
    found.count == wanted.count
      && zip(found, wanted).allSatisfy { $0 == $1 || abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  private let table = Tensor([1, 2, 3, 4, 5, 9], shape: [2, 3], .float64)

  @Test func productsAndCounts() throws {
    #expect(try table.product().item() == 1080)
    #expect(try table.product(axes: [-1], keepingAxes: true).scalars() == [6, 180])
    #expect(try Tensor(zeros: [0]).product().item() == 1)
    #expect(try Tensor(integers: [3, -4, 5]).product().integers() == [-60])
    #expect(try Tensor(repeating: 2, shape: [3, 4]).product(axes: [1]).scalars() == [16, 16, 16])
    #expect(try gradient(at: Tensor([0, 2, 3], .float64)) { $0.product() }.scalars() == [6, 0, 0])
    #expect(try gradient(at: Tensor([0, 0, 3], .float64)) { $0.product() }.scalars() == [0, 0, 0])
    let second = try gradient(at: Tensor([0, 0, 3], .float64)) { x in try gradient(at: x) { $0.product() }.sum() }
    #expect(try second.scalars() == [3, 3, 0])
    #expect(try Tensor([0, 1, -0.0, .nan]).countNonzero().integers() == [2])
    #expect(try Tensor(integers: [0, 3, 0, 4], shape: [2, 2]).countNonzero(axes: [0]).integers() == [0, 2])
    #expect(try (Tensor([1, 2, 3]) .> 1).countNonzero().integers() == [2])
  }

  @Test func spreads() throws {
    #expect(close(try table.variance(axes: [1], correction: 1).scalars(), [1, 7]))
    #expect(close(try table.standardDeviation(axes: [1]).scalars(), [(2 / 3.0).squareRoot(), (14 / 3.0).squareRoot()]))
    #expect(try Tensor([5.0]).variance(correction: 1).item().isNaN)
    #expect(table.standardDeviation(axes: [0, 1], keepingAxes: true).shape == [1, 1])
    let still = Tensor([3, 3, 3], .float64)
    #expect(try gradient(at: still) { $0.standardDeviation() }.scalars() == [0, 0, 0])
    let slope = try gradient(at: Tensor([1, 2, 6], .float64)) { $0.standardDeviation(correction: 1) }.scalars()
    #expect(close(slope, [-2, -1, 3].map { (x: Double) -> Double in x / 2 / (7.0).squareRoot() }))
  }

  @Test func covariances() throws {
    let x = Tensor([[1, 2, 4], [2, 4, 8], [3, 1, 1]], .float64)
    let third = 1 / 3.0
    let wanted = [
      7 * third, 14 * third, -4 * third, 14 * third, 28 * third, -8 * third, -4 * third, -8 * third, 4 * third,
    ]
    #expect(close(try covariance(x).scalars(), wanted))
    #expect(close(try covariance(x, correction: 0).scalars(), wanted.map { $0 * 2 * third }))
    let r = -4 / (28.0).squareRoot()
    #expect(close(try correlation(x).scalars(), [1, 1, r, 1, 1, r, r, r, 1]))
    let (a, b) = (Tensor([1, 2, 4], .float64), Tensor([3, 1, 1], .float64))
    #expect(close([try covariance(a, b).item(), try correlation(a, b).item()], [-4 * third, r]))
    #expect(close([try covariance(a).item(), try correlation(a).item()], [7 * third, 1]))
    // Numbers whose squares overflow have a correlation too.
    #expect(close([try correlation(a * 1e200, b * 1e200).item()], [r]))
    #expect(try correlation(a, Tensor([2, 2, 2], .float64)).item().isNaN)
  }

  @Test func norms() throws {
    let x = Tensor([3, -4, 0, 12], .float64)
    #expect(try x.norm().item() == 13)
    #expect(try x.norm(1).item() == 19)
    #expect(try x.norm(.infinity).item() == 12)
    #expect(try x.norm(0).item() == 3)
    #expect(close([try x.norm(3).item()], [cbrt(27 + 64 + 1728.0)]))
    #expect(try x.reshaped([2, 2]).norm(axes: [1]).scalars() == [5, 12])
    #expect(x.reshaped([2, 2]).norm(axes: [0], keepingAxes: true).shape == [1, 2])
    #expect(close(try gradient(at: x) { $0.norm() }.scalars(), [3 / 13.0, -4 / 13.0, 0, 12 / 13.0]))
    let cube = cbrt(27 + 64 + 1728.0)
    let slopes = [9, -16, 0, 144].map { (x: Double) -> Double in x / (cube * cube) }
    #expect(close(try gradient(at: x) { $0.norm(3) }.scalars(), slopes))
    // The Hessian of the norm is (1 − u uᵀ)/|x|; here its rows' sums.
    let rows = try gradient(at: x) { x in try gradient(at: x) { $0.norm() }.sum() }.scalars()
    let elements: [Double] = [3, -4, 0, 12]
    let wantedRows = elements.map { (x: Double) -> Double in (1 - x * 11 / 169) / 13 }
    #expect(close(rows, wantedRows))
    // Neither squares of large numbers nor of small ones leave the range.
    for size in [1e30, 1e-30] {
      #expect(close([try (Tensor([3, 4]) * size).norm().item() / size], [5], to: 1e-6))
      #expect(close(try gradient(at: Tensor([3, 4]) * size) { $0.norm() }.scalars(), [0.6, 0.8], to: 1e-6))
    }
    #expect(try Tensor([1, .infinity]).norm().item() == .infinity)
    #expect(try Tensor([1, .nan]).norm().item().isNaN)
    #expect(try Tensor(zeros: [0]).norm().item() == 0)
    #expect(close(try Tensor([3, 4], .float64).normalized().scalars(), [0.6, 0.8]))
    #expect(try Tensor([0, 0]).normalized().scalars() == [0, 0])
    #expect(
      close([try cosineSimilarity(Tensor([1, 0], .float64), Tensor([2, 2], .float64)).item()], [(0.5).squareRoot()]))
  }

  /// At 0 the norm has no derivative; the field takes 0, and never NaN.
  @Test(arguments: [1, 1.5, 2, 3, .infinity]) func normOfZeros(_ order: Double) throws {
    #expect(try Tensor(zeros: [3]).norm(order).item() == 0)
    #expect(try gradient(at: Tensor(zeros: [3])) { $0.norm(order) }.scalars() == [0, 0, 0])
    let second = try gradient(at: Tensor(zeros: [3])) { x in try gradient(at: x) { $0.norm(order) }.sum() }
    #expect(try second.scalars() == [0, 0, 0])
  }

  @Test func runningCombinations() throws {
    let x = Tensor([3, 1, 4, 1, 5, 9], shape: [2, 3], .float64)
    #expect(try x.cumulativeSum().scalars() == [3, 4, 8, 1, 6, 15])
    #expect(try x.cumulativeSum(axis: 0).scalars() == [3, 1, 4, 4, 6, 13])
    #expect(try x.cumulativeSum(reversed: true).scalars() == [8, 5, 4, 15, 14, 9])
    #expect(try x.cumulativeProduct().scalars() == [3, 3, 12, 1, 5, 45])
    #expect(try x.cumulativeMax().scalars() == [3, 3, 4, 1, 5, 9])
    #expect(try x.cumulativeMin(reversed: true).scalars() == [1, 1, 4, 1, 5, 9])
    #expect(try Tensor(integers: [100, 100], .int8).cumulativeSum().integers() == [100, 200])
    for type in [ElementType.bfloat16, .float16] {
      #expect(try Tensor([1, 2, 3], type).cumulativeSum().scalars() == [1, 3, 6])
    }
    // The first of equals has the derivative.
    #expect(try gradient(at: Tensor([1, 3, 3, 2])) { $0.cumulativeMax().sum() }.scalars() == [1, 3, 0, 0])
    let far = Tensor([1e4, 1e4, -1e4, 2e4], .float64)
    #expect(close(try far.cumulativeLogSumExp().scalars(), [1e4, 1e4 + log(2), 1e4 + log(2), 2e4]))
    #expect(close(try gradient(at: far) { $0.cumulativeLogSumExp().sum() }.scalars(), [2, 1, 0, 1], to: 1e-11))
    let gap = Tensor([-.infinity, -.infinity, 1], .float64)
    #expect(try gap.cumulativeLogSumExp().scalars() == [-.infinity, -.infinity, 1])
    #expect(try gradient(at: gap) { $0.cumulativeLogSumExp().sliced(2..<3).sum() }.scalars() == [0, 0, 1])
  }

  @Test func logSumExpOverSeveralAxes() throws {
    let x = Tensor([1, 2, 3, 4, 1e4, 1e4, 0, -1e4], shape: [2, 2, 2], .float64)
    let first = [1, 2, 3, 4].reduce(0) { $0 + exp($1 - 4.0) }
    #expect(close(try logSumExp(x, axes: [1, 2]).scalars(), [4 + log(first), 1e4 + log(2)]))
    #expect(close(try logSumExp(x, axes: [-1, -2], keepingAxes: true).scalars(), [4 + log(first), 1e4 + log(2)]))
    #expect(logSumExp(x, axes: [0, 1, 2]).shape == [])
    #expect(logSumExp(x, axes: [1, 2], keepingAxes: true).shape == [2, 1, 1])
  }
}

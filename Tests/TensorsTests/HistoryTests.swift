import DescentGraph
import TestSupport
import Testing

@testable import DescentTensors

/// Programs that record far more operations before they read a tensor than one plan is made for.
@Suite("long histories") struct HistoryTests {
  private static let x = Tensor([1, 2, 3, 4], .float64)

  @Test(.leftOutOnReference(.longHistories)) func additionsInARow() throws {
    var y = Self.x
    let start = ContinuousClock.now
    for _ in 0..<300_000 { y = y + Self.x }
    #expect(try y.scalars() == [300_001, 600_002, 900_003, 1_200_004])
    print("300,000 additions recorded and computed in \((ContinuousClock.now - start) / .seconds(1)) s")
  }

  /// A history of any length is let go of without recursion.
  @Test func aMillionOperationsAreReleased() {
    var y = Self.x
    for _ in 0..<1_000_000 { y = y + Self.x }
    y = Self.x
    #expect(y.shape == [4])
  }

  /// Values that are read on the way, late, or in other parts.
  @Test func everyValueIsRight() throws {
    let count = 3 * History.partSize
    var (y, early, late) = (Self.x, Self.x, Self.x)
    var sum = Tensor(zeros: [4], .float64)
    let shared = Self.x * 2.0
    for step in 0..<count {
      y = y + shared
      sum = sum + Tensor(ones: [4], .float64)
      if step == 10 { early = y }
      if step == count - 10 { late = y }
    }
    func wanted(_ steps: Int) -> [Double] { [1, 2, 3, 4].map { $0 + 2 * $0 * Double(steps) } }
    #expect(try (y + early + sum).scalars() == zip(wanted(count), wanted(11)).map { $0 + $1 + Double(count) })
    #expect(try late.scalars() == wanted(count - 9))
    #expect(try early.scalars() == wanted(11))
    #expect(try sum.scalars() == [Double](repeating: Double(count), count: 4))
  }

  /// Many values that one operation reads, which lie in many parts.
  @Test func wideHistories() throws {
    let count = 2 * History.partSize
    let parts = (0..<count).map { (Self.x * Double($0)) + 1.0 }
    let sums = try stacked(parts).sum(axes: [0]).scalars()
    let numbers = Double(count * (count - 1) / 2)
    #expect(sums == [1, 2, 3, 4].map { $0 * numbers + Double(count) })
    try evaluate(parts)
    #expect(try parts[7].scalars() == [8, 15, 22, 29])
  }

  /// The results of one operation may be read in different parts.
  @Test func operationsOfSeveralResults() throws {
    let matrix = Tensor([[2, 1], [1, 3]], .float64)
    let (values, vectors) = eigh(matrix)
    var y = values
    for _ in 0..<2 * History.partSize { y = y + values }
    let scale = Double(2 * History.partSize + 1)
    let again = matmul(matmul(vectors, (y / scale).diagonalMatrix()), vectors.transposed())
    for (got, wanted) in zip(try again.scalars(), [2.0, 1, 1, 3]) { #expect(abs(got - wanted) < 1e-9) }
  }

  /// The first mistake is thrown, wherever it lies.
  @Test func mistakesInTheMiddle() {
    var y = Self.x
    for step in 0..<2 * History.partSize { y = step == 100 ? y + Tensor([1, 2, 3], .float64) : y + Self.x }
    #expect(throws: TensorError.self) { try y.scalars() }
  }

  /// Turns of a loop that read nothing share the plan of a part.
  @Test(.leftOutOnReference(.longHistories)) func partsShareTheirPlans() throws {
    func seconds(_ turns: Int) throws -> Double {
      var y = Tensor([0.5, 0.25], .float64)
      let start = ContinuousClock.now
      for _ in 0..<turns { y = tanh(y) + 0.125 }
      _ = try y.scalars()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    let few = try seconds(2 * History.partSize)
    let many = try seconds(16 * History.partSize)
    print("\(2 * History.partSize) turns in \(few) s, \(16 * History.partSize) in \(many) s")
    #expect(many < 24 * few + 0.5)
  }
}

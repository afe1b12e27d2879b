import DescentTensors
import Testing

/// What recording costs, and that the place of a mistake costs nothing until there is one. Run with `-c release` for
/// the figures of a release build.
@Suite("cost of recording", .serialized)
struct RecordingCostTests {
  private let count = 50_000

  /// The shortest of five runs, for each operation.
  private func nanoseconds(_ count: Int, _ body: () -> Void) -> Double {
    let shortest = (0..<5).map { _ in ContinuousClock().measure(body) }.min() ?? .zero
    return Double(shortest.components.attoseconds) / 1e9 / Double(count) + Double(shortest.components.seconds) * 1e9
      / Double(count)
  }

  @Test func operationsPerSecond() {
    let x = Tensor([1, 2, 3, 4])
    let unary = nanoseconds(count) {
      var y = x; for _ in 0..<count { y = -y }
    }
    let binary = nanoseconds(count) {
      var y = x; for _ in 0..<count { y = y + x }
    }
    let scalar = nanoseconds(count) {
      var y = x; for _ in 0..<count { y = y * 0.5 }
    }
    func rate(_ nanoseconds: Double) -> Int { Int(1e6 / nanoseconds) }
    print(
      "recording, thousand operations a second: unary \(rate(unary)), binary \(rate(binary)), with a number \(rate(scalar))"
    )
    // A thousand layers' worth of operations must not be felt, even in a debug build on a busy machine.
    #expect(binary < 100_000)
  }

  /// A mistake walks the stack; an operation that is none must not. If it did, both would take about as long.
  @Test func noPlaceIsSoughtWithoutAMistake() {
    let x = Tensor([1, 2, 3, 4])
    let y = Tensor([1, 2, 3])
    let right = nanoseconds(1_000) { for _ in 0..<1_000 { _ = x + x } }
    let wrong = nanoseconds(100) { for _ in 0..<100 { _ = x + y } }
    print("recording an operation: \(Int(right)) ns; a mistake, with its place: \(Int(wrong)) ns")
    #expect(right * 3 < wrong)
  }

  /// The error that travels is the first one: passing it on seeks no place either.
  @Test func passingAnErrorOnIsCheap() {
    let wrong = Tensor([1, 2, 3, 4]) + Tensor([1, 2, 3])
    let first = nanoseconds(100) { for _ in 0..<100 { _ = Tensor([1, 2, 3, 4]) + Tensor([1, 2, 3]) } }
    let passed = nanoseconds(1_000) { for _ in 0..<1_000 { _ = wrong + wrong } }
    #expect(passed * 3 < first)
  }
}

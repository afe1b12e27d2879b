import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite("recording and reading")
struct RecordingTests {
  @Test func broadcasting() throws {
    let column = Tensor([1, 2], shape: [2, 1])
    let row = Tensor([10, 20, 30])
    #expect(try (column + row).scalars() == [11, 21, 31, 12, 22, 32])
    #expect((column + row).shape == [2, 3])
    #expect((Tensor(zeros: [4, 1, 3]) * column).shape == [4, 2, 3])
    #expect((Tensor(2.0) - Tensor(zeros: [0, 2])).shape == [0, 2])
    #expect(try (Tensor(2.0) - Tensor(zeros: [0, 2])).scalars().isEmpty)
    #expect(try (5.0 / Tensor([2, 4])).scalars() == [2.5, 1.25])
    #expect(try column.broadcast(to: [2, 2]).scalars() == [1, 1, 2, 2])
    #expect(try `where`(Tensor([1, 0]) .> 0.5, column, Tensor(9.0)).scalars() == [1, 9, 2, 9])
  }

  @Test func negativeAxes() throws {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(try x.sum(axes: [-1]).scalars() == [6, 15])
    #expect(try x.sum(axes: [-2], keepingAxes: true).scalars() == [5, 7, 9])
    #expect(x.sum(axes: [-2], keepingAxes: true).shape == [1, 3])
    #expect(try x.argMax().integers() == [2, 2])
    #expect(try x.argMin(axis: -2).integers() == [0, 0, 0])
    #expect(x.expanded(axis: -1).shape == [2, 3, 1])
    #expect(x.expanded(axis: -3).shape == [1, 2, 3])
    #expect(try x.sliced(0..<1, axis: -1).scalars() == [1, 4])
    #expect(try x.reversed(axes: [-1]).scalars() == [3, 2, 1, 6, 5, 4])
    #expect(stacked([x, x], axis: -1).shape == [2, 3, 2])
    #expect(concatenated([x, x], axis: -1).shape == [2, 6])
    #expect(x.reshaped([-1, 2]).shape == [3, 2])
    #expect(x.flattened(keeping: 0).shape == [6])
    #expect(Tensor(zeros: [0, 1 << 20, 1 << 20]).flattened(keeping: 0).shape == [0])
    #expect(try Tensor(zeros: [0, 1 << 20, 1 << 20]).mean(axes: [1, 2]).scalars().isEmpty)
  }

  @Test func products() throws {
    let a = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let b = Tensor([1, 0, 2, 1, 0, 1], shape: [3, 2])
    #expect(try matmul(a, b).scalars() == [5, 5, 14, 11])
    #expect(try matmul(a, Tensor([1, 1, 1])).scalars() == [6, 15])
    #expect(try matmul(Tensor([1, 1]), a).scalars() == [5, 7, 9])
    #expect(try matmul(Tensor([1, 2]), Tensor([3, 4])).item() == 11)
    let batch = stacked([a, a * 2.0])
    #expect(try matmul(batch, b).scalars() == [5, 5, 14, 11, 10, 10, 28, 22])
    #expect(try matmul(batch, stacked([b, b])).scalars() == [5, 5, 14, 11, 10, 10, 28, 22])
    #expect(try matmul(b.transposed(), batch.transposed([0, 2, 1])).scalars() == [5, 14, 5, 11, 10, 28, 10, 22])
    #expect(matmul(Tensor(ones: [3]), Tensor(ones: [4, 3, 2])).shape == [4, 2])
    #expect(matmul(Tensor(ones: [5, 1, 2, 3]), Tensor(ones: [4, 3, 2])).shape == [5, 4, 2, 2])
  }

  @Test func descriptions() {
    #expect(Tensor([1, 2.5]).description == "Tensor(float32[2]: [1.0, 2.5])")
    #expect(Tensor([[1, 2], [3, 4]], .int8).description == "Tensor(int8[2, 2]: [[1, 2], [3, 4]])")
    #expect(Tensor(3.0, .float64).description == "Tensor(float64[]: 3.0)")
    #expect(
      Tensor(integers: [.max, .min], .int64).description
        == "Tensor(int64[2]: [9223372036854775807, -9223372036854775808])")
    #expect(Tensor(integers: [-1], .uint64).description == "Tensor(uint64[1]: [18446744073709551615])")
    #expect((Tensor([1, 2]) .> 1.5).description == "Tensor(bool[2]: [false, true])")
    #expect(Tensor(zeros: [2, 0]).description == "Tensor(float32[2, 0]: [[], []])")
    #expect(Tensor(zeros: [100]).description == "Tensor(float32[100])")
    #expect(Tensor([.nan, .infinity]).description == "Tensor(float32[2]: [nan, inf])")
  }

  @Test func oneHotAndPadding() throws {
    let indices = Tensor(integers: [1, 0, 5, -1])
    #expect(try indices.oneHot(count: 2).scalars() == [0, 1, 1, 0, 0, 0, 0, 0])
    #expect(try Tensor([1, 2]).padded(low: [1], high: [-1], with: 7).scalars() == [7, 1])
    #expect(try Tensor(rangeTo: 3).integers() == [0, 1, 2])
  }

  /// Reading gives a tensor its value, so that a loop that reads has no history and computes every step once.
  @Test func readingLetsGoOfTheHistory() throws {
    let before = residentBytes()
    var x = Tensor([Double](repeating: 1, count: 64), .float32)
    for step in 0..<2_000 {
      x = x * 0.5 + 1.0
      if step % 2 == 0 { _ = try x.scalars() } else { _ = try x.floats() }
    }
    #expect(try x.scalars()[0] == 2)
    #expect(residentBytes() - before < 64 << 20)
  }

  /// A hundred thousand recorded operations in one read.
  @Test func longHistories() throws {
    var x = Tensor(1.0)
    for _ in 0..<100_000 { x = -x }
    #expect(try x.item() == 1)
  }

  /// A million operations that nobody reads disappear on a thread with little stack.
  @Test func longHistoriesThatNobodyReads() throws {
    final class Box: @unchecked Sendable {
      var tensor: Tensor? = nil
    }
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    var x = Tensor(1.0)
    for _ in 0..<1_000_000 { x = -x }
    box.tensor = x
    x = Tensor(0.0)
    let thread = Thread {
      box.tensor = nil
      done.signal()
    }
    thread.stackSize = 64 << 10
    thread.start()
    done.wait()
    #expect(box.tensor == nil)
  }

  @Test func whatIsSharedIsComputedOnceAndReadTogether() throws {
    let x = Tensor([1, 2, 3])
    let shared = exp(x)
    let (a, b) = (shared.sum(), shared.max())
    try evaluate(a, b, a)
    #expect(try a.item() > b.item())
    try evaluate([])
  }

  @Test func elementTypes() throws {
    for type in ElementType.allCases {
      let x = Tensor([0, 1, 1], type)
      #expect(x.elementType == type)
      #expect(try x.scalars() == [0, 1, 1])
      #expect(try x.converted(to: .float64).floats() == [0, 1, 1])
      #expect(try (x .== x).all().item() == 1)
    }
    #expect(try Tensor([1.9, -1.9, 300, .nan], .uint8).integers() == [1, 0, 255, 0])
    #expect(try Tensor(integers: [300, -1], .uint8).integers() == [44, 255])
  }
}

/// The memory that the process occupies now.
func residentBytes() -> Int {
  let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
  return (pages.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0) * 4096
}

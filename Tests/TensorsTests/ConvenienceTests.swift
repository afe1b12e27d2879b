import DescentGraph
import DescentTensors
import Foundation
import Testing

/// What is tried first compiles and gives what was meant.
@Suite("first tries")
struct ConvenienceTests {
  private let matrix = Tensor([[1, 2, 3], [4, 5, 6]], .float64)

  @Test func oneAxisNeedsNoBrackets() throws {
    #expect(try matrix.sum(axes: 0).scalars() == [5, 7, 9] && matrix.sum(axes: [0]).shape == [3])
    #expect(try matrix.mean(axes: -1).scalars() == [2, 5])
    #expect(try matrix.max(axes: 1, keepingAxes: true).scalars() == [3, 6])
    #expect(matrix.max(axes: 1, keepingAxes: true).shape == [2, 1])
    #expect(try matrix.variance(axes: 0).scalars() == [2.25, 2.25, 2.25])
    #expect(try matrix.norm(1, axes: 1).scalars() == [6, 15])
    #expect(try matrix.reversed(axes: 0).scalars() == [4, 5, 6, 1, 2, 3])
    let axes: [Int]? = [1]
    #expect(try matrix.sum(axes: axes).scalars() == [6, 15] && matrix.sum(axes: nil).item() == 21)
    #expect(matrix.sum(axes: 2).error?.message == "axis 2 does not exist in shape [2, 3]")
  }

  @Test func booleansMakeTensors() throws {
    #expect(try Tensor(true).type == TensorType([], .bool) && Tensor(false).item() == 0)
    #expect(Tensor([true, false, true]).type == TensorType([3], .bool))
    #expect(try Tensor([true, false, true]).integers() == [1, 0, 1])
    #expect(Tensor([]).type == TensorType([0], .float32))
  }

  @Test func keysAreArguments() throws {
    let draw = compiled { (key: RandomKey, x: Tensor) in x + key.uniform([2]).converted(to: .float64) }
    let zero = Tensor(zeros: [2], .float64)
    let (a, b) = (try draw(RandomKey(seed: 1), zero), try draw(RandomKey(seed: 2), zero))
    #expect(try a.scalars() == RandomKey(seed: 1).uniform([2]).scalars())
    #expect(try b.scalars() == RandomKey(seed: 2).uniform([2]).scalars())
  }

  @Test func errorsTravelOutOfClosures() throws {
    #expect(try Tensor(catching: { matrix.sum() }).item() == 21)
    let failed = Tensor(catching: { try gradient(at: matrix) { $0 * 2 } })
    #expect(failed.error?.operation == "gradient")
    struct Odd: Error {}
    #expect(Tensor(catching: { throw Odd() }).error?.operation == "Odd")
  }

  @Test func choicesCanKeepElementsFromAFunction() throws {
    let x = Tensor([4, 0, -1], .float64)
    let zero = Tensor(0, .float64)
    func safe(_ x: Tensor) -> Tensor { `where`(x .> 0, of: x, standIn: 1, sqrt, otherwise: zero) }
    #expect(try safe(x).scalars() == [2, 0, 0])
    #expect(try gradient(at: x) { safe($0).sum() }.scalars() == [0.25, 0, 0])
    #expect(try gradient(at: x) { `where`($0 .> 0, sqrt($0), zero).sum() }.scalars()[1].isNaN)
  }

  @Test func printingTellsWhyNothingWasComputed() {
    let huge = Tensor(zeros: [1 << 42]).cumulativeSum().max()
    #expect(huge.description.contains("error: "))
  }

  @Test func mistakesAreNamedAsTheyWereAsked() {
    let pictures = Tensor(zeros: [1, 4, 4, 1], .uint8)
    for tensor in [maxPool(pictures, size: 2), averagePool(pictures, size: 2)] {
      #expect(tensor.error?.message == "takes floating-point numbers, not uint8; convert with converted(to:)")
    }
    #expect(maxPool(pictures, size: 2).error?.operation == "maxPool")
    #expect(throws: TensorError.self) { try hessian(at: matrix) { $0 } }
    do {
      _ = try hessian(at: matrix) { $0 }
    } catch let error as TensorError {
      #expect(error.operation == "hessian")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func averagesCountPaddingWhereAsked() throws {
    let x = Tensor(ones: [1, 2, 2, 1])
    let counted = averagePool(x, size: 2, strides: 1, padding: .each(1), countingPadding: true)
    #expect(try counted.shape == [1, 3, 3, 1] && counted.scalars() == [0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25])
    #expect(try averagePool(x, size: 2, strides: 1, padding: .each(1)).scalars().allSatisfy { $0 == 1 })
  }

  @Test func geluIsExactUnlessAskedOtherwise() throws {
    let x = Tensor([-2, -0.5, 0, 1, 3], .float64)
    let wanted = try x.scalars().map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
    #expect(zip(try gelu(x).scalars(), wanted).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(zip(try gelu(x, .tanh).scalars(), wanted).allSatisfy { abs($0 - $1) < 5e-4 })
  }
}

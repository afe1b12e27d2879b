import DescentGraph
import DescentTensors
import Foundation
import TestSupport
import Testing

/// Where the plain formula overflows, cancels or meets 0 · ∞, through compiled plans in Float32 and Float64.
@Suite("numerically hard points")
struct NumericalHardPointTests {
  private func relative(_ found: Double, _ wanted: Double) -> Double {
    found == wanted ? 0 : abs(found - wanted) / abs(wanted)
  }

  @Test(arguments: [ElementType.float32, .float64]) func softmaxAtTenThousand(_ type: ElementType) throws {
    let x = Tensor([1e4, 0, -1e4, 1e4, 1e4, -1e4], shape: [2, 3], type)
    #expect(try softmax(x).scalars() == [1, 0, 0, 0.5, 0.5, 0])
    let logs = try logSoftmax(x).scalars()
    #expect(logs[..<3] == [0, -1e4, -2e4])
    // Half the spacing of Float32 at 2 · 10⁴ is 2⁻¹⁰.
    let rounding = type == .float32 ? 0x1p-10 : 0x1p-38
    let two: Double = log(2)
    #expect(zip(logs[3...], [-two, -two, -2e4 - two]).allSatisfy { abs($0 - $1) <= rounding })
    #expect(try logSumExp(x, axis: 1).scalars()[0] == 1e4)
    let pair = try logSumExp(x, axis: 1).scalars()[1]
    #expect(abs(pair - 1e4 - two) <= rounding)
    let slopes = try gradient(at: x) { logSumExp($0).sum() }.scalars()
    #expect(zip(slopes, [1, 0, 0, 0.5, 0.5, 0]).allSatisfy { abs($0 - $1) < 1e-3 })
    let second = try gradient(at: x) { x in try gradient(at: x) { logSoftmax($0).sum() }.sum() }.scalars()
    #expect(second.allSatisfy { abs($0) < 1e-3 })
    // −∞ masks elements out.
    let masked = Tensor([0, -.infinity, 0, -.infinity], type)
    #expect(try softmax(masked).scalars() == [0.5, 0, 0.5, 0])
    #expect(try gradient(at: masked) { softmax($0).sliced(0..<1).sum() }.scalars() == [0.25, 0, -0.25, 0])
  }

  @Test func logarithmsAndExponentialsNearZero() throws {
    for size in [1e-3, 1e-7, 1e-20, 1e-37, 1e-44] {
      for x in [size, -size].map({ Double(Float($0)) }) {
        #expect(relative(try log1p(Tensor(x)).item(), Double(Float(log1p(x)))) < 1.2e-7, "log1p(\(x))")
        #expect(relative(try expm1(Tensor(x)).item(), Double(Float(expm1(x)))) < 1.2e-7, "expm1(\(x))")
        #expect(relative(try log1p(Tensor(x, .float64)).item(), log1p(x)) < 3e-16)
        #expect(relative(try expm1(Tensor(x, .float64)).item(), expm1(x)) < 3e-16)
      }
    }
    #expect(try log1p(Tensor(-0.0)).item().sign == .minus && expm1(Tensor(-0.0)).item().sign == .minus)
    #expect(try gradient(at: Tensor([0, -0.0])) { log1p($0).sum() }.scalars() == [1, 1])
  }

  @Test func powersAtZero() throws {
    let exponents = Tensor([0, 1, 2, 0.5, -1, -0.5])
    #expect(try pow(Tensor(zeros: [6]), exponents).scalars() == [1, 0, 0, 0, .infinity, .infinity])
    let slopes = try gradient(at: Tensor(zeros: [6])) { pow($0, exponents).sum() }.scalars()
    #expect(slopes == [0, 1, 0, .infinity, -.infinity, -.infinity])
    let inExponent = try gradient(at: exponents) { pow(Tensor(zeros: [6]), $0).sum() }.scalars()
    #expect(inExponent[..<4] == [0, 0, 0, 0])
    for (n, slope) in [(0, 0.0), (1, 1), (2, 0), (3, 0)] {
      #expect(try gradient(at: Tensor(0)) { pow($0, n) }.item() == slope, "0 to the power \(n)")
    }
    let second = try [1, 2, 3, 4].map { n in
      try gradient(at: Tensor(0.0)) { x in try gradient(at: x) { pow($0, n) } }.item()
    }
    #expect(second == [0, 2, 0, 0])
    #expect(try pow(Tensor([0, -0.0]), -1).scalars() == [.infinity, -.infinity])
    #expect(try pow(Tensor(0.0), 0).item() == 1)
  }

  @Test func anglesAtTheAxes() throws {
    let (y, x) = (Tensor([0, 1, 0, -1, -0.0], .float64), Tensor([1, 0, -1, 0, -1], .float64))
    #expect(try atan2(y, x).scalars() == [0, .pi / 2, .pi, -.pi / 2, -.pi])
    #expect(try gradient(at: y) { atan2($0, x).sum() }.scalars() == [1, 0, -1, 0, -1])
    #expect(try gradient(at: x) { atan2(y, $0).sum() }.scalars() == [0, -1, 0, 1, 0])
    // At the origin there is no derivative; 0 stands in, and never NaN.
    let origin = Tensor(0.0)
    let (inY, inX) = try gradient(at: origin, origin) { y, x in atan2(y, x) }
    #expect(try inY.item() == 0 && inX.item() == 0)
    let second = try gradient(at: origin) { y in try gradient(at: y) { atan2($0, origin) } }
    #expect(try second.item() == 0)
    // Squares of these leave the range of Float32; the derivatives are in it.
    for size in [1e25, 1e-25] {
      let slope = try gradient(at: Tensor(size)) { atan2($0, Tensor(size)) }.item()
      #expect(relative(slope, 0.5 / size) < 1e-6)
    }
  }

  @Test func varianceOfLargeNumbersThatDifferALittle() throws {
    let small: [Double] = [0, 1, 2, 3, 4, 5, 6, 7]
    let wide = try Tensor(small.map { 1e8 + $0 }, .float64).variance().item()
    #expect(relative(wide, 5.25) < 1e-14)
    // Float32 holds multiples of 8 there, and not even the mean; the variance of what it holds comes out.
    let narrow = try Tensor(small.map { 1e8 + 8 * $0 }).variance().item()
    #expect(relative(narrow, 5.25 * 64) < 1e-6)
    #expect(try Tensor(repeating: 1e8, shape: [1000]).variance().item() == 0)
  }

  @Test(.leftOutOnReference(.kernelAccuracy)) func runningSumOfAMillionTerms() throws {
    let count = 1_000_000
    var random = XorShift(state: 7)
    let terms = (0..<count).map { _ in Float(random.next(in: -1...1)) }
    let sums = try Tensor(floats: terms, shape: [count]).cumulativeSum().floats()
    let backwards = try Tensor(floats: terms, shape: [count]).cumulativeSum(reversed: true).floats()
    var (total, worst) = (0.0, 0.0)
    for (term, sum) in zip(terms, sums) {
      total += Double(term)
      worst = max(worst, abs(Double(sum) - total) / Double(Float(total).ulp))
    }
    #expect(worst <= 0.5 + 1e-6, "\(worst) units in the last place")
    #expect(Float(total) == sums[count - 1])
    #expect(abs(Double(backwards[0]) - total) <= Double(Float(total).ulp))
    // Float64 with compensation: 10⁶ tenths, each of which is a little more than a tenth.
    let tenths = try Tensor(repeating: 0.1, shape: [count], .float64).cumulativeSum().sliced(count - 1..<count).item()
    #expect(tenths == 100_000)
  }

  /// Float32 elements, ten million of them, are summed as well as pairwise summation does.
  @Test(.leftOutOnReference(.millions)) func reductionsOfTenMillion() throws {
    let count = 10_000_000
    #expect(try Tensor(floats: [Float](repeating: 1, count: count), shape: [count]).sum().item() == 1e7)
    let tenths = [Float](repeating: 0.1, count: count)
    let sum = try Tensor(floats: tenths, shape: [count]).sum().floats()[0]
    let pairwise = tenths.withUnsafeBufferPointer { pairwiseSum($0, 0, count) }
    #expect(abs(sum - pairwise) <= pairwise.ulp, "\(sum), pairwise \(pairwise)")
    #expect(abs(Double(sum) - Double(Float(0.1)) * 1e7) <= Double(sum.ulp) / 2)
    let mean = try Tensor(floats: tenths, shape: [1000, count / 1000]).mean(axes: [0]).floats()
    #expect(mean.allSatisfy { abs($0 - 0.1) <= Float(0.1).ulp })
  }

  private func pairwiseSum(_ values: UnsafeBufferPointer<Float>, _ begin: Int, _ end: Int) -> Float {
    if end - begin == 1 { return values[begin] }
    let middle = begin + (end - begin) / 2
    return pairwiseSum(values, begin, middle) + pairwiseSum(values, middle, end)
  }
}

/// Numbers that are the same on every machine: Marsaglia's xorshift.
private struct XorShift {
  var state: UInt64

  mutating func next(in range: ClosedRange<Double>) -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return range.lowerBound + (range.upperBound - range.lowerBound) * Double(state >> 11) * 0x1p-53
  }
}

import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Right answers where counts, infinities and the ends of types meet.
@Suite("numbers at the edges")
struct NumericalEdgeTests {
  // MARK: Sums of what is repeated

  @Test func sumsOfRepeatedNumbersDoNotPassThroughCounts() throws {
    for type in ElementType.allCases where type != .bool {
      for count in [3, 300, 70_000] {
        let ones = Tensor(ones: [count], type)
        let lazy = ones.sum()
        try evaluate(ones)
        let read = ones.sum()
        #expect(lazy.shape == [] && lazy.type == read.type)
        #expect(try lazy.scalars() == read.scalars(), "\(count) ones of \(type)")
      }
    }
    #expect(try Tensor(ones: [300], .uint8).sum().integers() == [300])
    #expect(try Tensor(zeros: [70_000], .float16).sum().item() == 0)
    #expect(try Tensor(repeating: 1e-4, shape: [70_000], .float16).sum().item() == 7)
    // Nothing is combined from nothing, whatever is repeated no times.
    let nothing = Tensor([.infinity]).broadcast(to: [0, 1])
    #expect(try nothing.sum(axes: [0]).scalars() == [0] && nothing.product(axes: [0]).scalars() == [1])
    #expect(try nothing.max(axes: [0]).scalars() == [-.infinity])
  }

  @Test func narrowIntegersAreSummedAsWiderOnes() throws {
    for (type, sum) in [(ElementType.int8, ElementType.int32), (.int16, .int32), (.uint8, .uint32), (.uint16, .uint32)]
    {
      let x = Tensor(repeating: 100, shape: [4], type)
      #expect(x.sum().type == TensorType([], sum) && x.product().type == TensorType([], sum))
      #expect(x.cumulativeSum().type == TensorType([4], sum) && x.cumulativeProduct().elementType == sum)
      #expect(try x.sum().integers() == [400] && x.product().integers() == [100_000_000])
      #expect(try x.cumulativeSum().integers() == [100, 200, 300, 400])
      // Products of matrices keep their type, as in NumPy and PyTorch.
      #expect(matmul(x, x).elementType == type)
    }
    for type in [ElementType.int32, .int64, .uint32, .uint64] {
      #expect(
        Tensor(ones: [2], type).sum().elementType == type && Tensor(ones: [2], type).product().elementType == type)
    }
  }

  // MARK: Conversions

  @Test func conversionsThroughRealNumbersSaturate() throws {
    let x = Tensor(integers: [300, -300], .int16)
    #expect(try x.converted(to: .float32).converted(to: .int8).integers() == [127, -128])
    let y = Tensor(integers: [-5, 100], .int8)
    #expect(try y.converted(to: .float32).converted(to: .uint8).integers() == [0, 100])
    let z = Tensor(integers: [-1, 300, 70_000], .int32)
    #expect(try z.converted(to: .float64).converted(to: .uint8).integers() == [0, 255, 255])
    // From integers to integers they wrap.
    #expect(try x.converted(to: .int32).converted(to: .int8).integers() == [44, -44])
  }

  @Test func sizesOfUnsignedNegativesAreTheirOwn() throws {
    for type in [ElementType.uint8, .uint16, .uint32] {
      let found = try abs(-Tensor(integers: [1, 200], type)).integers()
      let all = 1 << (8 * type.byteCount)
      #expect(found == [all - 1, all - 200])
    }
    #expect(try abs(-Tensor(integers: [1, -128], .int8)).integers() == [1, -128])
  }

  @Test func unsignedNumbersBeyondIntAreNotRead() throws {
    let large = Tensor(integers: [-1], .int64).converted(to: .uint64)
    #expect(throws: TensorError.self) { try large.integers() }
    #expect(large.description == "Tensor(uint64[1]: [18446744073709551615])")
  }

  @Test func fractionsAreNotCutForIntegers() {
    let x = Tensor(integers: [1, 2, 3])
    let refused = [
      x.clamped(1.5, 2.5), x.clamped(0, .nan), hardTanh(x, from: 0.5), x.padded(low: [1], high: [0], with: 1.5),
      Tensor(repeating: 1.5, like: x), Tensor(repeating: -1, shape: [2], .uint16),
      Tensor(repeating: 0.5, shape: [], .bool),
      x.compressed(where: x .> 1, count: 2, filling: 0.5), x.unique(count: 2, filling: 0.5).values,
    ]
    for (index, tensor) in refused.enumerated() {
      #expect(tensor.error?.message.contains("convert") == true, "\(index): \(tensor)")
    }
    #expect((try? x.clamped(-1e9 * 10, 2).integers()) == [1, 2, 2])
    #expect((try? x.clamped(-.infinity, 2).integers()) == [1, 2, 2])
  }

  // MARK: Shapes

  @Test func shuffledTensorsKeepTheirShape() throws {
    let key = RandomKey(seed: 0)
    let x = Tensor([1, 2, 3, 4])
    #expect(key.shuffled(x).shape == [4])
    let slopes = try gradient(at: x) { (key.shuffled($0) * Tensor([1, 10, 100, 1000])).sum() }
    #expect(try slopes.shape == [4] && slopes.scalars().sorted() == [1, 10, 100, 1000])
    for (shape, axis) in [(Shape([2, 3, 2]), 1), ([2, 3, 2], -1), ([5], 0), ([1, 4], 1), ([0, 3], 0), ([3, 0], 0)] {
      let y = Tensor(rangeTo: shape.count, .float64).reshaped(shape)
      let shuffled = key.shuffled(y, axis: axis)
      #expect(shuffled.shape == shape)
      #expect(try shuffled.scalars().sorted() == y.scalars())
      #expect(try shuffled.sorted(axis: axis).scalars() == y.sorted(axis: axis).scalars())
    }
  }

  @Test func negativeAxesCountFromTheEndInTransposes() throws {
    let x = Tensor(rangeTo: 24).reshaped([2, 3, 4])
    #expect(x.transposed([0, -1, 1]).shape == [2, 4, 3])
    #expect(try x.transposed([-1, -2, -3]).integers() == x.transposed().integers())
    #expect(x.transposed([0, -1, 2]).error?.message.contains("[0, 2, 2]") == true)
  }

  // MARK: Infinities

  @Test func quotientsByInfinitiesRoundDown() throws {
    let x = Tensor([-1, 1, 1, -1, 0, -0.0])
    let y = Tensor([Double.infinity, -.infinity, .infinity, -.infinity, .infinity, .infinity])
    let found = try floorDivide(x, y).scalars()
    #expect(found == [-1, -1, 0, 0, 0, 0] && found[5].sign == .minus && found[4].sign == .plus)
    #expect(try remainder(x, y).scalars() == [.infinity, -.infinity, 1, -1, 0, 0])
  }

  @Test func logarithmsOfSumsOfNothingHaveNoSlope() throws {
    let nothing = Tensor([-.infinity, -.infinity])
    for function in [{ @Sendable (x: Tensor) in logSumExp(x) }, { logSumExp($0, axes: [0], keepingAxes: true).sum() }] {
      #expect(try gradient(at: nothing) { function($0) }.scalars() == [0, 0])
      #expect(try function(nothing).item() == -.infinity)
    }
    #expect(try gradient(at: Tensor([-.infinity, 0])) { logSumExp($0) }.scalars() == [0, 1])
    #expect(try logSumExp(Tensor([.infinity, 0])).item() == .infinity)
    #expect(
      try logAddExp(Tensor([.nan, .nan, .infinity]), Tensor([.infinity, -.infinity, .nan])).scalars().allSatisfy(
        \.isNaN))
  }

  @Test func slopesOfXLogYAtZeroAreLogarithms() throws {
    let (x, y) = (Tensor([0, 0, 0], .float64), Tensor([0.25, 4, 0], .float64))
    let slopes = try gradient(at: x) { xLogY($0, y).sum() }.scalars()
    #expect(abs(slopes[0] - log(0.25)) < 1e-14 && abs(slopes[1] - log(4)) < 1e-14 && slopes[2] == 0)
    let mixed = try gradient(at: y) { y in try gradient(at: x) { xLogY($0, y).sum() }.sum() }.scalars()
    #expect(mixed == [4, 0.25, 0])
    #expect(try xLogY(x, y).scalars() == [0, 0, 0])
  }

  @Test func variancesThatOverflowAreInfinite() throws {
    #expect(try Tensor([1e30, 2e30, 3e30]).variance().item() == .infinity)
    #expect(try Tensor([1, .infinity]).variance().item().isNaN)
  }

  @Test func interpolationLeavesInfinitiesWhereTheyAre() throws {
    #expect(try Tensor([-.infinity, 1]).median().item() == -.infinity)
    #expect(try Tensor([-.infinity, 1, 2, 3]).quantile(0.25).item() == -.infinity)
    #expect(try Tensor([1, .infinity]).median().item() == .infinity)
    #expect(try Tensor([-.infinity, .infinity]).median().item().isNaN)
    #expect(try Tensor([.infinity, .infinity]).quantile(0.3).item() == .infinity)
    #expect(try gradient(at: Tensor([1, 1])) { $0.median() }.scalars() == [0.5, 0.5])
    let x = Tensor([.infinity, 1, 1, 1], shape: [1, 4, 1])
    #expect(try x.resized([8]).scalars() == [.infinity, .infinity, .infinity, 1, 1, 1, 1, 1])
    let places = Tensor([0, 1, 2])
    let values = Tensor([0, .infinity, 2])
    #expect(
      try interpolated(Tensor([0, 1, 2, 0.5]), places: places, values: values).scalars() == [
        0, .infinity, 2, .infinity,
      ])
  }

  @Test func inverseFunctionsHaveInfiniteSlopesAtTheirEnds() throws {
    for type in [ElementType.float64, .float32, .float16, .bfloat16] {
      func slopes(_ points: [Double], _ function: @Sendable (Tensor) -> Tensor) throws -> [Double] {
        try gradient(at: Tensor(points, type)) { function($0).sum() }.scalars()
      }
      #expect(try slopes([1, -1]) { asin($0) } == [.infinity, .infinity])
      #expect(try slopes([1, -1]) { acos($0) } == [-.infinity, -.infinity])
      #expect(try slopes([1]) { acosh($0) } == [.infinity])
      #expect(try slopes([1, -1]) { atanh($0) } == [.infinity, .infinity])
      #expect(try slopes([.infinity, -.infinity]) { atan($0) } == [0, 0])
    }
    #expect(try acosh(Tensor([0.5, -1, -3])).scalars().allSatisfy(\.isNaN))
  }

  @Test func normsOfNothingAreZero() throws {
    for order in [0, 1, 2, 3, Double.infinity] {
      #expect(try Tensor([]).norm(order).item() == 0)
      #expect(try Tensor(zeros: [2, 0]).norm(order, axes: [1]).scalars() == [0, 0])
    }
  }

  // MARK: Random numbers

  @Test func evenNumbersLieBetweenAllBounds() throws {
    let key = RandomKey(seed: 3)
    let wide = try key.uniform([1000], low: -3e38, high: 3e38).scalars()
    #expect(wide.allSatisfy { $0 >= -3e38 && $0 < 3e38 } && wide.contains { $0 > 1e38 } && wide.contains { $0 < -1e38 })
    for (low, high) in [(1, 0), (.nan, 1), (0, Double.nan), (0, .infinity), (-1e300, 1)] {
      #expect(key.uniform([2], low: low, high: high).error != nil)
    }
    #expect(key.normal([2], standardDeviation: -1).error != nil && key.bernoulli([2], probability: 1.5).error != nil)
  }

  /// In the tail the numbers have the distribution function that they should: the part of it below each is even.
  @Test(arguments: [
    (20.0, 21.0), (20, .infinity), (4, 4.5), (5, .infinity), (-21, -20), (-.infinity, -9), (-3, 8), (3.9, 12),
  ])
  func truncatedNormalsKeepTheirTails(lower: Double, upper: Double) throws {
    let numbers = try RandomKey(seed: 5).truncatedNormal([4000], lower: lower, upper: upper).scalars().sorted()
    #expect(numbers.allSatisfy { $0 >= lower && $0 <= upper })
    #expect(Set(numbers).count > 3000)
    // The probability of a number to be larger, in units that do not vanish: erfc holds to 26 standard deviations.
    func above(_ x: Double) -> Double { erfc(x / 2.0.squareRoot()) }
    let isLower = upper <= 0
    let (near, far) = isLower ? (-upper, -lower) : (lower, upper)
    let whole = above(near) - above(far)
    let parts = numbers.map { (above(near) - above(isLower ? -$0 : $0)) / whole }.sorted()
    // Kolmogorov and Smirnov's distance, at a level of 10⁻⁴.
    let distance = parts.enumerated().map { abs($1 - (Double($0) + 0.5) / 4000) }.max() ?? 1
    #expect(distance < 2.3 / 4000.0.squareRoot(), "\(distance)")
  }
}

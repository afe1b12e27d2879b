import DescentGraph
import DescentTensors
import Testing

/// Whole parts, quotients and remainders, signs, and what is done with NaN.
@Suite("rounding")
struct RoundingTests {
  private let numbers: [Double] = [-2.5, -0.3, -0.0, 0, 0.3, 2.5, 1e30]

  @Test func wholeParts() throws {
    #expect(try trunc(Tensor(numbers, .float64)).scalars() == [-2, 0, 0, 0, 0, 2, 1e30])
    #expect(try trunc(Tensor([-0.3])).item().sign == .minus)
    let (fraction, whole) = modf(Tensor([2.75, -2.75, .infinity, -.infinity], .float64))
    #expect(try fraction.scalars() == [0.75, -0.75, 0, 0])
    #expect(try whole.scalars() == [2, -2, .infinity, -.infinity])
    #expect(try gradient(at: Tensor([2.75, -2.75])) { modf($0).fraction.sum() }.scalars() == [1, 1])
  }

  @Test func quotientsRoundDown() throws {
    let (x, y) = ([7, -7, 7, -7, 6, -6, 0.0], [2, 2, -2, -2, 3, 3, 5.0])
    let (quotients, rests) = ([3, -4, -4, 3, 2, -2, 0.0], [1, 1, -1, -1, 0, 0, 0.0])
    for type in [ElementType.float64, .float32, .float16, .int8, .int32, .int64] {
      #expect(try floorDivide(Tensor(x, type), Tensor(y, type)).scalars() == quotients, "\(type)")
      #expect(try remainder(Tensor(x, type), Tensor(y, type)).scalars() == rests, "\(type)")
    }
    #expect(try floorDivide(Tensor(integers: [200], .uint8), Tensor(integers: [7], .uint8)).integers() == [28])
    #expect(try remainder(Tensor(integers: [200], .uint8), Tensor(integers: [7], .uint8)).integers() == [4])
    #expect(try fmod(Tensor(x, .float64), Tensor(y, .float64)).scalars() == [1, -1, 1, -1, 0, 0, 0])
    // 1/0.1 rounds to 10, but nine tenths fit with a rest.
    #expect(try floorDivide(Tensor(1, .float64), Tensor(0.1, .float64)).item() == 9)
    #expect(try floorDivide(Tensor([1, -1]), Tensor([0, 0])).scalars() == [.infinity, -.infinity])
    let divisor = Tensor([2, 2, -2, -2], .float64)
    let dividend = Tensor([7, -7, 7, -7], .float64)
    #expect(try gradient(at: dividend) { remainder($0, divisor).sum() }.scalars() == [1, 1, 1, 1])
    #expect(try gradient(at: divisor) { remainder(dividend, $0).sum() }.scalars() == [-3, 4, 4, -3])
  }

  @Test func signs() throws {
    for type in [ElementType.float64, .float32, .float16, .bfloat16] {
      let signs = Tensor([1, -1, 0, -0.0, -.infinity], type)
      #expect(try signBit(signs).integers() == [0, 1, 0, 1, 1])
      let copied = try copySign(Tensor([-3, 3, 3, 3, -.infinity], type), signs).scalars()
      #expect(copied == [3, -3, 3, -3, -.infinity])
    }
    let slope = try gradient(at: Tensor([-3, 3, 0, -0.0])) { copySign($0, Tensor([1, -1, -1, -1])).sum() }
    #expect(try slope.scalars() == [-1, -1, -1, 1])
  }

  @Test func nan() throws {
    let x = Tensor([.nan, .infinity, -.infinity, 1])
    #expect(try isNaN(x).integers() == [1, 0, 0, 0])
    #expect(try isInfinite(x).integers() == [0, 1, 1, 0])
    #expect(try isFinite(x).integers() == [0, 0, 0, 1])
    let largest = Double(Float.greatestFiniteMagnitude)
    #expect(try nanToNum(x).scalars() == [0, largest, -largest, 1])
    #expect(try nanToNum(x, nan: 7, infinity: 8, negativeInfinity: 9).scalars() == [7, 8, 9, 1])
    #expect(try gradient(at: x) { nanToNum($0).sum() }.scalars() == [0, 0, 0, 1])
    for type in [ElementType.float16, .bfloat16, .float64] {
      #expect(try nanToNum(Tensor([.infinity, -.infinity], type)).scalars().allSatisfy(\.isFinite))
    }
    #expect(try softShrink(Tensor(.nan)).item().isNaN && hardShrink(Tensor(.nan)).item().isNaN)
    #expect(try thresholded(Tensor([-1, 0.5, 2]), above: 0.5, otherwise: -9).scalars() == [-9, -9, 2])
    #expect(try glu(Tensor([1, 2, 0, 0])).scalars() == [0.5, 1])
    #expect(try prelu(Tensor([[1, -1], [2, -2]]), slope: Tensor([0.5, 0.25])).scalars() == [1, -0.25, 2, -0.5])
  }

  @Test func clamping() throws {
    let x = Tensor([-2, 0.5, 2, 1], .float64)
    let (low, high) = (Tensor(0, .float64), Tensor([1, 1, 1, 1], .float64))
    #expect(try x.clamped(low, high).scalars() == [0, 0.5, 1, 1])
    #expect(try gradient(at: x) { $0.clamped(low, high).sum() }.scalars() == [0, 1, 0, 0])
    #expect(try gradient(at: low) { x.clamped($0, high).sum() }.item() == 1)
    #expect(try gradient(at: high) { x.clamped(low, $0).sum() }.scalars() == [0, 0, 1, 0])
    #expect(try Tensor(integers: [-3, 9]).clamped(0, 5).integers() == [0, 5])
  }
}

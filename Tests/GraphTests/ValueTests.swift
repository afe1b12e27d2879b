import Testing

@testable import DescentGraph

@Suite("element types, shapes, literals")
struct ValueTests {
  @Test func counts() {
    #expect(Shape([]).count == 1)
    #expect(Shape([2, 3]).count == 6)
    #expect(Shape([2, 0, 3]).count == 0)
    #expect(Shape([-1]).checkedCount == nil)
    #expect(Shape([-1, 0]).checkedCount == nil)
    #expect(Shape([.max, 2]).checkedCount == nil)
    #expect(Shape([.max, 2, 0]).checkedCount == nil)
    #expect(Shape([0, 1 << 40, 1 << 40]).checkedCount == nil)
    #expect(Shape([0, 1 << 20, 1 << 20]).checkedCount == 0)
    #expect(Shape([1 << 45 + 1]).checkedCount == nil)
    #expect(Shape([1 << 45]).checkedCount == 1 << 45)
    #expect(Shape([.max, .max]).count == 0)
  }

  /// Code that asks for the sizes of a tensor that carries an error has to reach the error.
  @Test func axesThatDoNotExistHaveSizeOne() {
    var shape: Shape = [2, 3]
    #expect(shape[-1] == 3 && shape[-2] == 2)
    #expect(shape[2] == 1 && shape[-3] == 1 && Shape([])[0] == 1)
    shape[-1] = 5
    shape[7] = 9
    #expect(shape == [2, 5])
    #expect(Array(shape[1...]) == [5] && Array(shape[1...4]) == [5] && shape[3..<5].isEmpty && Shape([])[0..<1].isEmpty)
  }

  /// A shape's `count` is that of the elements, its sequence that of the axes; the two must not be mixed up.
  @Test func axesAreNotElements() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.map { $0 * 2 } == [4, 6, 8])
    #expect(Array(shape) == [2, 3, 4])
    #expect(shape.dropLast(2) == [2])
    #expect(shape.indices.map { shape[$0] } == [2, 3, 4])
    #expect(shape.contains(4))
    #expect(zip(shape, shape.strides).map { $0 * $1 } == [24, 12, 4])
    #expect(Array(shape[1...]) == [3, 4])
    #expect(Shape([]).map { $0 }.isEmpty)
    #expect("\(shape) \(Shape([]))" == "[2, 3, 4] []")
    #expect(shape.removing(axes: [1]) == [2, 4])
    #expect(shape.prepending(5) == [5, 2, 3, 4])
  }

  /// Every element type through memory and back.
  @Test(arguments: ElementType.allCases)
  func literals(_ type: ElementType) throws {
    let shape = TensorType([5], type)
    let array =
      type.isFloatingPoint
      ? ReferenceArray(shape, reals: [0, -1.5, 2, .infinity, -0.0])
      : ReferenceArray(shape, integers: [0, -1, 2, .max, .min])
    let literal = try array.literal()
    #expect(literal.buffer.byteCount >= shape.byteCount)
    #expect(ReferenceArray(literal) == array)
    let again = try ReferenceArray(literal).literal()
    #expect(again.withBytes { again in literal.withBytes { again.elementsEqual($0) } })
    let ones = ReferenceArray(TensorType([3], type), repeating: 1)
    #expect((0..<3).allSatisfy { ones.real($0) == 1 })
  }

  @Test func integersOfRealNumbersSaturate() {
    #expect(ReferenceArray.integer(1e9, .int8) == 127)
    #expect(ReferenceArray.integer(-1e9, .int16) == -32_768)
    #expect(ReferenceArray.integer(-1, .uint32) == 0)
    #expect(ReferenceArray.integer(1e30, .uint64) == -1)
    #expect(ReferenceArray.integer(-1e30, .int64) == .min)
    #expect(ReferenceArray.integer(.nan, .int32) == 0)
    #expect(ReferenceArray.integer(.infinity, .int32) == Int64(Int32.max))
    #expect(ReferenceArray.integer(-2.9, .int32) == -2)
    #expect(ReferenceArray.integer(0.5, .bool) == 1)
  }

  @Test func everyHalfPrecisionNumberComesBack() {
    for bits in UInt16.min...UInt16.max {
      let value = HalfPrecision.double(float16: bits)
      #expect(value.isNaN || HalfPrecision.float16(value) == bits)
      let other = HalfPrecision.double(bfloat16: bits)
      #expect(other.isNaN || HalfPrecision.bfloat16(other) == bits)
    }
    #expect(HalfPrecision.double(float16: HalfPrecision.float16(.nan)).isNaN)
    #expect(HalfPrecision.double(bfloat16: HalfPrecision.bfloat16(.nan)).isNaN)
  }

  /// Between neighbors the nearer one is taken, halfway the even one; an ulp of Float64 on either side decides.
  @Test func halfPrecisionRoundsToTheNearest() {
    func hold(_ largest: UInt16, _ value: (UInt16) -> Double, _ bits: (Double) -> UInt16) {
      for low in stride(from: UInt16(0), to: largest, by: 37) {
        let middle = (value(low) + value(low + 1)) / 2
        #expect(bits(middle) == (low % 2 == 0 ? low : low + 1))
        #expect(bits(middle.nextDown) == low)
        #expect(bits(middle.nextUp) == low + 1)
        #expect(bits(-middle.nextUp) == (low + 1) | 0x8000)
      }
    }
    hold(0x7bff, HalfPrecision.double(float16:), HalfPrecision.float16)
    hold(0x7f7f, HalfPrecision.double(bfloat16:), HalfPrecision.bfloat16)
    #expect(HalfPrecision.float16(65_519.99) == 0x7bff)
    #expect(HalfPrecision.float16(65_520) == 0x7c00)
    #expect(HalfPrecision.bfloat16(3.5e38) == 0x7f80)
    #expect(HalfPrecision.bfloat16(1e-60) == 0)
  }
}

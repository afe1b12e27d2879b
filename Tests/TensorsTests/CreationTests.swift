import DescentGraph
import DescentTensors
import Testing

@Suite("creation and bits")
struct CreationTests {
  @Test func ranges() throws {
    #expect(try Tensor(rangeFrom: 1, to: 2, by: 0.25).scalars() == [1, 1.25, 1.5, 1.75])
    #expect(try Tensor(rangeFrom: 5, to: 0, by: -2, .int32).integers() == [5, 3, 1])
    #expect(try Tensor(rangeFrom: 0, to: 5, by: -1).scalars().isEmpty)
    #expect(Tensor(rangeFrom: 0, to: 1, by: 0.1, .float64).count == 10)
    // Errors do not add up on the way.
    #expect(try Tensor(rangeFrom: 0, to: 1e5, by: 0.1, .float64).scalars().last == 999_999 * 0.1)
    #expect(try Tensor(rangeFrom: -1, through: 1, count: 5).scalars() == [-1, -0.5, 0, 0.5, 1])
    #expect(try Tensor(rangeFrom: 3, through: 3.5, count: 1).scalars() == [3])
    #expect(try Tensor(rangeFrom: 3, through: 4, count: 0).scalars().isEmpty)
    #expect(try Tensor(rangeFrom: 10, through: 0, count: 6, .int64).integers() == [10, 8, 6, 4, 2, 0])
    for count in [2, 3, 7, 100, 1001] {
      let x = try Tensor(rangeFrom: 0.1, through: 0.7, count: count, .float64).scalars()
      #expect(x.first == 0.1 && x.last == 0.7 && zip(x, x.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test func literals() throws {
    #expect(Tensor([]).shape == [0] && Tensor([[]]).shape == [1, 0] && Tensor([[Double]]()).shape == [0, 0])
    #expect(try Tensor([[1, 2.5], [3, -4]]).scalars() == [1, 2.5, 3, -4])
  }

  @Test func identities() throws {
    #expect(try Tensor(identity: 2).scalars() == [1, 0, 0, 1])
    #expect(try Tensor(identity: 2, columns: 3, offset: 1, .int8).integers() == [0, 1, 0, 0, 0, 1])
    #expect(try Tensor(identity: 3, columns: 2, offset: -2).scalars() == [0, 0, 0, 0, 1, 0])
    #expect(try Tensor(identity: 2, offset: .min).scalars() == [0, 0, 0, 0])
    #expect(Tensor(identity: 0).shape == [0, 0] && Tensor(identity: 2, .float64).elementType == .float64)
  }

  @Test func likeAnother() throws {
    let x = Tensor([[1, 2], [3, 4]], .float64)
    #expect(try Tensor(zerosLike: x).scalars() == [0, 0, 0, 0] && Tensor(onesLike: x).elementType == .float64)
    #expect(try Tensor(repeating: 7, like: Tensor(integers: [1, 2], .uint8)).integers() == [7, 7])
  }

  @Test func bits() throws {
    let (a, b) = (Tensor(integers: [0b1100, -1, 5]), Tensor(integers: [0b1010, 0x0f, 5]))
    #expect(try (a .^ b).integers() == [0b0110, ~0x0f, 0])
    #expect(try (a .& b).integers() == [0b1000, 0x0f, 5] && (a .| b).integers() == [0b1110, -1, 5])
    #expect(try (a << 2).integers() == [48, -4, 20] && (a << Tensor(integers: [0, 1, 40])).integers() == [12, -2, 0])
    // A sign stays a sign, and a type without one has none.
    #expect(try (Tensor(integers: [-8, 7, -1]) >> 1).integers() == [-4, 3, -1])
    #expect(try (Tensor(integers: [-8, 7]) >> 99).integers() == [-1, 0])
    #expect(try (Tensor(integers: [0x80, 0xff], .uint8) >> 1).integers() == [0x40, 0x7f])
    #expect(try (Tensor(integers: [-128, 127], .int8) >> Tensor(integers: [7], .int8)).integers() == [-1, 0])
    let truths = Tensor([1, 1, 0, 0]) .> 0, others = Tensor([1, 0, 1, 0]) .> 0
    #expect(try (truths .^ others).integers() == [0, 1, 1, 0])
  }
}

import DescentTensors
import Foundation
import Testing

@Suite("choices between numbers")
struct ChoosingTests {
  @Test func extremesPassOverNaN() throws {
    let (x, y) = (Tensor([1, .nan, 3, .nan, -.infinity]), Tensor([2, 5, .nan, .nan, 0]))
    #expect(try fmax(x, y).scalars().prefix(3) == [2, 5, 3] && fmax(x, y).scalars()[3].isNaN)
    #expect(try fmin(x, y).scalars().prefix(3) == [1, 5, 3] && fmin(x, y).scalars()[4] == -.infinity)
    #expect(try fmax(Tensor(integers: [1, 5]), Tensor(integers: [3, 2])).integers() == [3, 5])
    let slopes = try gradient(at: x) { fmax($0, y).sum() }.scalars()
    #expect(slopes == [0, 0, 1, 0, 0] || slopes == [0, 0, 1, 1, 0])
  }

  @Test func steps() throws {
    let x = Tensor([-2, 0, 3, -0.0])
    #expect(try heaviside(x, Tensor(0.5)).scalars() == [0, 0.5, 1, 0.5])
    #expect(try heaviside(Tensor([.nan]), Tensor([1.0])).item().isNaN)
    #expect(try gradient(at: x) { heaviside($0, Tensor(0.5)).sum() }.scalars() == [0, 0, 0, 0])
    let (slope, ofZero) = try gradient(at: x, Tensor([1, 2, 3, 4.0])) { heaviside($0, $1).sum() }
    #expect(try slope.scalars() == [0, 0, 0, 0] && ofZero.scalars() == [0, 1, 0, 1])
  }

  @Test func straightLines() throws {
    let (x, y) = (Tensor([0, 1e8, -3], .float64), Tensor([1, 1, 5], .float64))
    #expect(try lerp(x, y, 0).scalars() == [0, 1e8, -3] && lerp(x, y, 1).scalars() == [1, 1, 5])
    #expect(try lerp(x, y, Tensor([0.25, 0.5, 2], .float64)).scalars() == [0.25, 50_000_000.5, 13])
    let (dx, dy, dw) = try gradient(at: x, y, Tensor([0.25, 0.75, 0.5], .float64)) { lerp($0, $1, $2).sum() }
    #expect(try dx.scalars() == [0.75, 0.25, 0.5] && dy.scalars() == [0.25, 0.75, 0.5])
    #expect(try dw.scalars() == [1, 1 - 1e8, 8])
  }

  @Test func logic() throws {
    let (x, y) = (Tensor([0, 2, 0, .nan]), Tensor(integers: [0, 0, 1, 7]))
    #expect(try logicalAnd(x, y).booleans() == [false, false, false, true])
    #expect(try logicalOr(x, y).booleans() == [false, true, true, true])
    #expect(try logicalXor(x, y).booleans() == [false, true, true, false])
    #expect(try logicalNot(x).booleans() == [true, false, true, false])
    #expect(try logicalNot(Tensor([true, false])).booleans() == [false, true])
  }

  @Test func infinities() throws {
    let x = Tensor([.infinity, -.infinity, .nan, 1])
    #expect(try isPositiveInfinity(x).booleans() == [true, false, false, false])
    #expect(try isNegativeInfinity(x).booleans() == [false, true, false, false])
  }

  @Test func logarithms() throws {
    let (x, y) = (
      Tensor([1, 3000, -.infinity, .infinity, .nan], .float64), Tensor([1, 3000, -.infinity, 0, 1], .float64)
    )
    let sums = try logAddExp2(x, y).scalars()
    #expect((sums[0] - 2).magnitude < 1e-15 && sums[1] == 3001 && sums[2] == -.infinity && sums[3] == .infinity)
    #expect(sums[4].isNaN)
    let slope = try gradient(at: Tensor([1.0, 0], .float64)) { logAddExp2($0, Tensor([1, 2], .float64)).sum() }
    #expect(zip(try slope.scalars(), [0.5, 0.2]).allSatisfy { ($0 - $1).magnitude < 1e-14 })
    #expect(
      try xLog1pY(Tensor([0, 0, 2], .float64), Tensor([-1, .infinity, 1e-20], .float64)).scalars() == [0, 0, 2e-20])
    #expect(try xLog1pY(Tensor([0.0]), Tensor([.nan])).item().isNaN)
    #expect(try gradient(at: Tensor([0.0], .float64)) { xLog1pY($0, Tensor([1], .float64)).sum() }.item() == log(2))
  }

  @Test func roundingLeavesIntegers() throws {
    let whole = Tensor(integers: [-3, 5], shape: [2], .int8)
    let functions: [(Tensor) -> Tensor] = [floor, ceil, round, trunc]
    for function in functions {
      #expect(function(whole).type == whole.type)
      #expect(try function(whole).integers() == [-3, 5])
    }
  }
}

import DescentGraph
import DescentLayers
import DescentTensors
import TestSupport
import Testing

@Suite struct BilinearTests {
  private let a = sample([2, 5, 3])
  private let b = sample([2, 5, 4], seed: 2)

  @Test func isTheFormOfEachPair() throws {
    let layer = try Bilinear(units: 2).initialized { $0(a, b) }
    let weight = try #require(layer.weight.tensor)
    #expect(weight.shape == [3, 4, 2] && layer.bias?.tensor?.shape == [2])
    let wanted = einsum("nti,iju,ntj->ntu", a, weight, b)
    try expectClose(layer(a, b).scalars(), wanted.scalars())
    try expectGradient(of: layer) { square($0(a, b)).sum() }
    try expectGradient(of: [a, b]) { square(layer($0[0], $0[1])).sum() }
    #expect(layer(sample([3]), sample([4])).shape == [2])
  }

  @Test func namesTheFault() throws {
    let layer = try Bilinear(units: 2, bias: false).initialized { $0(a, b) }
    #expect(fault(of: layer(b, a)).hasPrefix("Bilinear: was made for 3 and 4 features, found inputs [2, 5, 4]"))
    #expect(fault(of: layer(a, sample([2, 4]))).contains("equal in all axes but the last, found [2, 5, 3] and [2, 4]"))
    #expect(fault(of: layer(a, b.converted(to: .float32))).contains("element types differ"))
    #expect(fault(of: layer(a, Tensor(integers: [1]))).contains("floating-point"))
    #expect(fault(of: Bilinear(units: 0)(a, b)).contains("at least 1"))
    #expect(fault { _ = try Bilinear(units: .max).initialized { $0(a, b) } }.hasPrefix("Bilinear: "))
  }
}

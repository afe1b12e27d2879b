import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite("normal distribution")
struct NormalDistributionTests {
  /// Cumulative probabilities by the C library, from the side on which they are small.
  @Sendable private static func below(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// Steps of Newton's method on the C library's function, from the number that is to be tried.
  @Sendable private static func quantile(_ p: Double) -> Double {
    if p > 0.5 { return -quantile(1 - p) }
    var x = p > 0.02 ? 0.0 : -(-2 * log(p)).squareRoot()
    for _ in 0..<100 {
      let value = below(x)
      let step = (log(value) - log(p)) * value / exp(-x * x / 2) * (2 * Double.pi).squareRoot()
      x -= step
      if step.magnitude < 1e-15 * max(1, x.magnitude) { break }
    }
    return x
  }

  static let functions: [ComposedFunction] = [
    ComposedFunction(
      name: "erfcx", function: { erfcx($0) }, reference: { exp($0 * $0) * erfc($0) },
      points: [-2, -0.6, -0.3, 0.1, 0.4, 0.5, 1.5, 2, 3.5], roundings: 32),
    ComposedFunction(
      name: "ndtr", function: { ndtr($0) }, reference: below, points: [-3, -1.5, -0.3, 0, 0.7, 2], steepPoints: [],
      roundings: 32),
    ComposedFunction(
      name: "logNdtr", function: { logNdtr($0) }, reference: { $0 > 0 ? log1p(-below(-$0)) : log(below($0)) },
      points: [-8, -3, -1.5, -0.5, 0, 0.7, 2, 5], roundings: 32),
    ComposedFunction(
      name: "ndtri", function: { ndtri($0) }, reference: quantile, points: [0.05, 0.08, 0.3, 0.5, 0.8, 0.95],
      steepPoints: [1e-12, 1e-5, 1e-3], roundings: 64),
    ComposedFunction(
      name: "entr", function: { entr($0) }, reference: { -$0 * log($0) }, points: [0.05, 0.3, 1, 2.5]),
  ]

  @Test(arguments: functions) func agrees(_ function: ComposedFunction) throws { try function.check() }

  @Test(arguments: [ElementType.float32, .float64]) func ends(_ type: ElementType) throws {
    let infinite = Tensor([.infinity, -.infinity, .nan], type)
    #expect(try erfcx(infinite).scalars().prefix(2) == [0, .infinity])
    #expect(try ndtr(infinite).scalars().prefix(2) == [1, 0])
    #expect(try logNdtr(infinite).scalars().prefix(2) == [0, -.infinity])
    #expect(try ndtri(Tensor([1, 0, -1, 2], type)).scalars().prefix(2) == [.infinity, -.infinity])
    #expect(try ndtri(Tensor([-0.5, 2, .nan], type)).scalars().allSatisfy(\.isNaN))
    for function in [erfcx, ndtr, logNdtr, entr] {
      #expect(try function(Tensor([.nan], type)).item().isNaN)
      let slopes = try gradient(at: Tensor([1e4, -1e4, 0.3, 0, 1], type)) { function($0).sum() }.scalars()
      #expect(slopes.allSatisfy { !$0.isNaN })
    }
    #expect(try entr(Tensor([0, -1], type)).scalars() == [0, -.infinity])
    // Far out: −x²/2 − log(−x·√2π) leads.
    let far = try logNdtr(Tensor([-1e3], type)).item()
    #expect((far + 5e5 + log(1e3 * (2 * Double.pi).squareRoot())).magnitude < 0.1)
    #expect((try erfcx(Tensor([1e4], type)).item() * 1e4 * Double.pi.squareRoot() - 1).magnitude < 1e-6)
  }

  @Test func ofHalves() throws {
    for type in [ElementType.float16, .bfloat16] {
      let x = Tensor([-1, 0.25, 3, 20], type)
      let wanted = try erfcx(Tensor([-1, 0.25, 3, 20], .float64)).converted(to: type).scalars()
      #expect(try erfcx(x).scalars() == wanted)
    }
  }
}

import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Attention with shared keys, in 16 bits and with dropout; rotations and sinusoids.
@Suite struct AttentionFunctionTests {
  private func wave(_ shape: Shape, _ phase: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { Foundation.sin(Double($0) * 1.3 + phase) }, shape: shape, .float64)
  }

  private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12) throws -> Bool {
    guard a.shape == b.shape else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  /// Consecutive heads share keys and values, with masks of every shape.
  @Test func headsShareKeys() throws {
    let (q, k, v) = (wave([2, 6, 3, 4]), wave([2, 2, 5, 4], 1), wave([2, 2, 5, 7], 2))
    func repeated(_ x: Tensor) -> Tensor { x.taken(Tensor(integers: [0, 0, 0, 1, 1, 1]), axis: 1) }
    let one = wave([3, 5], 3)
    for mask in [nil, one, one .> 0, wave([2, 6, 3, 5], 4), wave([2, 1, 3, 5]) .> -0.5] {
      let shared = scaledDotProductAttention(q, k, v, mask: mask)
      #expect(shared.shape == [2, 6, 3, 7])
      #expect(try near(shared, scaledDotProductAttention(q, repeated(k), repeated(v), mask: mask)))
      #expect(try near(attentionWeights(q, k, mask: mask), attentionWeights(q, repeated(k), mask: mask)))
    }
    let slope = try gradient(at: k) { square(scaledDotProductAttention(q, $0, v, isCausal: true)).sum() }
    let wanted = try gradient(at: k) {
      square(scaledDotProductAttention(q, repeated($0), repeated(v), isCausal: true)).sum()
    }
    #expect(try near(slope, wanted))
    #expect(
      scaledDotProductAttention(q, wave([2, 4, 5, 4]), wave([2, 4, 5, 7])).error?.operation
        == "scaledDotProductAttention")
    #expect(try near(scaledDotProductAttention(q, k, v), matmul(attentionWeights(q, repeated(k)), repeated(v))))
  }

  /// Products near 90, where bfloat16 has steps of a half, are added up, weighted and averaged in Float32.
  @Test(arguments: [ElementType.bfloat16, .float16]) func scoresKeepTheirDigits(_ type: ElementType) throws {
    let q = (wave([1, 4, 64]) * 3 + 9).converted(to: type)
    let (k, v) = ((wave([1, 9, 64], 1) + 1.2).converted(to: type), wave([1, 9, 8], 2).converted(to: type))
    let wide = [q, k, v].map { $0.converted(to: .float64) }
    let exact = scaledDotProductAttention(wide[0], wide[1], wide[2])
    let scores = matmul(wide[0], wide[1].swapped(-1, -2)) * 0.125
    #expect(try scores.max().item() > 80)
    let found = scaledDotProductAttention(q, k, v)
    #expect(found.elementType == type)
    // The result alone is rounded.
    let step = type == .bfloat16 ? 1.0 / 256 : 1.0 / 2048
    #expect(try near(found.converted(to: .float64), exact, step))
    let function = compiled { (q: Tensor, k: Tensor, v: Tensor) in scaledDotProductAttention(q, k, v) }
    #expect(try near(try function(q, k, v).converted(to: .float64), exact, step))
  }

  @Test func dropoutDropsWeights() throws {
    let (q, k) = (wave([50, 8]), wave([40, 8], 1))
    let unit = Tensor(identity: 40, .float64)
    let weights = attentionWeights(q, k)
    let dropped = scaledDotProductAttention(q, k, unit, dropout: 0.25, randomKey: RandomKey(seed: 1))
    var kept = 0
    for (a, b) in zip(try dropped.scalars(), try weights.scalars()) where a != 0 {
      kept += 1
      #expect(abs(a - b / 0.75) < 1e-12)
    }
    #expect(abs(Double(kept) / 2000 - 0.75) < 0.05)
    #expect(scaledDotProductAttention(q, k, unit, dropout: 0.25).error?.message.contains("no key") == true)
    #expect(scaledDotProductAttention(q, k, unit, dropout: 1, randomKey: RandomKey(seed: 1)).error != nil)
  }

  /// Turned pairs keep their length, and products depend on the distance alone.
  @Test func rotationsTellDistances() throws {
    let (q, k) = (wave([1, 6]), wave([1, 6], 1))
    for rotary in [
      RotaryPositions(), RotaryPositions(base: 100, features: 4, pairing: .neighbors),
      RotaryPositions(pairing: .neighbors, stretch: 3),
    ] {
      func product(_ a: Double, _ b: Double) -> Tensor {
        matmul(
          rotated(q, at: Tensor([a], .float64), by: rotary),
          rotated(k, at: Tensor([b], .float64), by: rotary).transposed())
      }
      #expect(try near(product(5, 3), product(12, 10)))
      #expect(try !near(product(5, 3), product(5, 4)))
      #expect(try near(rotated(q, at: Tensor([0.0], .float64), by: rotary), q))
      let turned = rotated(q, at: Tensor([7.0], .float64), by: rotary)
      #expect(try near(square(turned).sum(), square(q).sum()))
      let slope = try gradient(at: q) { (rotated($0, at: Tensor([7.0], .float64), by: rotary) * k).sum() }
      // The transpose of a rotation turns back.
      #expect(try near(slope, rotated(k, at: Tensor([-7.0], .float64), by: rotary)))
    }
    // By hand: two features at position 2, of the only angle 2.
    let two = try rotated(Tensor([[3, 4]], .float64), at: Tensor([2.0], .float64)).scalars()
    let (cosine, sine) = (Foundation.cos(2.0), Foundation.sin(2.0))
    #expect(abs(two[0] - (3 * cosine - 4 * sine)) < 1e-12)
    #expect(abs(two[1] - (4 * cosine + 3 * sine)) < 1e-12)
    // Of four, halves turn 1 with 3 and 2 with 4; neighbors 1 with 2 and 3 with 4, the second pair by 1/100.
    let one = Tensor([1.0], .float64)
    let four = Tensor([[1, 0, 0, 0]], .float64)
    let neighbors = RotaryPositions(pairing: .neighbors)
    let last = rotated(Tensor([[0, 0, 1, 0]], .float64), at: one, by: neighbors)
    #expect(try abs(rotated(four, at: one)[0, 2].item() - Foundation.sin(1.0)) < 1e-12)
    #expect(try abs(rotated(four, at: one, by: neighbors)[0, 1].item() - Foundation.sin(1.0)) < 1e-12)
    #expect(try abs(last[0, 3].item() - Foundation.sin(0.01)) < 1e-12)
    for rotary in [
      RotaryPositions(features: 3), RotaryPositions(features: 8), RotaryPositions(base: 0), RotaryPositions(stretch: 0),
    ] {
      #expect(rotated(q, at: Tensor([1.0]), by: rotary).error?.operation == "rotated")
    }
  }

  /// By the formulas of the transformers library, 5.24, in Float64.
  private static let scaled: [(RotaryPositions, Double, [Double])] = [
    (
      RotaryPositions(base: 500_000, scaling: .llama3(factor: 8, context: 8_192)), 1.0,
      [
        1, 0.193922744749, 0.0376060309309, 0.00729266473722, 0.000524846160993, 3.42810219595e-05, 6.64786987118e-06,
        1.28917317215e-06,
      ]
    ),
    (RotaryPositions(scaling: .llama3(factor: 4, high: 2, context: 64)), 1, [1, 0.0263943726841, 0.0025, 0.00025]),
    (
      RotaryPositions(scaling: .yarn(factor: 4, context: 2_048)), 1.138629436111989,
      [
        1, 0.316227766017, 0.1, 0.0256935059889, 0.00625, 0.00138349647632, 0.00025, 7.90569415042e-05,
      ]
    ),
    (
      RotaryPositions(scaling: .yarn(factor: 4, context: 2_048, truncating: false)), 1.138629436111989,
      [
        1, 0.316227766017, 0.1, 0.0238701923217, 0.00505697152113, 0.000811290381701, 0.00025, 7.90569415042e-05,
      ]
    ),
    (
      RotaryPositions(scaling: .yarn(factor: 16, slow: 2, fast: 8, context: 64)), 1.2772588722239782,
      [1, 0.00625, 0.000625, 6.25e-05]
    ),
    (RotaryPositions(features: 4, scaling: .yarn(factor: 0.5, context: 8, attention: 3)), 3, [1, 0.02]),
  ]

  @Test(arguments: scaled) func scaledRotations(rotary: RotaryPositions, factor: Double, frequencies: [Double]) throws {
    let half = frequencies.count
    let ones = Tensor((0..<2 * half).map { $0 < half ? 1.0 : 0 }, shape: [1, 2 * half], .float64)
    let turned = try rotated(ones, at: Tensor([1.0], .float64), by: rotary).scalars()
    for (pair, frequency) in frequencies.enumerated() {
      #expect(abs(turned[pair] - factor * Foundation.cos(frequency)) < 1e-11)
      #expect(abs(turned[half + pair] - factor * Foundation.sin(frequency)) < 1e-11 * max(1, frequency))
    }
    let coded = try JSONDecoder().decode(RotaryPositions.self, from: JSONEncoder().encode(rotary))
    #expect(coded == rotary)
  }

  @Test(arguments: [
    RotaryPositions.Scaling.llama3(factor: 0, context: 8), .llama3(factor: 8, low: 4, context: 8),
    .llama3(factor: 8, context: 0), .yarn(factor: .infinity, context: 8), .yarn(factor: 2, slow: 0, context: 8),
    .yarn(factor: 2, context: 8, attention: .nan),
  ]) func scalingsThatMakeNoSense(scaling: RotaryPositions.Scaling) {
    let error = rotated(wave([1, 6]), at: Tensor([1.0]), by: RotaryPositions(scaling: scaling)).error
    #expect(error?.operation == "rotated" && error?.message.contains("its scaling needs a positive factor") == true)
  }

  @Test func sinusoidsAreThoseOfThePaper() throws {
    let waves = try sinusoids(at: Tensor([0, 3]), features: 5, .float64).scalars()
    func angle(_ pair: Int) -> Double { 3 / Foundation.pow(10_000, 2 * Double(pair) / 5) }
    let pairs = (0..<2).flatMap { [Foundation.sin(angle($0)), Foundation.cos(angle($0))] }
    let wanted: [Double] = [0, 1, 0, 1, 0] + pairs + [Foundation.sin(angle(2))]
    for (a, b) in zip(waves, wanted) { #expect(abs(a - b) < 1e-12) }
    #expect(sinusoids(at: Tensor([[0], [1]]), features: 4).shape == [2, 1, 4])
    #expect(sinusoids(at: Tensor([0]), features: 0).error?.operation == "sinusoids")
    #expect(sinusoids(at: Tensor([0]), features: 2, .int32).error != nil)
  }
}

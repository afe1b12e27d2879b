import DescentGraph
import DescentTensors
import TestSupport
import Testing

/// Functions that sum and then divide round their 16-bit results once: no number on the way has to fit into 16 bits.
@Suite("16-bit results are rounded once")
struct SixteenBitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let function: @Sendable (Tensor) -> Tensor
    var testDescription: String { name }

    init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      (self.name, self.function) = (name, function)
    }
  }

  /// Of a vector.
  private static let cases: [Case] = [
    Case("sum") { $0.sum() },
    Case("mean") { $0.mean() },
    Case("nanMean") { $0.nanMean() },
    Case("variance") { $0.variance() },
    Case("standardDeviation") { $0.standardDeviation(correction: 1) },
    Case("covariance") { covariance($0) },
    Case("correlation") { correlation(stacked([$0, $0.reversed()])) },
    Case("norm") { $0.norm() },
    Case("norm of order 1") { $0.norm(1) },
    Case("norm of order 3") { $0.norm(3) },
    Case("normalized") { $0.normalized() },
    Case("cosineSimilarity") { cosineSimilarity($0, $0.reversed()) },
    Case("distances") { distances(stacked([$0, $0.reversed()]), stacked([$0])) },
    Case("layerNorm") { layerNorm($0) },
    Case("rmsNorm") { rmsNorm($0) },
    Case("groupNorm") { groupNorm($0.reshaped([1, -1, 2]), groups: 2) },
    Case("instanceNorm") { instanceNorm($0.reshaped([1, -1, 2])) },
    Case("softmax") { softmax($0) },
    Case("softmin") { softmin($0) },
    Case("logSoftmax") { logSoftmax($0) },
    Case("logSumExp") { logSumExp($0) },
    Case("averagePool") { averagePool($0.reshaped([1, -1, 1]), size: $0.count / 2) },
    Case("adaptiveAveragePool") { adaptiveAveragePool($0.reshaped([1, -1, 1]), counts: [2]) },
    Case("trapezoid") { $0.trapezoid(spacing: 1e-4) },
    Case("trapezoid at places") { $0.trapezoid(at: Tensor(zerosLike: $0) + 1) },
    Case("median") { $0.median() },
    Case("quantile") { $0.quantile(0.3) },
    Case("resized") { $0.reshaped([1, -1, 1]).resized([7]) },
    Case("attention") { x in
      let rows = x.reshaped([-1, 2])
      return scaledDotProductAttention(rows.sliced(0..<1) * 0.01, rows * 0.01, rows)
    },
  ]

  /// At counts and sizes near the ends of 16 bits.
  private static func vectors(_ type: ElementType) -> [(name: String, values: Tensor)] {
    let alternating = (0..<64).map { $0 % 2 == 0 ? 60_000.0 : -59_000 }
    return [
      ("70,000 threes", Tensor(repeating: 3, shape: [70_000], type)),
      ("70,000 zeros", Tensor(zeros: [70_000], type)),
      ("70,000 times 10⁻⁴", Tensor(repeating: 1e-4, shape: [70_000], type)),
      ("1000 and 3000", Tensor([1000, 3000], type)),
      ("eight 300s", Tensor(repeating: 300, shape: [8], type)),
      ("near ±65,504", Tensor(alternating, type)),
      ("0 to 63", Tensor((0..<64).map(Double.init), type)),
    ]
  }

  @Test(.leftOutOnReference(.millions), arguments: cases, [ElementType.float16, .bfloat16]) func areThoseOfFloat64(
    _ one: Case, type: ElementType
  )
    throws
  {
    for (name, values) in Self.vectors(type) {
      for isRead in [false, true] {
        if isRead { try evaluate(values) }
        let found = one.function(values)
        let wanted = one.function(values.converted(to: .float64)).converted(to: type)
        #expect(found.type == wanted.type)
        let (unit, least) = type == .float16 ? (0x1p-10, 0x1p-24) : (0x1p-7, 0x1p-133)
        for (a, b) in zip(try found.scalars(), try wanted.scalars()) {
          let isNear = a == b || a.isNaN && b.isNaN || (a - b).magnitude <= unit * b.magnitude + least
          #expect(isNear, "\(one.name) of \(name), read: \(isRead): \(a) instead of \(b)")
          if !isNear { break }
        }
      }
    }
  }

  @Test func derivativesOfMeansCountFurtherThan16Bits() throws {
    let inputs = Tensor(ones: [70_000, 1], .float16) + 0
    try evaluate(inputs)
    for mean in [{ @Sendable (x: Tensor) in x.mean() }, { $0.converted(to: .float32).mean() }] {
      let slope = try gradient(at: Tensor([0], .float16)) { b in mean(inputs * 0.5 + b) }
      #expect(slope.shape == [1])
      #expect(try abs(slope.converted(to: .float32).item() - 1) <= 0x1p-9)
    }
    for type in [ElementType.float16, .bfloat16, .float32] {
      let shares = try gradient(at: Tensor(ones: [70_000], type)) { $0.max() }
      #expect(shares.shape == [70_000] && shares.elementType == type)
      #expect(try shares.scalars().allSatisfy { abs($0 * 70_000 - 1) < 0.01 })
    }
  }
}

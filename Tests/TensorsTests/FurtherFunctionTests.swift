import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite("attention, normalization, differences, closeness")
struct FurtherFunctionTests {
  private func wave(_ shape: Shape, _ phase: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { Foundation.sin(Double($0) * 1.3 + phase) }, shape: shape, .float64)
  }

  private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12) throws -> Bool {
    guard a.shape == b.shape else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  @Test func attention() throws {
    let (q, k, v) = (wave([2, 3, 4, 5]), wave([2, 3, 6, 5], 1), wave([2, 3, 6, 7], 2))
    let scores = matmul(q, k.swapped(-1, -2)) * (1 / 5.0.squareRoot())
    #expect(try near(scaledDotProductAttention(q, k, v), matmul(softmax(scores), v)))
    let causal = scaledDotProductAttention(q, k, v, isCausal: true)
    #expect(try near(causal[.ellipsis, 0, .all], v[.ellipsis, 0, .all]))
    let past = Tensor(ones: [4, 6]).lowerTriangle() .> 0
    #expect(try near(causal, scaledDotProductAttention(q, k, v, mask: past)))
    let bias = wave([4, 6], 3)
    #expect(
      try near(
        scaledDotProductAttention(q, k, v, mask: bias, scale: 2), matmul(softmax(scores * 20.0.squareRoot() + bias), v))
    )
    // Who may look at nothing sees nothing, and has no derivative either.
    let nothing = Tensor(zeros: [4, 6], .bool)
    #expect(try scaledDotProductAttention(q, k, v, mask: nothing).scalars().allSatisfy { $0 == 0 })
    let slope = try gradient(at: q) { scaledDotProductAttention($0, k, v, mask: nothing).sum() }
    #expect(try slope.scalars().allSatisfy { $0 == 0 })
    #expect(scaledDotProductAttention(q, wave([2, 3, 6, 4]), v).error?.operation == "scaledDotProductAttention")
    #expect(scaledDotProductAttention(wave([5]), k, v).error?.operation == "scaledDotProductAttention")
  }

  @Test func normalization() throws {
    let x = wave([2, 3, 4, 6])
    let rows = layerNorm(x)
    #expect(try near(rows.mean(axes: [-1]), Tensor(zeros: [2, 3, 4], .float64)))
    #expect(try near(rows.variance(axes: [-1]), Tensor(ones: [2, 3, 4], .float64), 1e-3))
    #expect(try near(rmsNorm(x, epsilon: 0), x / x.norm(axes: [-1], keepingAxes: true) * 6.0.squareRoot()))
    #expect(try near(instanceNorm(x), layerNorm(x, axes: [1, 2])))
    #expect(try near(groupNorm(x, groups: 6), instanceNorm(x)))
    #expect(try near(groupNorm(x, groups: 1), layerNorm(x, axes: [1, 2, 3])))
    let half = groupNorm(x, groups: 2)[.ellipsis, 0..<3]
    #expect(try near(half, layerNorm(x[.ellipsis, 0..<3], axes: [1, 2, 3])))
    #expect(groupNorm(x, groups: 4).error?.message == "the last axis of [2, 3, 4, 6] does not divide into 4 groups")
    #expect(layerNorm(Tensor(integers: [1])).error != nil && instanceNorm(wave([3, 2])).error != nil)
  }

  @Test func differencesAndIntegrals() throws {
    let x = Tensor([[1, 4, 9, 16], [0, 1, 0, 1]], .float64)
    #expect(try x.differences().scalars() == [3, 5, 7, 1, -1, 1])
    #expect(try x.differences(order: 2).scalars() == [2, 2, -2, 2])
    #expect(x.differences(order: 9).shape == [2, 0] && x.differences(order: 0).shape == [2, 4])
    #expect(try x.differences(axis: 0).scalars() == [-1, -3, -9, -15])
    #expect(try x.trapezoid().scalars() == [21.5, 1.5] && x.trapezoid(spacing: 2, axis: 0).count == 4)
    #expect(try x.trapezoid(at: Tensor([0, 1, 3, 4], .float64)).scalars() == [2.5 + 13 + 12.5, 0.5 + 1 + 0.5])
    #expect(try Tensor([5.0]).trapezoid().item() == 0)
    #expect(x.differences(order: -1).error != nil && x.trapezoid(axis: 2).error != nil)
    #expect(x.trapezoid(at: Tensor([0, 1], .float64)).error != nil)
  }

  @Test func interpolation() throws {
    let (places, values) = (Tensor([0, 1, 1, 3], .float64), Tensor([10, 20, 0, 40], .float64))
    let x = Tensor([-5, 0, 0.5, 1.5, 3, 9], .float64)
    #expect(try interpolated(x, places: places, values: values).scalars() == [10, 10, 15, 10, 40, 40])
    #expect(
      try gradient(at: x) { interpolated($0, places: places, values: values).sum() }.scalars() == [0, 0, 10, 20, 0, 0])
    #expect(
      try interpolated(x, places: Tensor([2], .float64), values: Tensor([7], .float64)).scalars().allSatisfy { $0 == 7 }
    )
    #expect(try interpolated(Tensor([.nan], .float64), places: places, values: values).item().isNaN)
    #expect(interpolated(x, places: places, values: Tensor([1], .float64)).error != nil)
  }

  @Test func closeness() throws {
    let a = Tensor([1, 1, 1e-9, .infinity, .nan, .infinity], .float64)
    let b = Tensor([1 + 1e-6, 1.1, 0, .infinity, .nan, 1], .float64)
    #expect(try isClose(a, b).integers() == [1, 0, 1, 1, 0, 0])
    #expect(try isClose(a, b, nanIsClose: true).integers() == [1, 0, 1, 1, 1, 0])
    #expect(try isClose(a, b, relativeTolerance: 0.2).integers()[1] == 1)
    #expect(try allClose(Tensor(integers: [1, 2]), Tensor(integers: [1, 2])).item() == 1)
    #expect(try allClose(Tensor([1.0, 2]), Tensor([1.0, 2.1])).item() == 0)
    #expect(
      try isIn(Tensor(integers: [[3, 9], [1, -4]].flatMap { $0 }, shape: [2, 2]), Tensor(integers: [1, 3, 5]))
        .integers() == [1, 0, 1, 0])
    #expect(try isIn(Tensor([1, .nan]), Tensor([.nan, 1])).integers() == [1, 0])
    #expect(
      try isIn(Tensor([1.0]), Tensor(zeros: [0])).integers() == [0]
        && isIn(Tensor([1.0]), Tensor(integers: [1])).error != nil)
  }

  @Test func passingOverNaN() throws {
    let x = Tensor([[1, .nan, 3], [.nan, .nan, .nan]], .float64)
    #expect(try x.nanSum(axes: [1]).scalars() == [4, 0] && x.nanSum().item() == 4)
    let means = try x.nanMean(axes: [1]).scalars()
    #expect(means[0] == 2 && means[1].isNaN && x.nanMean(axes: [1], keepingAxes: true).shape == [2, 1])
    #expect(try x.nanMax(axes: [1]).scalars() == [3, -.infinity] && x.nanMin(axes: [1]).scalars() == [1, .infinity])
    #expect(try gradient(at: x) { $0.nanSum() }.scalars() == [1, 0, 1, 0, 0, 0])
    #expect(Tensor(integers: [1]).nanSum().error?.operation == "nanSum")
  }

  @Test func neighbors() throws {
    for type in [ElementType.float32, .float64] {
      let x = Tensor([1, 1, -1, 0, 0, 2, .nan, .infinity], type), y = Tensor([2, 0, 0, 1, -1, 2, 1, 0], type)
      let found = try nextAfter(x, y).scalars()
      let least = type == .float32 ? Double(Float.leastNonzeroMagnitude) : .leastNonzeroMagnitude
      let step = type == .float32 ? 0x1p-23 : 0x1p-52
      let largest = type == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
      #expect(found[0] == 1 + step && found[1] == 1 - step / 2 && found[2] == -1 + step / 2)
      #expect(found[3] == least && found[4] == -least && found[5] == 2 && found[6].isNaN && found[7] == largest)
    }
    #expect(try nextAfter(Tensor(1.0, .float16), Tensor(2.0, .float16)).item() == 1 + 0x1p-10)
    #expect(nextAfter(Tensor(integers: [1]), Tensor(integers: [2])).error?.operation == "nextAfter")
  }

  @Test func smallOnes() throws {
    let x = wave([2, 3, 4])
    #expect(try near(reciprocal(exp(x)), exp(-x)))
    #expect(try x.unstacked(axis: 1).enumerated().allSatisfy { try near($1, x[.all, $0]) })
    #expect(x.unstacked(axis: 5).first?.error != nil)
    let shapes = broadcast([Tensor(zeros: [3, 1]), Tensor(zeros: [4]), Tensor(1.0)]).map(\.shape)
    #expect(shapes == [[3, 4], [3, 4], [3, 4]])
    #expect(broadcast([Tensor(zeros: [3]), Tensor(zeros: [4])]).first?.error?.message.contains("do not fit") == true)
    #expect(try xLogY(Tensor([0, 0, 2]), Tensor([0, 5, 1])).scalars() == [0, 0, 0])
    #expect(try gradient(at: Tensor([0.0, 2])) { xLogY($0, Tensor([0.0, 4])).sum() }.scalars()[0] == 0)
    #expect(try near(softmin(x), softmax(-x)))
    let (a, b) = (wave([5, 3]), wave([4, 3], 1))
    let d = distances(a, b)
    #expect(try d.shape == [5, 4] && near(d[2, 3], (a[2] - b[3]).norm()))
    #expect(try gradient(at: a) { distances($0, $0).sum() }.scalars().allSatisfy(\.isFinite))
    #expect(distances(a, wave([4, 2])).error?.operation == "distances")
  }

  @Test func gumbelSoftmaxIsNearlyOneHot() throws {
    let key = RandomKey(seed: 4)
    let logits = Tensor([0.1, 0.6, 0.3].map { Foundation.log($0) }).broadcast(to: [2000, 3])
    let soft = key.gumbelSoftmax(logits: logits, temperature: 0.5)
    #expect(try soft.sum(axes: [-1]).scalars().allSatisfy { abs($0 - 1) < 1e-5 })
    let hard = key.gumbelSoftmax(logits: logits, temperature: 0.5, isHard: true)
    #expect(try hard.scalars().allSatisfy { abs($0) < 1e-6 || abs($0 - 1) < 1e-6 })
    for (share, wanted) in zip(try hard.mean(axes: [0]).scalars(), [0.1, 0.6, 0.3]) {
      #expect(abs(share - wanted) < 0.05)
    }
    let slope = try gradient(at: logits) { (key.gumbelSoftmax(logits: $0, isHard: true) * Tensor([1, 0, 0])).sum() }
    #expect(try slope.scalars().contains { $0 != 0 })
    #expect(key.gumbelSoftmax(logits: logits, temperature: 0).error != nil)
  }
}

import DescentTensors
import Foundation
import Testing

/// Functions composed from operations: their values and derivatives where it is hard.
@Suite("functions")
struct FunctionTests {
  private func slope(at points: [Double], _ function: (Tensor) -> Tensor) throws -> [Double] {
    try gradient(at: Tensor(points, .float64)) { function($0).sum() }.scalars()
  }

  private func curvature(at points: [Double], _ function: (Tensor) -> Tensor) throws -> [Double] {
    try gradient(at: Tensor(points, .float64)) { x in
      try gradient(at: x) { function($0).sum() }.sum()
    }.scalars()
  }

  private func close(_ found: [Double], _ wanted: [Double], to tolerance: Double = 1e-12) -> Bool {
    found.count == wanted.count
      && zip(found, wanted).allSatisfy { $0 == $1 || ($0 - $1).magnitude <= tolerance * max(1e-300, $1.magnitude) }
  }

  @Test func softmaxFarOut() throws {
    let x = Tensor([1e4, 1e4, -1e4, -.infinity, 0, 0, -1e4, -1e4, -1e4, 3, 3, 3], shape: [4, 3], .float64)
    let third = 1.0 / 3
    let shares: [Double] = [0.5, 0.5, 0, 0, 0.5, 0.5, third, third, third, third, third, third]
    #expect(close(try softmax(x).scalars(), shares))
    let powers: Tensor = exp(logSoftmax(x))
    #expect(close(try powers.scalars(), shares))
    let (two, three): (Double, Double) = (log(2), log(3))
    #expect(close(try logSumExp(x).scalars(), [1e4 + two, two, -1e4 + three, 3 + three]))
    #expect(close(try gradient(at: x) { logSumExp($0).sum() }.scalars(), shares))
    let weights = Tensor([1, 2, 3, 0, 1, 2, 1, 0, 0, 0, 0, 1], shape: [4, 3], .float64)
    let picked = try gradient(at: x) { (softmax($0) * weights).sum() }.scalars()
    #expect(picked.allSatisfy { $0.isFinite })
    #expect(close(Array(picked[0..<2]), [-0.25, 0.25]))
    #expect(try gradient(at: x) { logSoftmax($0).sliced(0..<1, axis: 1).sum() }.scalars().allSatisfy(\.isFinite))
    // Float32 as well, along another axis.
    let narrow = Tensor([1e4, 1e4, -1e4, -1e4], shape: [2, 2])
    #expect(try softmax(narrow, axis: 0).floats() == [1, 1, 0, 0])
    #expect(try logSumExp(narrow, axis: 0, keepingAxes: true).floats() == [1e4, 1e4])
    #expect(try logSumExp(Tensor([-.infinity, -.infinity])).item() == -.infinity)
    #expect(try logSumExp(Tensor([.infinity, 1])).item() == .infinity)
    #expect(try logSumExp(Tensor(zeros: [2, 0])).scalars() == [-.infinity, -.infinity])
  }

  /// A number may stand in the place of a tensor, and takes its type.
  @Test func numbersBesideTensors() throws {
    let x = Tensor(integers: [1, 2, 3])
    let truths = [x .== 2, x .!= 2, x .< 2, x .<= 2, x .> 2, x .>= 2]
    #expect(
      try truths.map { try $0.integers() } == [[0, 1, 0], [1, 0, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1]])
    #expect(try `where`(x .> 1, x, -1).integers() == [-1, 2, 3])
    #expect(try `where`(x .> 1, 7, x).integers() == [1, 7, 7])
    var y = x.converted(to: .float32)
    y += 1
    y *= 3
    y -= 0.5
    y /= 2
    #expect(try y.floats() == [2.75, 4.25, 5.75])
    #expect(try x.clamped(-.infinity, 2).integers() == [1, 2, 2])
  }

  @Test func softplusIsSmoothEverywhere() throws {
    let points: [Double] = [0, 1, -1, 40, -40, 800, -800]
    let logistic = points.map { (x: Double) -> Double in 1 / (1 + exp(-x)) }
    let values = points.map { (x: Double) -> Double in max(x, 0) + log1p(exp(-x.magnitude)) }
    #expect(close(try softplus(Tensor(points, .float64)).scalars(), values))
    #expect(close(try slope(at: points, softplus), logistic))
    let bends = [0, 1, -1].map { (x: Double) -> Double in 0.25 / (cosh(x / 2) * cosh(x / 2)) }
    #expect(close(try curvature(at: [0, 1, -1], softplus), bends))
  }

  @Test func kinks() throws {
    #expect(try slope(at: [-1, 0, 2], relu) == [0, 0, 1])
    #expect(try slope(at: [-1, 0, 2]) { leakyRelu($0, slope: 0.25) } == [0.25, 0.25, 1])
    #expect(try slope(at: [-1, 0, 2], { abs($0) }) == [-1, 0, 1])
    // Derivatives pass strictly inside.
    #expect(try slope(at: [-2, -1, 0, 1, 2]) { $0.clamped(-1, 1) } == [0, 0, 1, 0, 0])
    #expect(try Tensor([-2, 0.5, 2, .nan]).clamped(-1, 1).floats()[..<3] == [-1, 0.5, 1])
    #expect(try Tensor([.nan]).clamped(-1, 1).item().isNaN)
    #expect(try slope(at: [1, 2]) { maximum($0, 1) } == [0.5, 1])
    #expect(try relu(Tensor(integers: [-1, 2])).integers() == [0, 2])
    #expect(try slope(at: [0, 4]) { pow($0, 2) } == [0, 8])
  }

  @Test func activations() throws {
    let points = [-3, -0.5, 0, 0.5, 3.0]
    let factor = (2 / Double.pi).squareRoot()
    let cubic = points.map { (x: Double) -> Double in
      let inner: Double = x + 0.044715 * x * x * x
      return 0.5 * x * (1 + tanh(factor * inner))
    }
    #expect(close(try gelu(Tensor(points, .float64), .tanh).scalars(), cubic))
    let shares = points.map { (x: Double) -> Double in 1 / (1 + exp(-x)) }
    #expect(close(try silu(Tensor(points, .float64)).scalars(), zip(points, shares).map { $0 * $1 }))
    let slopes = zip(points, shares).map { (x: Double, s: Double) -> Double in s * (1 + x * (1 - s)) }
    #expect(close(try slope(at: points, silu), slopes))
  }

  @Test func statistics() throws {
    let x = Tensor([1, 2, 3, 4, 5, 9], shape: [2, 3], .float64)
    #expect(try x.mean().item() == 4)
    #expect(try x.mean(axes: [1]).scalars() == [2, 6])
    #expect(close(try x.variance(axes: [-1]).scalars(), [2 / 3.0, 14 / 3.0]))
    #expect(x.variance(axes: [1], keepingAxes: true).shape == [2, 1])
    #expect(close(try slope(at: [1, 2, 6]) { $0.variance() }, [-4 / 3.0, -2 / 3.0, 2]))
    #expect(try Tensor(zeros: [0]).max().item() == -.infinity)
    #expect(try Tensor(zeros: [0]).mean().item().isNaN)
    // Digits that the mean of squares less the square of the mean would lose.
    #expect(close(try Tensor([1e8, 1e8 + 1, 1e8 + 2], .float64).variance().scalars(), [2 / 3.0]))
  }

  /// Pictures of one spatial axis, two and three; padding that keeps sizes; windows at the edge.
  @Test func images() throws {
    let x = Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 3, 3, 1])
    #expect(try maxPool(x, size: 2, strides: 1).scalars() == [5, 6, 8, 9])
    #expect(try averagePool(x, size: 2, strides: 1).scalars() == [3, 4, 6, 7])
    #expect(try averagePool(x, size: 2, padding: .same).scalars() == [3, 4.5, 7.5, 9])
    #expect(try maxPool(x, size: 2, padding: .same).scalars() == [5, 6, 8, 9])
    let ones = Tensor(ones: [2, 2, 1, 1])
    // Where only one window fits, how far the next one would be does not matter.
    #expect(try averagePool(x, size: 2, strides: .max).scalars() == [3])
    #expect(try maxPool(x, size: 3, strides: .max).scalars() == [9])
    #expect(try convolution(x, ones, strides: [.max]).scalars() == [12])
    #expect(try convolution(x, ones[0..<1, 0..<1], dilation: [.max]).scalars() == x.scalars())
    #expect(try convolution(x, ones, padding: .same).scalars() == [12, 16, 9, 24, 28, 15, 15, 17, 9])
    #expect(convolution(x, ones, strides: [2], padding: .each(1)).shape == [1, 2, 2, 1])
    #expect(convolution(Tensor(ones: [2, 7, 3]), Tensor(ones: [3, 3, 4]), padding: .same).shape == [2, 7, 4])
    #expect(convolution(Tensor(ones: [1, 4, 4, 4, 2]), Tensor(ones: [2, 2, 2, 2, 5])).shape == [1, 3, 3, 3, 5])
    for size in 1...7 {
      for (stride, dilation) in [(1, 1), (2, 1), (3, 1), (1, 2), (5, 1)] {
        let y = convolution(
          Tensor(ones: [1, size, 1]), Tensor(ones: [3, 1, 1]), strides: [stride], padding: .same, dilation: [dilation])
        #expect(
          y.shape == [1, (size + stride - 1) / stride, 1], "size \(size), stride \(stride), dilation \(dilation)")
      }
    }
    #expect(averagePool(x, size: 2, strides: .max, padding: .same).shape == [1, 1, 1, 1])
  }

  /// Second order through max pooling: the square of the chosen element only.
  @Test func maxPoolTwice() throws {
    let x = Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1], .float64)
    let curvature = try gradient(at: x) { x in
      try gradient(at: x) { square(maxPool($0, size: 2)).sum() }.sum()
    }
    #expect(try curvature.scalars() == [0, 0, 0, 2])
  }
}

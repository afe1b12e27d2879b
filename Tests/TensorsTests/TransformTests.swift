import DescentGraph
import DescentTensors
import Foundation
import Testing

/// Products with Jacobians, Jacobians and Hessians, in every nesting.
@Suite("derivatives as functions")
struct TransformTests {
  private func numbers(_ values: [Double], _ shape: Shape) -> Tensor { Tensor(values, shape: shape, .float64) }

  private func near(_ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12) throws -> Bool {
    guard a.shape == b.shape else { return false }
    return zip(try a.scalars(), try b.scalars()).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
  }

  private let weight = Tensor((0..<6).map { sin(Double($0) + 0.3) }, shape: [2, 3], .float64)

  /// Two numbers to three.
  private func wave(_ x: Tensor) -> Tensor { tanh(matmul(x, weight)) * exp(sin(matmul(x, weight))) }

  private func energy(_ x: Tensor) -> Tensor { (square(wave(x)) * wave(x)).sum() }

  private struct Layer: Codable, Sendable {
    var weight = Parameter(Tensor([0.5, -0.25, 1, 0.75, 0.1, -0.6], shape: [2, 3], .float64))
    var bias = Tensor([0.1, 0.2, 0.3], .float64)
    var count = Tensor(integers: [3])
    var mean = Parameter(Tensor([1.0], .float64), role: .statistic)
    var name = "layer"

    func callAsFunction(_ x: Tensor) -> Tensor { tanh(matmul(x, weight.tensor ?? Tensor(0.0, .float64)) + bias) }
  }

  @Test func productsAgreeWithDifferences() throws {
    let (x, dx) = (numbers([0.4, -0.7], [2]), numbers([0.3, 1.1], [2]))
    let (value, tangent) = try jacobianVectorProduct(at: x, along: dx, of: wave)
    #expect(try near(value, wave(x)))
    let step = 1e-6
    let difference = (wave(x + dx * step) - wave(x - dx * step)) / (2 * step)
    #expect(try near(tangent, difference, 1e-9))
    let weights = numbers([1, -2, 0.5], [3])
    let (same, cotangent) = try vectorJacobianProduct(at: x, cotangent: weights, of: wave)
    #expect(try near(same, value))
    #expect(abs(try (cotangent * dx).sum().item() - (weights * tangent).sum().item()) < 1e-13)
  }

  @Test func linearMaps() throws {
    let x = numbers([0.4, -0.7], [2])
    let (value, differential) = try linearize(at: x, of: wave)
    let (again, back) = try pullback(at: x, of: wave)
    #expect(try near(value, wave(x)) && near(again, value))
    let (a, b) = (numbers([1, 2], [2]), numbers([-0.5, 0.25], [2]))
    let sum = try differential(a) * 3.0 + differential(b)
    #expect(try near(differential(a * 3.0 + b), sum))
    #expect(try near(differential(a), jacobianVectorProduct(at: x, along: a, of: wave).tangent))
    let (u, v) = (numbers([1, 0, 2], [3]), numbers([0, 5, -1], [3]))
    #expect(try near(back(u * 2.0 - v), try back(u) * 2.0 - back(v)))
    #expect(try near(back(u), vectorJacobianProduct(at: x, cotangent: u, of: wave).cotangents))
    // A linear function is its own differential, whatever stands still in it.
    let (_, same) = try linearize(at: x) { matmul($0, weight) }
    #expect(try near(same(a), matmul(a, weight)))
  }

  @Test func modelsAndSeveralResults() throws {
    let (layer, x) = (Layer(), numbers([0.2, -0.4], [2]))
    var direction = layer
    direction.bias = numbers([1, 2, 3], [3])
    direction.weight = Parameter(Tensor(zeros: [2, 3], .float64))
    let (values, tangents) = try jacobianVectorProduct(at: layer, x, along: direction, x * 0.0) { layer, x in
      ["out": layer(x), "name": Tensor(integers: [layer.name.count])]
    }
    let out = try #require(values["out"])
    #expect(try values["name"]?.integers() == [5] && tangents["name"]?.integers() == [0])
    #expect(try near(try #require(tangents["out"]), (1.0 - square(out)) * direction.bias))
    let (_, (dLayer, dx)) = try vectorJacobianProduct(
      at: layer, x, cotangent: [Tensor(ones: [3], .float64), Tensor(0.0, .float64)]
    ) { layer, x in [layer(x), x.sum()] }
    #expect(try near(dLayer.bias, 1.0 - square(out)))
    #expect(try dLayer.count.integers() == [0] && dLayer.mean.tensor?.scalars() == [0])
    #expect(dx.shape == [2])
  }

  @Test func auxiliaryResults() throws {
    let (value, slope, auxiliary) = try valueAndGradientWithAuxiliary(at: numbers([1, 2], [2])) { x in
      let squares = square(x)
      return (squares.sum(), ["squares": squares, "count": Tensor(integers: [2])])
    }
    #expect(try value.item() == 5 && slope.scalars() == [2, 4])
    #expect(try auxiliary["squares"]?.scalars() == [1, 4] && auxiliary["count"]?.integers() == [2])
  }

  @Test func jacobiansOfBothShapes() throws {
    let x = numbers([0.4, -0.7], [2])
    // Two numbers to three goes forward, three to two in reverse; both against one product for each unit vector.
    let tall = try jacobian(at: x, of: wave)
    #expect(tall.shape == [3, 2])
    for column in 0..<2 {
      let unit = numbers((0..<2).map { $0 == column ? 1 : 0 }, [2])
      let expected = try jacobianVectorProduct(at: x, along: unit, of: wave).tangent
      #expect(try near(tall.sliced(column..<column + 1, axis: 1).reshaped([3]), expected))
    }
    func narrow(_ y: Tensor) -> Tensor { sin(matmul(y, weight.transposed())) }
    let y = numbers([0.1, 0.2, 0.9], [3])
    let wide = try jacobian(at: y, of: narrow)
    #expect(wide.shape == [2, 3])
    for row in 0..<2 {
      let unit = numbers((0..<2).map { $0 == row ? 1 : 0 }, [2])
      let expected = try vectorJacobianProduct(at: y, cotangent: unit, of: narrow).cotangents
      #expect(try near(wide.sliced(row..<row + 1).reshaped([3]), expected))
    }
    let (dLayer, dx) = try jacobian(at: Layer(), numbers([1, 2, 3, 4], [2, 2])) { $0($1) }
    #expect(dLayer.bias.shape == [2, 3, 3] && dx.shape == [2, 3, 2, 2])
    #expect(dLayer.weight.tensor?.shape == [2, 3, 2, 3] && dLayer.mean.tensor?.shape == [2, 3, 1])
    #expect(try jacobian(at: Tensor(zeros: [0])) { $0 * 2.0 }.shape == [0, 0])
    #expect(try jacobian(at: x) { _ in Tensor([1, 2, 3], .float64) }.scalars() == [0, 0, 0, 0, 0, 0])
  }

  /// The Hessian by every order of the two modes (Radul and Johnson's autodidax does this with three).
  @Test func hessiansAgree() throws {
    let x = numbers([0.4, -0.7], [2])
    let own = try hessian(at: x, of: energy)
    let slope: (Tensor) throws -> Tensor = { x in try gradient(at: x, of: energy) }
    func forward(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
      { x in
        let columns = try [[1.0, 0], [0, 1]].map { unit in
          try jacobianVectorProduct(at: x, along: Tensor(unit, .float64), of: f).tangent
        }
        return stacked(columns, axis: -1)
      }
    }
    func reverse(_ f: @escaping (Tensor) throws -> Tensor) -> (Tensor) throws -> Tensor {
      { x in
        let rows = try [[1.0, 0], [0, 1]].map { unit in
          try vectorJacobianProduct(at: x, cotangent: Tensor(unit, .float64), of: f).cotangents
        }
        return stacked(rows)
      }
    }
    let (forwardOverReverse, reverseOverReverse) = (try forward(slope)(x), try reverse(slope)(x))
    let reverseOverForward = try reverse(forward { energy($0) })(x)
    let forwardOverForward = try forward(forward { energy($0) })(x)
    let elements = try [0, 1].map { index in
      try gradient(at: x) { x in try gradient(at: x, of: energy).sliced(index..<index + 1).sum() }
    }
    for other in [
      forwardOverReverse, reverseOverReverse, reverseOverForward, forwardOverForward, stacked(elements),
      try jacobian(at: x, of: slope), try jacobian(at: x) { x in try jacobian(at: x, of: energy) },
    ] { #expect(try near(other, own), "\(other) \(own)") }
    let v = numbers([0.3, -2], [2])
    #expect(try near(hessianVectorProduct(at: x, along: v, of: energy), matmul(own, v)))
    let step = 1e-5
    let difference = try (slope(x + v * step) - slope(x - v * step)) / (2 * step)
    #expect(try near(matmul(own, v), difference, 1e-8))
  }

  @Test func hessianBlocksOfAModel() throws {
    let x = numbers([0.2, -0.4], [2])
    let blocks = try hessianBlocks(at: Layer()) { layer in square(layer(x)).sum() }
    #expect(blocks.paths == ["weight", "bias"])
    #expect(blocks["weight", "bias"].shape == [2, 3, 3] && blocks["bias", "weight"].shape == [3, 2, 3])
    #expect(try near(blocks["weight", "bias"], blocks["bias", "weight"].transposed([1, 2, 0])))
    let bias = try hessian(at: Layer().bias) { bias in
      var layer = Layer()
      layer.bias = bias
      return square(layer(x)).sum()
    }
    #expect(try near(blocks["bias", "bias"], bias))
    #expect(try hessianBlocks(at: x, Layer()) { square($1($0)).sum() }.paths == ["1", "2.weight", "2.bias"])
    #expect(blocks["bias", "weights"].error != nil)
  }

  @Test func nonDifferentiable() {
    let (x, whole) = (numbers([1, 2], [2]), Tensor(integers: [1, 2]))
    func told(_ message: String, line: Int = #line, _ body: () throws -> Void) {
      let error = #expect(throws: TensorError.self) { try body() }
      #expect(error.map { "\($0.operation): \($0.message)" } == message, "line \(line)")
    }
    let none = "no argument has floating-point tensors to differentiate with respect to: the argument is int32[2]"
    told("gradient: \(none)") { _ = try gradient(at: whole) { $0.converted(to: .float64).sum() } }
    told("gradient: \(none)") {
      _ = try valueAndGradientWithAuxiliary(at: whole) { ($0.converted(to: .float64).sum(), $0) }
    }
    told("gradient: no argument has floating-point tensors to differentiate with respect to") {
      _ = try gradient(at: [1.0, 2.0]) { _ in x.sum() }
    }
    told("jacobian: \(none)") { _ = try jacobian(at: whole) { $0 } }
    told("hessian: \(none)") { _ = try hessian(at: whole) { $0.sum() } }
    told("hessianVectorProduct: \(none)") { _ = try hessianVectorProduct(at: whole, along: whole) { $0.sum() } }
    told("jacobianVectorProduct: \(none)") { _ = try jacobianVectorProduct(at: whole, along: whole) { $0 } }
    told("linearize: \(none)") { _ = try linearize(at: whole) { $0 } }
    told("pullback: \(none)") { _ = try pullback(at: whole) { $0 } }
    told("vectorJacobianProduct: \(none)") { _ = try vectorJacobianProduct(at: whole, cotangent: whole) { $0 } }
    told("jacobian: the function gives bool[2]; only floating-point tensors have derivatives") {
      _ = try jacobian(at: x) { $0 .> 1.0 }
    }
    told("vectorJacobianProduct: the function gives bool[2], which has no derivative") {
      _ = try vectorJacobianProduct(at: x, cotangent: x) { $0 .> 1.0 }
    }
    told("pullback: the function gives no tensors, which has no derivative") {
      _ = try pullback(at: x) { _ in [Tensor]() }
    }
    told("vectorJacobianProduct: the cotangent is float64[2], the value that it belongs to is float64[]") {
      _ = try vectorJacobianProduct(at: x, cotangent: x) { $0.sum() }
    }
    told("jacobianVectorProduct: tangent 2 is float64[2], the value that it belongs to is float64[]") {
      _ = try jacobianVectorProduct(at: x, Tensor(1.0, .float64), along: x, x) { $0 * $1 }
    }
    told("jacobianVectorProduct: tangent 1 (1) is float64[2], the value that it belongs to is float64[]") {
      _ = try jacobianVectorProduct(at: [x, x.sum()], along: [x, x]) { $0[0] * $0[1] }
    }
    told("jacobianVectorProduct: the tangent has 1 tensors where the value has 2") {
      _ = try jacobianVectorProduct(at: [x, x], along: [x]) { $0[0] * $0[1] }
    }
    told(
      "hessian: the function gives float64[2], not one floating-point number; sum or average it, or ask for a jacobian"
    ) { _ = try hessian(at: x) { $0 } }
    told("+: shapes [2] and [3] do not fit: sizes must be equal or 1") {
      _ = try jacobian(at: x) { $0 + Tensor([1, 2, 3], .float64) }
    }
  }
}

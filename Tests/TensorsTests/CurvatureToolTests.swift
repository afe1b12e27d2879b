import DescentGraph
import DescentTensors
import Foundation
import TestSupport
import Testing

/// Products with the Gauss–Newton matrix and the Fisher information, and what is told of a Hessian without the matrix, each against
/// the dense matrix in Float64.
@Suite struct CurvatureToolTests {
  private struct Network: Codable, Sendable {
    var first = Parameter(RandomKey(seed: 1).normal([3, 4]).converted(to: .float64))
    var second = Parameter(RandomKey(seed: 2).normal([4, 2]).converted(to: .float64))
    var bias = Tensor([0.3, -0.2], .float64)
    var count = Tensor(integers: [7])
    var frozen = Parameter(Tensor([1.5], .float64), role: .frozen)

    func callAsFunction(_ x: Tensor) -> Tensor {
      let zero = Tensor(0, .float64)
      let hidden = tanh(matmul(x, first.tensor ?? zero))
      return matmul(hidden, second.tensor ?? zero) * (frozen.tensor ?? zero) + bias
    }
  }

  private let x = RandomKey(seed: 3).normal([5, 3]).converted(to: .float64)
  private let labels = Tensor(integers: [0, 1, 1, 0, 1])

  /// The cross-entropy of rows.
  private func losses(_ logits: Tensor) -> Tensor {
    log(exp(logits).sum(axes: [-1])) - (logits * labels.oneHot(count: 2, .float64)).sum(axes: [-1])
  }

  /// A network's moving numbers in one vector, and a network with others.
  private func flat(_ model: Network) -> Tensor {
    concatenated([model.first, model.second].compactMap(\.tensor).map { $0.reshaped([$0.count]) } + [model.bias])
  }

  private func network(_ vector: Tensor) -> Network {
    var model = Network()
    model.first = Parameter(vector[0..<12].reshaped([3, 4]))
    model.second = Parameter(vector[12..<20].reshaped([4, 2]))
    model.bias = vector[20..<22]
    return model
  }

  private func expectNear(
    _ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-10, location: SourceLocation = #_sourceLocation
  ) throws {
    let (a, b) = (try a.scalars(), try b.scalars())
    #expect(a.count == b.count, sourceLocation: location)
    for (x, y) in zip(a, b) {
      #expect(abs(x - y) <= tolerance * (1 + abs(y)), "\(a) and \(b)", sourceLocation: location)
    }
  }

  private func loss(_ model: Network) -> Tensor { losses(model(x)).mean() }

  private func denseHessian() throws -> Tensor {
    try hessian(at: flat(Network())) { vector in loss(network(vector)) }
  }

  @Test func gaussNewtonProductsAreThoseOfTheMatrix() throws {
    let model = Network()
    let direction = RandomKey(seed: 4).normal([22]).converted(to: .float64)
    let found = try gaussNewtonProduct(at: model, along: network(direction)) { model in
      model(x)
    } loss: { logits in
      losses(logits).mean()
    }
    let slopes = try jacobian(at: flat(model)) { vector in network(vector)(x) }.reshaped([10, 22])
    let curve = try hessian(at: model(x)) { logits in losses(logits).mean() }.reshaped([10, 10])
    let dense = matmul(matmul(slopes.transposed(), curve), slopes)
    try expectNear(flat(found), matmul(dense, direction))
    #expect(try found.count.integers() == [0] && found.frozen.tensor?.scalars() == [0])

    // Several arguments; a linear model's is the whole Hessian.
    let (w, v) = (Tensor([1, 2, 3], .float64), Tensor([0.5, -1], .float64))
    let (dw, dv) = (Tensor([1, -1, 2], .float64), Tensor([2, 1], .float64))
    func outputs(_ w: Tensor, _ v: Tensor) -> Tensor { concatenated([w, v]) * 2.0 }
    func energy(_ z: Tensor) -> Tensor { exp(z * 0.1).sum() * square(z).sum() }
    let (ofW, ofV) = try gaussNewtonProduct(at: w, v, along: dw, dv, of: outputs, loss: energy)
    let (wholeW, wholeV) = try hessianVectorProduct(at: w, v, along: dw, dv) { energy(outputs($0, $1)) }
    try expectNear(ofW, wholeW)
    try expectNear(ofV, wholeV)
  }

  @Test func fisherProductsAreThoseOfTheMatrix() throws {
    let model = Network()
    let direction = RandomKey(seed: 4).normal([22]).converted(to: .float64)
    let found = try fisherProduct(at: model, along: network(direction)) { model in losses(model(x)) }
    let slopes = try jacobian(at: flat(model)) { vector in losses(network(vector)(x)) }
    let dense = matmul(slopes.transposed(), slopes) / 5.0
    try expectNear(flat(found), matmul(dense, direction))
  }

  /// Over all labels with their probabilities, the Fisher information is the Gauss–Newton matrix.
  @Test func fisherInformationIsTheGaussNewtonMatrix() throws {
    let model = Network()
    let direction = network(RandomKey(seed: 4).normal([22]).converted(to: .float64))
    let row = x[0..<1]
    let probabilities = softmax(model(row))
    let parts = try (0..<2).map { label in
      let product = try fisherProduct(at: model, along: direction) { model in
        log(exp(model(row)).sum(axes: [-1])) - model(row)[0..., label]
      }
      return flat(product) * probabilities[0, label]
    }
    let wanted = try gaussNewtonProduct(at: model, along: direction) { model in
      model(row)
    } loss: { logits in
      (log(exp(logits).sum(axes: [-1])) - logits[0..., 0]).mean()
    }
    try expectNear(parts[0] + parts[1], flat(wanted))
  }

  @Test func tracesAndDiagonalsAreEstimated() throws {
    let dense = try denseHessian()
    let trace = try dense.diagonal().sum().item()
    let found = try hessianTrace(at: Network(), samples: 400, seed: 5, of: loss)
    let (value, error) = (try found.trace.item(), try found.standardError.item())
    let outside = try (square(dense).sum() - square(dense.diagonal()).sum()).item()
    let expected = (2 * outside / 400).squareRoot()
    #expect(abs(value - trace) < 4 * expected && abs(error / expected - 1) < 0.2)
    #expect(try hessianTrace(at: Network(), samples: 400, seed: 5, of: loss).trace.item() == value)
    #expect(try hessianTrace(at: Network(), samples: 400, seed: 6, of: loss).trace.item() != value)
    #expect(try hessianTrace(at: Network(), samples: 1, of: loss).standardError.item().isNaN)

    let diagonal = flat(try hessianDiagonal(at: Network(), samples: 400, seed: 5, of: loss))
    let others = sqrt((square(dense).sum(axes: [1]) - square(dense.diagonal())) / 400.0)
    let off = abs(diagonal - dense.diagonal()) / maximum(others, 1e-12)
    #expect(try off.max().item() < 4.5)
    #expect(try (diagonal.sum() - found.trace).item() < 4 * error)

    // Where the Hessian is diagonal, one sample says it all; of several arguments.
    let (a, b) = (Tensor([1, 2], .float64), Tensor([3], .float64))
    let (ofA, ofB) = try hessianDiagonal(at: a, b, samples: 1) { a, b in (a * a * a).sum() + square(square(b)).sum() }
    try expectNear(ofA, Tensor([6, 12], .float64))
    try expectNear(ofB, Tensor([108], .float64))
  }

  @Test func eigenpairsAreThoseOfTheMatrix() throws {
    let (values, _) = eigh(try denseHessian())
    for end in SpectrumEnd.allCases {
      let found = try hessianEigenpairs(at: Network(), count: 3, end, of: loss)
      let wanted = (0..<3).map { values[end == .largest ? 21 - $0 : $0] }
      try expectNear(found.values, stacked(wanted))
      for (place, vector) in found.vectors.enumerated() {
        let product = try hessianVectorProduct(at: Network(), along: vector, of: loss)
        try expectNear(flat(product), flat(vector) * found.values[place], 1e-9)
        #expect(abs(try square(flat(vector)).sum().item() - 1) < 1e-10)
        #expect(try vector.count.integers() == [0])
      }
      #expect(try found.residuals.max().item() < 1e-8)
    }
    // Fewer steps than numbers find the outermost ones, and say how far off they may be.
    let early = try hessianEigenpairs(at: Network(), steps: 8, of: loss)
    let distance = abs(try early.values[0].item() - values[21].item())
    #expect(try distance <= early.residuals[0].item() + 1e-12)
  }

  /// Where the images of a direction end early, all eigenvalues are found all the same, as often as they occur.
  @Test func repeatedEigenvaluesAreFound() throws {
    let weights = Tensor([2, 2, 2, -1, -1, 5], .float64)
    func energy(_ x: Tensor) -> Tensor { (weights * square(x)).sum() * 0.5 }
    let found = try hessianEigenpairs(at: Tensor(zeros: [6], .float64), count: 6, of: energy)
    try expectNear(found.values, Tensor([5, 2, 2, 2, -1, -1], .float64), 1e-9)
    let vectors = stacked(found.vectors)
    try expectNear(
      matmul(vectors, vectors.transposed()), Tensor((0..<36).map { $0 % 7 == 0 ? 1 : 0 }, shape: [6, 6], .float64), 1e-9
    )
    let flatOne = try hessianEigenpairs(at: Tensor([1, 2], .float64), count: 2) { $0.sum() }
    try expectNear(flatOne.values, Tensor([0, 0], .float64))
  }

  @Test(.leftOutOnReference(.longHistories)) func spectraAreThoseOfTheMatrix() throws {
    // With random signs along the axes of a diagonal Hessian, quadrature is exact up to the degree 2 · steps − 1.
    let weights = (0..<40).map { Double($0 * $0) / 100 - 2 }
    func energy(_ x: Tensor) -> Tensor { (Tensor(weights, .float64) * square(x)).sum() * 0.5 }
    let few = try hessianSpectrum(at: Tensor(zeros: [40], .float64), samples: 2, steps: 5, of: energy)
    #expect(few.points.shape == [2, 5] && few.dimension == 40)
    for degree in 0...9 {
      let wanted = weights.reduce(0) { $0 + pow($1, Double(degree)) } / 40
      let power = (0..<degree).reduce(Tensor(1, .float64)) { product, _ in product * few.points }
      let found = try (power * few.weights).sum(axes: [1]).scalars()
      for value in found { #expect(abs(value - wanted) < 1e-9 * max(1, abs(wanted))) }
    }

    let dense = try denseHessian()
    let spectrum = try hessianSpectrum(at: Network(), samples: 300, steps: 22, seed: 1, of: loss)
    #expect(abs(try (spectrum.trace - dense.diagonal().sum()).item()) < 0.05)
    let values = eigh(dense).values
    let places = Tensor(rangeFrom: -0.5, through: 1.5, count: 41).converted(to: .float64)
    let exact =
      exp(square((places.expanded(axis: -1) - values) / 0.1) * -0.5).mean(axes: [-1])
      / (0.1 * (2 * Double.pi).squareRoot())
    #expect(try abs(spectrum.density(at: places, width: 0.1) - exact).max().item() < 0.15)
    let whole = Tensor(rangeFrom: -3, through: 5, count: 2001).converted(to: .float64)
    #expect(abs(try (spectrum.density(at: whole).sum() * (8.0 / 2000)).item() - 1) < 1e-3)
  }

  @Test func narrowNumbersAndCompiledFunctions() throws {
    let wide = Tensor([0.3, -0.7, 1.1], .float64)
    @Sendable func energy(_ x: Tensor) -> Tensor { (exp(x) * x).sum() + square(x.sum()) * 2.0 }
    let wanted = try eigh(hessian(at: wide, of: energy)).values[2].item()
    let tolerances: [(ElementType, Double)] = [(.float32, 1e-5), (.bfloat16, 0.1), (.float16, 0.02)]
    for (type, tolerance) in tolerances {
      let found = try hessianEigenpairs(at: wide.converted(to: type), of: energy)
      #expect(abs(try found.values[0].item() / wanted - 1) < tolerance, "\(type)")
      #expect(found.vectors[0].elementType == type)
    }
    let compiledTop = compiled { (x: Tensor) in try hessianEigenpairs(at: x, of: energy).values }
    #expect(abs(try compiledTop(wide)[0].item() / wanted - 1) < 1e-12)
    let compiledTrace = compiled { (x: Tensor) in try hessianTrace(at: x, samples: 4, of: energy).trace }
    #expect(abs(try (compiledTrace(wide) - hessianTrace(at: wide, samples: 4, of: energy).trace).item()) < 1e-12)
  }

  @Test func mistakesAreTold() {
    func told(_ wanted: String, _ body: () throws -> Void) {
      do {
        try body()
        Issue.record("no error")
      } catch { #expect("\(error)".hasPrefix(wanted)) }
    }
    let x = Tensor([1, 2], .float64)
    func energy(_ x: Tensor) -> Tensor { square(x).sum() }
    told("hessianTrace: takes at least 1 sample, found 0") { _ = try hessianTrace(at: x, samples: 0, of: energy) }
    told("hessianDiagonal: takes at least 1 sample, found 0") { _ = try hessianDiagonal(at: x, samples: 0, of: energy) }
    told("hessianEigenpairs: finds 1 to 2 eigenvalues in 2 steps for 2 numbers, not 3") {
      _ = try hessianEigenpairs(at: x, count: 3, of: energy)
    }
    told("hessianEigenpairs: finds") { _ = try hessianEigenpairs(at: x, steps: 0, of: energy) }
    told("hessianSpectrum: takes at least 1 sample and 1 step, found 1 and 0") {
      _ = try hessianSpectrum(at: x, samples: 1, steps: 0, of: energy)
    }
    told("density: takes a width that is positive and finite, not 0.0") {
      _ = try hessianSpectrum(at: x, of: energy).density(at: x, width: 0)
    }
    told("hessianTrace: no argument has floating-point tensors") {
      _ = try hessianTrace(at: Tensor(integers: [1])) { $0.sum().converted(to: .float32) }
    }
    told("hessianTrace: the arguments have no numbers") { _ = try hessianTrace(at: Tensor(zeros: [0]), of: energy) }
    told("gaussNewtonProduct: the tangent is float64[1], the value that it belongs to is float64[2]") {
      _ = try gaussNewtonProduct(at: x, along: Tensor([1], .float64), of: { $0 }, loss: energy)
    }
    told("fisherProduct: ") { _ = try fisherProduct(at: x, along: Tensor([1], .float64)) { $0 } }
  }
}

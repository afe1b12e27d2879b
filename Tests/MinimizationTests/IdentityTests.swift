import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct IdentityTests {
  /// A symmetric positive definite matrix, with eigenvalues far apart.
  private static let rows: [[Double]] = [
    [40, 2, -1, 0.5, 1], [2, 11, 3, -2, 0.3], [-1, 3, 7, 1, -0.7], [0.5, -2, 1, 3, 0.2], [1, 0.3, -0.7, 0.2, 0.5],
  ]
  private let b = [1.0, -2, 3, 0.5, 2]
  private let start = Tensor([3.0, -1, 4, 2, -5], .float64)

  private func quadratic(_ x: Tensor) -> Tensor {
    0.5 * (x * matmul(Tensor(Self.rows, .float64), x)).sum() - (Tensor(b, .float64) * x).sum()
  }

  private func rosenbrock(_ x: Tensor) -> Tensor {
    let (head, tail) = (x[0..<x.count - 1], x[1..<x.count])
    return (100.0 * square(tail - head * head) + square(1.0 - head)).sum()
  }

  @Test func newtonSolvesAQuadraticInOneStep() throws {
    let right = try solve(Tensor(Self.rows, .float64), Tensor(b, .float64)).scalars()
    for method in [MinimizationMethod.newton(), .trustRegion(.exact)] {
      let result = try minimize(quadratic, from: start, by: method, stopping: Stopping(gradient: 1e-9))
      for (found, right) in zip(result.numbers, right) { #expect(abs(found - right) < 1e-9, "\(result)") }
      if method.description == "Newton's method" { #expect(result.iterations == 1) }
    }
  }

  /// The points of conjugate gradients on the quadratic.
  private func linearPath() throws -> [[Double]] {
    let a = Self.rows
    func product(_ v: [Double]) -> [Double] { a.map { dot($0, v) } }
    var x = try start.scalars()
    var r = difference(b, product(x))
    var p = r
    var path = [x]
    for _ in 0..<5 {
      let image = product(p)
      let length = dot(r, r) / dot(p, image)
      x = sum(x, length, p)
      let next = sum(r, -length, image)
      p = sum(next, dot(next, next) / dot(r, r), p)
      r = next
      path.append(x)
    }
    return path
  }

  @Test func exactSearchesMakeConjugateGradients() throws {
    let right = try linearPath()
    let exact = StepSearch.strongWolfe(sufficient: 1e-9, curvature: 1e-8)
    for method in [
      MinimizationMethod.conjugateGradient(.polakRibiere, search: exact), .lbfgs(memory: 5, search: exact),
      .bfgs(search: exact),
    ] {
      let result = try minimize(
        quadratic, from: start, by: method, stopping: Stopping(gradient: 1e-7), recordsPath: true)
      #expect(result.iterations <= 5, "\(result)")
      for (found, right) in zip(result.path, right) {
        for (a, b) in zip(found.point, right) { #expect(abs(a - b) < 1e-5, "\(method)") }
      }
    }
  }

  @Test(arguments: [
    MinimizationMethod.lbfgs(), .bfgs(), .newton(), .newtonCG(), .trustRegion(), .trustRegion(.steihaug),
    .gradientDescent(.armijo),
  ]) func theOrderOfParametersChangesNothing(method: MinimizationMethod) throws {
    let order = [3, 0, 4, 1, 2]
    let numbers = try start.scalars()
    let stopping = Stopping(gradient: 1e-6)
    let plain = try minimize(quadratic, from: start, by: method, stopping: stopping)
    let moved = try minimize(
      { (x: Tensor) in quadratic(stacked((0..<5).map { place in x[order.firstIndex(of: place) ?? 0] })) },
      from: Tensor(order.map { numbers[$0] }, .float64), by: method, stopping: stopping)
    #expect(abs(moved.iterations - plain.iterations) <= max(1, plain.iterations / 10), "\(plain)\n\(moved)")
    for (place, index) in order.enumerated() { #expect(abs(moved.numbers[place] - plain.numbers[index]) < 1e-5) }
  }

  @Test func theHessianIsSymmetricInItsProducts() throws {
    let form = try PointForm(try ArgumentList(start), of: "minimize")
    let recorded = try FlatFunction("minimize", of: form) { inside in
      try ArgumentList(rosenbrock(try inside.next(Tensor.self)))
    }
    let objective = try RecordedObjective(recorded.trace, count: 5, parameterUnit: 0x1p-52, named: "minimize")
    let point = [0.3, -1.2, 0.8, 0.1, 1.7]
    let (u, v) = ([1.0, -0.5, 2, 0.3, 0.7], [0.2, 1.1, -0.4, 0.9, -1.3])
    let (hu, hv) = (try objective.hessianProduct(at: point, u), try objective.hessianProduct(at: point, v))
    #expect(abs(dot(u, hv) - dot(v, hu)) < 1e-9 * abs(dot(u, hv)))
    let matrix = try objective.hessian(at: point)
    let step = 1e-5
    let (up, down) = (
      try objective.evaluate(at: sum(point, step, v)), try objective.evaluate(at: sum(point, -step, v))
    )
    for row in 0..<5 {
      #expect(abs(dot(Array(matrix[row * 5..<row * 5 + 5]), v) - hv[row]) < 1e-9 * max(1, abs(hv[row])))
      #expect(abs((up.gradient[row] - down.gradient[row]) / (2 * step) - hv[row]) < 1e-5 * max(1, abs(hv[row])))
    }
  }

  @Test func momentumContractsAtTheRateOfTheory() throws {
    // Eigenvalues from 1 to 100: the best rates are (κ − 1) / (κ + 1) and (√κ − 1) / (√κ + 1).
    let scales = Tensor([1.0, 10, 55, 100], .float64)
    func bowl(_ x: Tensor) -> Tensor { 0.5 * (scales * square(x)).sum() }
    func rate(_ rate: MinimizationMethod.Rate) throws -> Double {
      let result = try minimize(
        bowl, from: Tensor([1.0, 1, 1, 1], .float64), by: .gradientDescent(rate),
        stopping: Stopping(gradient: 0, iterations: 500), recordsPath: true)
      return pow(norm(result.path[500].point) / norm(result.path[400].point), 0.01)
    }
    #expect(try abs(rate(.fixed(2.0 / 101)) / 0.980198 - 1) < 0.01)
    #expect(try abs(rate(.momentum(0.033058, momentum: 0.669421)) / 0.818182 - 1) < 0.01)
  }

  /// Evaluations of scipy 1.17.1 with its default settings, to a gradient of 1e-5.
  @Test func evaluationsOfRosenbrockAreNearThoseOfScipy() throws {
    let stopping = Stopping(gradient: 1e-5)
    for (method, five, two) in [
      (MinimizationMethod.lbfgs(), 26, 44), (.bfgs(), 30, 39),
      (.conjugateGradient(.polakRibiere), 97, 78), (.newtonCG(), 30, 105), (.trustRegion(.steihaug), 19, 30),
      (.trustRegion(.exact), 14, 26), (.powell(), 988, 607),
    ] {
      for (start, scipy) in [([1.3, 0.7, 0.8, 1.9, 1.2], five), ([-1.2, 1], two)] {
        let result = try minimize(rosenbrock, from: Tensor(start, .float64), by: method, stopping: stopping)
        #expect(result.isConverged && result.value < 1e-8, "\(result)")
        #expect(Double(result.evaluations.values) <= 1.5 * Double(scipy), "\(result)")
      }
    }
    // Without derivatives: to the value that scipy stops at.
    for (start, scipy, value) in [([1.3, 0.7, 0.8, 1.9, 1.2], 571, 1e-4), ([-1.2, 1], 159, 8.18e-10)] {
      let result = try minimize(
        rosenbrock, from: Tensor(start, .float64), by: .nelderMead(), stopping: Stopping(target: value))
      #expect(result.reason == .target)
      #expect(Double(result.evaluations.values) <= 1.5 * Double(scipy), "\(result)")
    }
  }
}

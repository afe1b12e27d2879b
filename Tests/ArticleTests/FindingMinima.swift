import Descent
import Testing

@Suite struct FindingMinima {
  @Test func methods() throws {
    func rosenbrock(_ x: Tensor) -> Tensor {
      100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
    }
    let result = try minimize(rosenbrock, from: Tensor([-1.2, 1.0], .float64), by: .lbfgs())
    print(result)
    #expect(result.isConverged)

    let run = try minimize(rosenbrock, from: Tensor([-1.2, 1.0], .float64), recordsPath: true)
    let chart = Chart(
      "Rosenbrock's valley", x: "x", y: "y",
      [
        .contours(x: -1.6...1.6, y: -0.8...1.8) { x, y in
          100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x)
        },
        .path(run.path.map { $0.point[0] }, run.path.map { $0.point[1] }, name: "L-BFGS"),
      ])
    #expect(try chart.svg().contains("L-BFGS"))
  }

  @Test func constraints() throws {
    func rosenbrock(_ x: Tensor) -> Tensor {
      100.0 * square(x[1] - x[0] * x[0]) + square(1.0 - x[0])
    }
    let inside = try minimize(
      rosenbrock, from: Tensor([-1.2, 1.0], .float64), within: .box(lower: -2, upper: 0.5))
    let nearest = try minimize(
      from: Tensor([0.5, 0.1], .float64), equalities: { (x: Tensor) in [square(x).sum() - 1.0] }
    ) { (x: Tensor) in square(x - Tensor([2.0, 1.0], .float64)).sum() }
    print(inside.numbers, nearest.constraints as Any)
    #expect(abs(inside.numbers[0] - 0.5) < 1e-9)
    #expect(abs(nearest.value - 1.5278640450004206) < 1e-6)
  }

  @Test func starts() throws {
    func himmelblau(_ x: Tensor) -> Tensor {
      square(x[0] * x[0] + x[1] - 11.0) + square(x[0] + x[1] * x[1] - 7.0)
    }
    let starts = [-3.0, -1, 1, 3].flatMap { x in
      [-3.0, -1, 1, 3].map { y in Tensor([x, y], .float64) }
    }
    let minima = try minimize(himmelblau, fromEach: starts)
    print(minima)
    #expect(minima.all.count == 4)
  }

  @Test func withinAFunction() throws {
    let slope = try gradient(at: Tensor(0.5, .float64)) { penalty in
      let fit = try minimize(from: Tensor(0.0, .float64)) { (w: Tensor) in square(w - 3.0) + penalty * square(w) }
      return square(fit.point)
    }
    // The minimum is at 3 / (1 + penalty).
    #expect(try abs(slope.item() + 18 / (1.5 * 1.5 * 1.5)) < 1e-8)
  }

  struct Line: Codable, Sendable {
    var slope = Tensor(0.0)
    var offset = Tensor(0.0)
  }

  @Test func models() throws {
    let x = Tensor([0.0, 1, 2, 3])
    let y = 2.0 * x + 1.0

    let fit = try minimize(from: Line(), by: .newton()) { line in
      square(line.slope * x + line.offset - y).mean()
    }
    print(fit.point.slope, fit.point.offset)
    #expect(try abs(fit.point.slope.item() - 2) < 1e-4)
  }
}

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

import DescentTensors
import Foundation
import Testing

@testable import DescentPlotting

@Suite struct SpectrumTests {
  private func spectrum() throws -> HessianSpectrum {
    let weights = Tensor((0..<60).map { $0 < 57 ? sin(Double($0)) * 0.3 : Double($0) - 53 }, .float64)
    return try hessianSpectrum(at: Tensor(zeros: [60], .float64), samples: 4, steps: 20) { x in
      (weights * square(x)).sum() * 0.5
    }
  }

  @Test func eigenvaluesFarAwayAreSeen() throws {
    let chart = try Chart.spectrum(spectrum())
    let svg = try chart.svg(style: .light)
    try Markup.check(svg)
    for text in ["Eigenvalues of the Hessian", "4 directions of 60 numbers", "eigenvalue", "density"] {
      #expect(svg.contains(text))
    }
    #expect(try Chart.spectrum(spectrum()).svg(style: .light) == svg)
    let scene = try Scene(chart)
    // Three eigenvalues, 4 to 6, stand apart from those around 0.
    #expect(try #require(scene.x.position(of: 6)) < 1 && #require(scene.x.position(of: -0.3)) > 0)
    if let path = ProcessInfo.processInfo.environment["DESCENT_PICTURES"] {
      try chart.write(to: "\(path)/spectrum.svg")
    }
  }

  @Test func mistakesAreTold() throws {
    let found = try spectrum()
    #expect(throws: TensorError.self) { try Chart.spectrum(found, points: 1) }
    #expect(throws: TensorError.self) { try Chart.spectrum(found, width: -1) }
    let broken = try hessianSpectrum(at: Tensor([1, 2], .float64)) { ($0 * $0 * Double.nan).sum() }
    #expect(throws: TensorError.self) { try Chart.spectrum(broken) }
    // Of a function without curvature there is one point.
    #expect(try Chart.spectrum(hessianSpectrum(at: Tensor([1, 2])) { $0.sum() }).svg().contains("density"))
  }
}

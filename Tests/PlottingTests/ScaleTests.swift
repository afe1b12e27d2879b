import Foundation
import Testing

@testable import DescentPlotting
@testable import DescentTensors

@Suite struct ScaleTests {
  private func labels(
    _ low: Double, _ high: Double, _ kind: Chart.Axis.Scale = .linear, format: Chart.Axis.Format = .number,
    most: Int = 6
  ) throws -> [String] {
    let scale = try Scale(
      Chart.Axis("", kind, range: low...high, format: format), name: "x", extent: nil, padding: 0...0)
    return scale.ticks(most: most, format: format) { _ in true }.map(\.label).filter { !$0.isEmpty }
  }

  @Test func ticksAreRound() throws {
    #expect(try labels(0, 10) == ["0", "2", "4", "6", "8", "10"])
    #expect(try labels(-1, 1) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(try labels(0.13, 0.47) == ["0.2", "0.3", "0.4"])
    #expect(try labels(0, 25_000) == ["0", "5,000", "10,000", "15,000", "20,000", "25,000"])
    #expect(try labels(0, 5e8, most: 5) == ["0", "1·10⁸", "2·10⁸", "3·10⁸", "4·10⁸", "5·10⁸"])
    #expect(try labels(0, 3e-6, most: 3) == ["0", "1·10⁻⁶", "2·10⁻⁶", "3·10⁻⁶"])
    #expect(try labels(0, 0.2, format: .percent, most: 4) == ["0 %", "5 %", "10 %", "15 %", "20 %"])
    #expect(try labels(1e9, 1e9 + 4, most: 4).count == 5)
  }

  @Test func logarithmicTicksArePowersOfTen() throws {
    #expect(try labels(1e-3, 1, .logarithmic, most: 4) == ["0.001", "0.01", "0.1", "1"])
    #expect(try labels(1e-8, 1, .logarithmic, most: 5) == ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"])
    #expect(try labels(1, 100, .logarithmic, most: 9) == ["1", "2", "5", "10", "20", "50", "100"])
    #expect(try labels(1e-5, 0.1, .logarithmic, format: .percent).contains("0.001 %"))
    #expect(try labels(3, 7, .logarithmic) == ["3", "4", "5", "6", "7"])
  }

  @Test func fewerTicksWhereTheyDoNotFit() throws {
    let scale = try Scale(Chart.Axis(range: 0...1), name: "x", extent: nil, padding: 0...0)
    #expect(scale.ticks(most: 20, format: .number) { $0.count <= 3 }.map(\.label) == ["0.0", "0.5", "1.0"])
    #expect(scale.ticks(most: 20, format: .number) { _ in false }.count <= 2)
  }

  @Test func positionsAreShares() throws {
    let linear = try Scale(Chart.Axis(range: -10...10), name: "x", extent: nil, padding: 0...0)
    #expect(linear.position(of: -10) == 0)
    #expect(linear.position(of: 5) == 0.75)
    #expect(linear.position(of: .nan) == nil)
    #expect(linear.position(of: .infinity) == nil)
    let log = try Scale(Chart.Axis("", .logarithmic, range: 1...10_000), name: "x", extent: nil, padding: 0...0)
    #expect(log.position(of: 100) == 0.5)
    #expect(log.position(of: 0) == nil)
    #expect(log.position(of: -1) == nil)
  }

  private static let tiny = Double.leastNonzeroMagnitude
  private static let extents: [ClosedRange<Double>] = [
    0...0, 3...3, -tiny...tiny, 1e300...1e300, -1e300...1e300, 1...1.0.nextUp, tiny...tiny,
  ]
  private static let ends: [(Double, Double)] = [(0, tiny), (1, 1.0.nextUp), (tiny, 1e300)]

  @Test(arguments: extents)
  func extremeNumbersMakeAxes(extent: ClosedRange<Double>) throws {
    for kind in [Chart.Axis.Scale.linear, .logarithmic] where kind == .linear || extent.lowerBound > 1e-300 {
      let scale = try Scale(Chart.Axis("", kind), name: "x", extent: extent, padding: 0.1...0.1)
      #expect(scale.low < scale.high)
      #expect(!scale.ticks(most: 6, format: .number) { _ in true }.isEmpty)
      #expect(scale.position(of: extent.lowerBound) != nil)
    }
  }

  @Test(arguments: ends)
  func tinyRangesDoNotTrap(ends: (Double, Double)) throws {
    for kind in [Chart.Axis.Scale.linear, .logarithmic] where kind == .linear || ends.0 > 0 {
      for format in [Chart.Axis.Format.number, .percent] {
        let chart = Chart(
          x: .init("", kind, range: ends.0...ends.1, format: format),
          y: .init("", kind, range: ends.0...ends.1, format: format), [.line([ends.0, ends.1], [ends.0, ends.1])])
        #expect(try chart.svg().contains("</svg>"))
        #expect(try chart.text().contains("└"))
      }
    }
  }

  @Test func wrongRangesAreNamed() {
    let infinite = #expect(throws: TensorError.self) { try Chart(x: .init(range: 0...Double.infinity)).svg() }
    #expect(infinite?.message.contains("x axis") == true)
    #expect(throws: TensorError.self) { try Chart(y: .init(range: 1...1)).svg() }
    let logarithmic = #expect(throws: TensorError.self) { try Chart(y: .init("", .logarithmic, range: 0...1)).svg() }
    #expect(logarithmic?.message.contains("does not begin above 0") == true)
  }

  @Test func numbersAreWrittenShort() {
    #expect(NumberText.short(0) == "0")
    #expect(NumberText.short(-12_500.25) == "−12,500")
    #expect(NumberText.short(0.000123456) == "0.0001235")
    #expect(NumberText.short(3.2e-7) == "3.2·10⁻⁷")
    #expect(NumberText.short(.nan) == "NaN")
    #expect(NumberText.short(-.infinity) == "−∞")
    #expect(!NumberText.short(Self.tiny).isEmpty)
    #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(1234, decimals: 0) == "1234")
  }
}

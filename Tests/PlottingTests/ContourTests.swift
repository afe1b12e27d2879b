import Foundation
import Testing

@testable import DescentPlotting
@testable import DescentTensors

@Suite struct ContourTests {
  private func grid(_ size: Int, _ body: (Double, Double) -> Double) -> Grid {
    let values = (0..<size * size).map { body(Double($0 % size), Double($0 / size)) }
    return Grid(rows: size, columns: size, values: values)
  }

  @Test func aPlaneIsCutByAStraightLine() {
    let lines = Contours.lines(of: grid(6) { x, y in x + 2 * y }, at: 5.5)
    #expect(lines.count == 1)
    for point in lines.joined() { #expect(abs(point.x + 2 * point.y - 5.5) < 1e-12) }
    #expect(lines[0].count == 8, "it crosses six vertical lines of the grid and two horizontal ones")
  }

  @Test func aHillHasClosedLines() {
    let hill = grid(41) { x, y in -((x - 20) * (x - 20) + (y - 20) * (y - 20)) }
    for radius in [3.5, 8, 15] {
      let lines = Contours.lines(of: hill, at: -radius * radius)
      #expect(lines.count == 1)
      #expect(lines[0].first == lines[0].last)
      for point in lines[0] { #expect(abs(hypot(point.x - 20, point.y - 20) - radius) < 0.05) }
    }
    #expect(Contours.lines(of: hill, at: 1).isEmpty)
    #expect(Contours.lines(of: hill, at: .nan).isEmpty)
  }

  @Test func aSaddleIsCutByItsMean() {
    let low = Contours.lines(of: Grid(rows: 2, columns: 2, values: [1, 0, 0, 1]), at: 0.4)
    // The mean, 0.5, lies above: the two high corners are joined, and each low one is cut off.
    #expect(low.count == 2)
    for line in low {
      let nearest = min(
        line.map { hypot($0.x - 1, $0.y) }.max() ?? 9, line.map { hypot($0.x, $0.y - 1) }.max() ?? 9)
      #expect(nearest < 0.6)
    }
    let high = Contours.lines(of: Grid(rows: 2, columns: 2, values: [1, 0, 0, 1]), at: 0.6)
    for line in high {
      let nearest = min(line.map { hypot($0.x, $0.y) }.max() ?? 9, line.map { hypot($0.x - 1, $0.y - 1) }.max() ?? 9)
      #expect(nearest < 0.6)
    }
  }

  @Test func missingNumbersLeaveGaps() {
    let whole = Contours.lines(of: grid(11) { x, _ in x }, at: 4.5)
    #expect(whole.count == 1)
    let torn = Contours.lines(of: grid(11) { x, y in x == 5 && y == 5 ? .nan : x }, at: 4.5)
    #expect(torn.count == 2)
    #expect(Contours.lines(of: Grid(rows: 1, columns: 5, values: [1, 2, 3, 4, 5]), at: 2.5).isEmpty)
    #expect(Contours.lines(of: Grid(rows: 0, columns: 0, values: []), at: 0).isEmpty)
  }

  @Test func everyPieceIsOnOneLine() {
    let wild = grid(30) { x, y in sin(x * 1.3) * cos(y * 0.9) + 0.3 * sin(x * y * 0.2) }
    let lines = Contours.lines(of: wild, at: 0.1)
    // A line is closed or ends at an edge.
    for line in lines {
      guard let first = line.first, let last = line.last, first != last else { continue }
      for end in [first, last] { #expect([end.x, end.y].contains { $0 == 0 || $0 == 29 }) }
    }
    #expect(lines.count > 5)
  }

  @Test func levels() throws {
    #expect(try Chart.Levels.even(3).levels(of: [0, 4]) == [1, 2, 3])
    let ratios = try Chart.Levels.logarithmic(2).levels(of: [1, 1000, -5, 0])
    #expect(abs(ratios[0] - 10) < 1e-9 && abs(ratios[1] - 100) < 1e-9)
    #expect(try Chart.Levels.quantiles(1).levels(of: [5, 1, 3]) == [3])
    #expect(try Chart.Levels.values([1, .nan, 2]).levels(of: []) == [1, 2])
    #expect(try Chart.Levels.quantiles(3).levels(of: [.nan]).isEmpty)
    #expect(try Chart.Levels.even(3).levels(of: [2, 2]).isEmpty)
    #expect(throws: TensorError.self) { try Chart.Levels.even(0).levels(of: [1, 2]) }
    let chart = Chart("", [.contours(x: 0...1, y: 0...1, resolution: 1) { x, _ in x }])
    #expect(throws: TensorError.self) { try chart.svg() }
    #expect(throws: TensorError.self) {
      try Chart("", [.contours(x: 0...0, y: 0...1) { x, _ in x }]).svg()
    }
    #expect(throws: CancellationError.self) {
      try Chart.Mark.contours(x: 0...1, y: 0...1) { _, _ in throw CancellationError() }
    }
  }
}

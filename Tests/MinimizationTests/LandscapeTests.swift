import DescentPlotting
import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct LandscapeTests {
  @Sendable private func bowl(_ p: Tensor) -> Tensor { square(p[0]) + 10.0 * square(p[1] - 1.0) }

  @Test func valuesOverARegion() throws {
    let landscape = try Landscape(x: -1...1, y: 0...3, resolution: 5, of: bowl)
    #expect(landscape.values.count == 5 && landscape.values.allSatisfy { $0.count == 5 })
    for (row, y) in [0.0, 0.75, 1.5, 2.25, 3].enumerated() {
      for (column, x) in [-1.0, -0.5, 0, 0.5, 1].enumerated() {
        #expect(abs(landscape.values[row][column] - (x * x + 10 * (y - 1) * (y - 1))) < 1e-14)
      }
    }
  }

  @Test func theSamePictureTwice() throws {
    func picture() throws -> String {
      let result = try minimize(
        bowl, from: Tensor([0.9, 2.5], .float64), by: .gradientDescent(.fixed(0.02)),
        stopping: Stopping(iterations: 30), recordsPath: true)
      return try Landscape(x: -1...1, y: 0...3, resolution: 40, of: bowl)
        .chart("Bowl", paths: [.init("gradient descent", result.path)]).svg()
    }
    let first = try picture()
    #expect(try first == picture())
    #expect(first.contains("gradient descent") && first.contains("Bowl"))
  }

  @Test func pathsThatLeaveTheRegion() throws {
    let landscape = try Landscape(x: -1...1, y: 0...3, resolution: 10, of: bowl)
    let inside = try landscape.chart(paths: [.init("way", points: [[0, 1], [0.5, 1]])]).svg()
    let leaving = try landscape.chart(paths: [.init("way", points: [[0, 1], [0.5, 1], [9, 9]])]).svg()
    #expect(leaving.contains("way") && inside.contains("way"))
    #expect(throws: TensorError.self) { try landscape.chart(paths: [.init("way", points: [[0, 1, 2]])]) }
  }

  private struct Net: Codable, Sendable {
    var first = Tensor([[1.0, -2], [0.5, 3], [2, 1]], .float32)
    var bias = Tensor([0.3, -0.1])
    var second = Tensor([[2.0], [-1]], .float64)
    var table = Tensor(integers: [1, 2], .int32)
  }

  private func loss(_ net: Net) -> Tensor {
    let input = Tensor([[1.0, 2, -1], [0.3, 0.1, 0.7]])
    let hidden = tanh(matmul(input, net.first) + net.bias)
    return square(matmul(hidden.converted(to: .float64), net.second) - 0.5).mean()
  }

  /// Each filter of a direction is as long as the model's, and what has one axis stays.
  @Test func directionsAreNormalizedByFilter() throws {
    let tree = try ModelTree(Net())
    let direction = try tree.filterDirection(RandomKey(seed: 1))
    #expect(direction.map { $0 == nil } == [false, true, false, true])
    let (own, drawn) = (try Net().first.scalars(), try #require(direction[0]).scalars())
    for column in 0..<2 {
      func length(_ values: [Double]) -> Double {
        (0..<3).reduce(0) { $0 + values[$1 * 2 + column] * values[$1 * 2 + column] }
      }
      #expect(abs(length(own) - length(drawn)) < 1e-5 * length(own))
    }
    #expect(drawn != own)
  }

  @Test func aSliceThroughALoss() throws {
    let here = try loss(Net()).item()
    let plane = try Landscape.slice(of: loss, around: Net(), extent: 0.5, resolution: 5, seed: 7)
    #expect(abs(plane.values[2][2] - here) < 1e-7)
    #expect(Set(plane.values.joined()).count == 25)
    let again = try Landscape.slice(of: loss, around: Net(), extent: 0.5, resolution: 5, seed: 7)
    let other = try Landscape.slice(of: loss, around: Net(), extent: 0.5, resolution: 5, seed: 8)
    #expect(plane.values == again.values && plane.values != other.values)
    // The line is the middle row of the plane of the same seed.
    let line = try LandscapeLine.slice(of: loss, around: Net(), extent: 0.5, resolution: 5, seed: 7)
    #expect(zip(line.values, plane.values[2]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(line.places == [-0.5, -0.25, 0, 0.25, 0.5])
    let svg = try plane.chart("Loss").svg()
    #expect(svg.contains("first direction") && svg.contains("second direction"))
  }

  @Test func fromOneModelToAnother() throws {
    var other = Net()
    other.first = other.first * -1
    other.bias = other.bias + 1
    let line = try LandscapeLine.between(Net(), other, of: loss, beyond: 0.5, resolution: 5)
    #expect(line.places == [-0.5, 0, 0.5, 1, 1.5])
    #expect(abs(line.values[1] - (try loss(Net()).item())) < 1e-7)
    #expect(abs(line.values[3] - (try loss(other).item())) < 1e-7)
    var middle = Net()
    middle.first = middle.first * 0
    middle.bias = middle.bias + 0.5
    #expect(abs(line.values[2] - (try loss(middle).item())) < 1e-7)
    #expect(try line.chart("Line").svg().contains("from the first to the second"))
    var odd = Net()
    odd.bias = Tensor(zeros: [3])
    let error = #expect(throws: TensorError.self) { try LandscapeLine.between(Net(), odd, of: loss) }
    #expect(error?.message.contains("'bias' float32[2]") == true, "\(String(describing: error))")
  }

  @Test func whatIsRefused() {
    func told(_ words: String, _ body: () throws -> Void, location: SourceLocation = #_sourceLocation) {
      do {
        try body()
        Issue.record("nothing was refused", sourceLocation: location)
      } catch { #expect("\(error)".contains(words), "\(error)", sourceLocation: location) }
    }
    told("empty or not finite") { _ = try Landscape(x: 1...1, y: 0...1, of: bowl) }
    told("empty or not finite") { _ = try Landscape(x: 0...1, y: 0...Double.infinity, of: bowl) }
    told("a resolution of 1") { _ = try Landscape(x: 0...1, y: 0...1, resolution: 1, of: bowl) }
    told("where one floating-point number is needed") { _ = try Landscape(x: 0...1, y: 0...1) { $0 } }
    told("an extent of 0.0") { _ = try Landscape.slice(of: loss, around: Net(), extent: 0) }
    told("there are no filters") {
      _ = try LandscapeLine.slice(of: { (x: Tensor) in x.sum() }, around: Tensor([1.0, 2]))
    }
    told("a line that goes on by -1.0") { _ = try LandscapeLine.between(Net(), Net(), of: loss, beyond: -1) }
  }
}

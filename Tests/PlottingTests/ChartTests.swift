import DescentFiles
import DescentTensors
import Foundation
import Testing

@testable import DescentPlotting

@Suite struct ChartTests {
  private let chart = Chart(
    "Training & <validation>", subtitle: "run 7", x: "step", y: .init("loss", .logarithmic),
    [
      .band([0, 1, 2, 3], low: [0.9, 0.4, 0.2, 0.1], high: [1.1, 0.6, 0.3, 0.2], name: "training"),
      .line([0, 1, 2, 3], [1, 0.5, 0.25, 0.12], name: "training"),
      .line([0, 1, 2, 3], [1.2, 0.7, 0.5, 0.4], name: "validation \"best\"").dashed(),
      .level(y: 0.3, name: "target"),
      .note("here", x: 2, y: 0.25),
    ])

  @Test func drawingsAreWellFormedAndTheSameEachTime() throws {
    for style in [Chart.Style.light, .dark, .automatic] {
      let svg = try chart.svg(style: style)
      try Markup.check(svg)
      #expect(try chart.svg(style: style) == svg)
      #expect(svg.contains("Training &amp; &lt;validation&gt;"))
      #expect(svg.contains("validation &quot;best&quot;"))
      #expect(svg.contains("prefers-color-scheme") == (style == .automatic))
      #expect(svg.contains(Ink.background.css(isDark: style == .dark)))
    }
  }

  @Test func marksOfOneNameShareColorAndEntry() throws {
    let scene = try Scene(chart)
    #expect(scene.legend.map(\.name) == ["training", "validation \"best\""])
    #expect(scene.items[0].color == .series(0))
    #expect(scene.items[1].color == .series(0))
    #expect(scene.items[2].color == .series(1))
    #expect(!scene.legend[0].isArea, "the curve stands for its band")
    #expect(scene.legend[1].isDashed)
    let chosen = try Scene(Chart("", [.line([1, 2]).colored(4), .line([1, 2]), .line([1, 2]).colored(-1)]))
    #expect(chosen.items.map(\.color) == [.series(4), .series(0), .series(-1)])
  }

  @Test func gapsStayOpen() throws {
    let svg = try Chart("", [.line([1.0, 2, Double.nan, 3, Double.infinity, 4, 5], name: "a")]).svg(style: .light)
    #expect(!svg.lowercased().contains("nan") && !svg.contains("inf"))
    let path = try #require(svg.split(separator: "\n").last { $0.contains("#0072b2") && $0.hasPrefix("<path d=\"M") })
    #expect(path.filter { $0 == "M" }.count == 3)
    #expect(svg.contains("<circle"), "a point between two gaps is seen")
    let log = try Chart(y: .init("", .logarithmic), [.line([0, 1, 10, -1, 10, 100])]).svg(style: .light)
    let runs = try #require(log.split(separator: "\n").first { $0.contains("#0072b2") && $0.hasPrefix("<path d=\"M") })
    #expect(runs.filter { $0 == "M" }.count == 2)
  }

  @Test func withoutNumbersThereAreAxes() throws {
    let nothing: [Chart.Mark] = [
      .line([] as [Double]), .scatter([Double.nan], [1.0]), .bars([] as [Double]), .histogram([.nan] as [Double]),
      .band([] as [Double], low: [] as [Double], high: [] as [Double]), .path([] as [Double], [] as [Double]),
      .note("", x: .nan, y: 0), .level(y: .infinity, name: "far"), .level(x: .nan),
    ]
    for marks in [[]] + nothing.map({ [$0] }) + [nothing] {
      for scale in [Chart.Axis.Scale.linear, .logarithmic] {
        let chart = Chart("", x: .init("", scale), y: .init("", scale), marks)
        let svg = try chart.svg()
        try Markup.check(svg)
        #expect(svg.contains("<text"))
        #expect(!svg.lowercased().contains("nan"))
        #expect(try chart.text().contains("└"))
      }
    }
  }

  @Test func sizesOutOfBoundsAreNamed() {
    for size in [0, -1, 1e9, .nan] as [Double] {
      #expect(throws: TensorError.self) { try Chart(width: size).svg() }
      #expect(throws: TensorError.self) { try Chart(height: size).svg() }
    }
  }

  @Test func longCurvesAreThinnedToWhatIsSeen() throws {
    let count = 100_000
    let y = (0..<count).map { sin(Double($0) / 500) + ($0 == 50_000 ? 3 : 0) }
    let places = y.enumerated().map { Point(x: Double($0.offset) / 200, y: $0.element) }
    let runs = Thinning.runs(places)
    #expect(runs.count == 1)
    #expect(runs[0].count <= 4 * 501)
    #expect(runs[0].contains { $0.y > 2.4 }, "what stands out is kept")
    #expect(runs[0].first == places.first && runs[0].last == places.last)
    #expect(try Chart("", [.line(y)]).svg().utf8.count < 100_000)
  }

  @Test func filesAreWrittenByTheirEnding() throws {
    let folder = NSTemporaryDirectory() + "descent-charts-\(UUID().uuidString)"
    try FileSystem.makeDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try chart.write(to: folder + "/a.svg", style: .dark)
    #expect(try String(contentsOfFile: folder + "/a.svg", encoding: .utf8) == chart.svg(style: .dark))
    try chart.write(to: folder + "/a.txt")
    #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == chart.text())
    let error = #expect(throws: FileError.self) { try chart.write(to: folder + "/a.png") }
    #expect(error?.message.contains(".svg or .txt") == true)
  }

  @Test func histogramsCountEachNumberOnce() throws {
    let histogram = try Histogram([0, 0.5, 1, 1.5, 2, .nan, .infinity], bins: 2, range: nil)
    #expect(histogram.edges == [0, 1, 2])
    #expect(histogram.counts == [2, 3])
    #expect(try Histogram([5, 5, 5], bins: 3, range: nil).counts.reduce(0, +) == 3)
    #expect(try Histogram([0, 1, 2, 3], bins: 2, range: 1...2).counts == [1, 1])
    #expect(try Histogram([0, Double.leastNonzeroMagnitude], bins: 5, range: nil).counts.reduce(0, +) == 2)
    #expect(throws: TensorError.self) { try Histogram([0], bins: 5, range: 0...Double.leastNonzeroMagnitude) }
    let many = try Histogram((0..<10_000).map { Double($0) }, bins: nil, range: nil)
    // Freedman and Diaconis: a width of 2 · 5000 / 10000^(1/3).
    #expect(many.counts.count == 22)
    #expect(many.counts.reduce(0, +) == 10_000)
    #expect(try Histogram([-1e300, 1e300], bins: 4, range: nil).counts == [1, 0, 0, 1])
  }

  @Test func longLabelsAreTurnedOrLeftOut() throws {
    let short = try Chart("", [.bars([1, 2, 3], labels: ["a", "b", "c"])]).svg()
    #expect(!short.contains("rotate(-45"))
    let names = (0..<12).map { "a rather long name \($0)" }
    let long = try Chart("", [.bars(names.map { Double($0.count) }, labels: names)]).svg()
    #expect(long.components(separatedBy: "rotate(-45").count == 13)
    let many = (0..<500).map { "label \($0)" }
    let some = try Chart("", [.bars(many.map { _ in 1.0 }, labels: many)]).svg()
    #expect(some.components(separatedBy: "rotate(-45").count < 60)
  }
}

/// A check that tags are closed in order and that nothing stands unescaped; enough for what charts write.
enum Markup {
  static func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let parser = XMLChecker()
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      try parser.checkText(rest[..<start])
      rest = rest[rest.index(after: start)...]
      let end = try #require(rest.firstIndex(of: ">"), "a tag that does not end", sourceLocation: sourceLocation)
      let tag = rest[..<end]
      rest = rest[rest.index(after: end)...]
      #expect(tag.filter { $0 == "\"" }.count.isMultiple(of: 2), "\(tag)", sourceLocation: sourceLocation)
      let name = tag.prefix { $0 != " " && $0 != "/" }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst(), sourceLocation: sourceLocation)
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    #expect(open.isEmpty, sourceLocation: sourceLocation)
  }

  private struct XMLChecker {
    func checkText(_ text: Substring) throws {
      for piece in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
        let entity = piece.prefix { $0 != ";" }
        #expect(["amp", "lt", "gt", "quot"].contains(entity))
      }
    }
  }
}

import DescentTensors
import Foundation
import Testing

@testable import DescentPlotting

@Suite struct FieldTests {
  @Test func colorsFollowTheNumbers() throws {
    let sequential = try ColorMap([0, 10], .automatic, scale: .linear, range: nil)
    #expect(sequential.color(of: 0).css == "#440154")
    #expect(sequential.color(of: 10).css == "#fde725")
    #expect(sequential.color(of: 5).css == "#21918c")
    #expect(sequential.color(of: .nan) == ColorMap.missing)
    let diverging = try ColorMap([-1, 10], .automatic, scale: .linear, range: nil)
    #expect(diverging.color(of: 0).css == "#f7f7f7")
    #expect(diverging.scale.low == -10)
    #expect(diverging.color(of: -100).css == "#2166ac", "what is off the scale has the color of its end")
    let gray = try ColorMap([1, 100], .gray, scale: .logarithmic, range: nil)
    #expect(gray.color(of: 10).css == "#808080")
    #expect(gray.color(of: -1) == ColorMap.missing)
    _ = try ColorMap([], .automatic, scale: .logarithmic, range: nil)
    #expect(throws: TensorError.self) { try ColorMap([1], .gray, scale: .linear, range: 1...1) }
  }

  @Test func matricesAreWrittenAsTheyAre() throws {
    let chart = Chart(
      "",
      [
        .heatMap(
          [[1, 2, 3], [4, 5, .nan]] as [[Double]], rows: ["a", "b"], columns: ["x", "y", "z"], showsValues: true)
      ])
    let svg = try chart.svg(style: .light)
    try Markup.check(svg)
    for text in ["a", "x", "4", "NaN"] { #expect(svg.contains(">\(text)</tspan>")) }
    #expect(svg.contains("#440154") && svg.contains("#fde725") && svg.contains(ColorMap.missing.css))
    // Row 0 is at the top: its label stands above that of row 1.
    let scene = try Scene(chart)
    #expect(try #require(scene.y.position(of: 0)) > #require(scene.y.position(of: 1)))
    #expect(scene.proportion == 1.5)
    let text = try chart.text(width: 60, height: 8)
    let rows = text.split(separator: "\n")
    let (a, b) = (rows.firstIndex { $0.hasPrefix("a ┤") }, rows.firstIndex { $0.hasPrefix("b ┤") })
    #expect(try #require(a) < #require(b))
    #expect(text.contains("NaN"))
  }

  @Test func largeMatricesArePictures() throws {
    let values = Tensor(rangeTo: 10_000).reshaped([100, 100])
    let svg = try Chart("", [.heatMap(values)]).svg()
    #expect(svg.contains("data:image/png;base64,"))
    #expect(try Chart("", [.heatMap(values)]).svg() == svg)
    let small = try Chart("", [.field([[1, 2], [3, 4]] as [[Int]], x: 0...1, y: 0...1, scale: .logarithmic)]).svg()
    #expect(!small.contains("data:image"))
    try Markup.check(small)
  }

  @Test func mistakesAreNamed() throws {
    func message(_ mark: Chart.Mark) -> String? {
      #expect(throws: TensorError.self) { try Chart("", [mark]).svg() }?.message
    }
    #expect(message(.heatMap([1, 2, 3]))?.contains("[3]") == true)
    #expect(message(.heatMap([[1, 2]], rows: ["a", "b"]))?.contains("1 rows and 2 labels") == true)
    #expect(message(.heatMap([[1, 2]], columns: ["a"]))?.contains("2 columns and 1 labels") == true)
    #expect(message(.field([[1, 2]], x: 1...1, y: 0...1))?.contains("of x") == true)
    #expect(message(.contours([[1, 2]], x: 0...1, y: 0...Double.infinity))?.contains("of y") == true)
    let confusion = #expect(throws: TensorError.self) { try Chart.confusionMatrix("", [[1, 2, 3]] as [[Int]]).svg() }
    #expect(confusion?.description.contains("1 rows and 3 columns") == true)
    #expect(throws: TensorError.self) { try Chart.confusionMatrix("", [[1, 2], [3, -4]] as [[Int]]).svg() }
    #expect(throws: TensorError.self) { try Chart.confusionMatrix("", [[1]] as [[Int]], labels: ["a", "b"]).svg() }
  }

  @Test func emptyFieldsAreEmptyCharts() throws {
    for mark in [
      Chart.Mark.heatMap([] as [[Double]]), .field([] as [[Double]], x: 0...1, y: 0...1),
      .contours([] as [[Double]], x: 0...1, y: 0...1), .heatMap([[.nan]] as [[Double]]),
      .field([[.nan, .infinity]] as [[Double]], x: 0...1, y: 0...1),
    ] {
      let svg = try Chart("", [mark]).svg()
      try Markup.check(svg)
      for color in [false, true] { #expect(try Chart("", [mark]).text(color: color).contains("└")) }
    }
    try Markup.check(Chart.confusionMatrix("", [] as [[Int]]).svg())
    try Markup.check(Chart.confusionMatrix("", [[0, 0], [0, 0]] as [[Int]]).svg())
  }

  @Test func confusionCountsAndShares() throws {
    let chart = Chart.confusionMatrix("Digits", [[8, 2], [1, 9]] as [[Int]], labels: ["cat", "dog"])
    #expect(chart.subtitle == "17 of 20 right, 85.00 %")
    let scene = try Scene(chart)
    guard case .heatMap(let map) = scene.items[0].form else { return #expect(Bool(false)) }
    #expect(map.grid.values == [0.8, 0.2, 0.1, 0.9])
    #expect(map.texts == ["8", "2", "1", "9"])
    let text = try chart.text(width: 60, height: 8)
    for word in ["cat", "dog", "8", "9", "predicted"] { #expect(text.contains(word)) }
  }

  @Test func fieldsAndPathsShareCoordinates() throws {
    let chart = Chart(
      "", x: .init(range: 0...4), y: .init(range: 0...4),
      [
        .field([[0, 1], [2, 3]] as [[Int]], x: 0...4, y: 0...4),
        .contours([[0, 1], [2, 3]] as [[Int]], x: 0...4, y: 0...4, levels: .values([1.5]), name: "middle"),
        .path([0, 2, 4], [0, 2, 4], name: "way"),
      ])
    try Markup.check(chart.svg())
    guard case .contours(let contours) = try Scene(chart).items[1].form else { return #expect(Bool(false)) }
    // x/4 + 2·y/4 = 1.5.
    for point in contours.levels[0].lines[0] { #expect(abs(point.x / 4 + point.y / 2 - 1.5) < 1e-12) }
    #expect(try chart.text(color: true).contains("48;2;"), "dots lie above the colors")
  }

  @Test func figuresHoldCharts() throws {
    let chart = Chart("one", [.line([1, 2])], width: 300, height: 200)
    let figure = Figure("All < some", [chart, chart, chart])
    let svg = try figure.svg()
    try Markup.check(svg)
    #expect(svg.contains("width=\"600\" height=\"444\""))
    #expect(svg.components(separatedBy: ">one<").count == 4)
    #expect(try figure.text().components(separatedBy: "one").count == 4)
    try Markup.check(Figure("", []).svg())
    #expect(throws: TensorError.self) { try Figure("", [chart], columns: 0).svg() }
  }
}

import Descent
import Foundation
import Testing

@Suite struct Plotting {
  @Test func curves() throws {
    let place = TemporaryFolder()
    defer { place.remove() }
    let folder = place.path
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let losses = [2.3, 1.1, 0.62, 0.41, 0.33, 0.3]
    let validation = [1.2, 0.71, 0.52]

    let chart = Chart(
      "Training", x: "epoch", y: .init("loss", .logarithmic),
      [
        .line(losses, name: "training"),
        .line([1, 3, 5], validation, name: "validation").dashed(),
        .level(y: 0.5, name: "wanted"),
      ])
    try chart.write(to: folder + "/loss.svg")
    print(chart)

    let svg = try String(contentsOfFile: folder + "/loss.svg", encoding: .utf8)
    #expect(svg.contains("prefers-color-scheme"))
    #expect(svg.contains("validation"))
  }

  @Test func spread() throws {
    let runs = RandomKey(seed: 1).normal([5, 100]) * 0.1 + 1
    let steps = Tensor(rangeTo: 100)

    let (mean, deviation) = (runs.mean(axes: 0), runs.standardDeviation(axes: 0))
    let chart = Chart(
      "Five seeds", x: "step", y: "loss",
      [
        .band(steps, low: mean - deviation, high: mean + deviation, name: "mean ± deviation"),
        .line(steps, mean, name: "mean ± deviation"),
      ])
    let dark = try chart.svg(style: .dark)
    #expect(dark.components(separatedBy: "mean ± deviation").count == 2, "one entry of the legend")
  }

  @Test func fields() throws {
    let place = TemporaryFolder()
    defer { place.remove() }
    let folder = place.path
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)

    let valley = Chart(
      "A valley", x: "x", y: "y",
      [
        .contours(x: -2...2, y: -1...3) { x, y in (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x) },
        .path([-1.2, -1.0, 0.3, 1.0], [1.0, 1.1, 0.1, 1.0], name: "a way down"),
      ])
    let pets = Chart.confusionMatrix("Pets", [[48, 2], [5, 45]], labels: ["cat", "dog"])
    try Figure("Two charts", [valley, pets]).write(to: folder + "/figure.svg")

    let digits = try Digits.shipped().test
    let grid = ImageGrid("Digits", digits.images[..<12], columns: 6)
    try grid.write(to: folder + "/digits.svg")

    let figure = try String(contentsOfFile: folder + "/figure.svg", encoding: .utf8)
    #expect(figure.contains("a way down") && figure.contains("93 of 100 right"))
    #expect(try grid.svg().components(separatedBy: "<image").count == 13)
  }
}

import Descent
import Foundation
import Testing

@Suite struct Plotting {
  @Test func curves() throws {
    let folder = TemporaryFolder().path
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
}

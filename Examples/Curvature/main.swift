// Rules that look at curvature beside those that do not: steps and seconds until a small convolutional network reads 98 % of
// unseen digits, for several seeds.
//
//   swift run -c release Curvature            MNIST in ../shared/data/mnist, or else the digits shipped with the package
//   swift run -c release Curvature DIR        MNIST-style IDX files in DIR
//   … --tune                                  tries the settings that the chosen ones were chosen from, with a seed of its own
//   … --short                                 the shipped digits, a few steps

import Descent
import Foundation

let arguments = CommandLine.arguments.dropFirst()
let isShort = arguments.contains("--short")
let given = arguments.first { !$0.hasPrefix("--") } ?? "../shared/data/mnist"
let isMNIST = !isShort && FileManager.default.fileExists(atPath: given)
let digits = isMNIST ? try Digits.mnist(in: given) : try Digits.shipped()
let contest = Contest(
  digits: digits, target: isMNIST ? 0.98 : 0.93, batchSize: isMNIST ? 128 : 64,
  steps: isShort ? 60 : isMNIST ? 1200 : 600,
  interval: 20)
let seeds: [UInt64] = isShort ? [1] : [1, 2, 3, 4, 5]
print(
  "\(digits.training.count) digits to train on, \(digits.test.count) to test on, batches of \(contest.batchSize),",
  "target \(contest.target)")

if arguments.contains("--tune") {
  for contestant in Contestant.all {
    for value in contestant.tried {
      let run = try contest.run(contestant.rule(value), seed: 100)
      let found = run.reaching(contest.target).map { String(format: "%.0f steps, %.1f s", $0.steps, $0.seconds) }
      let best = String(format: "%.4f", run.accuracies.max() ?? 0)
      print("\(contestant.name), \(contestant.setting) \(value): \(found ?? "not reached"), at best \(best)")
    }
  }
} else {
  var bySteps: [Chart.Mark] = [.level(y: 1 - contest.target, name: "target")]
  var bySeconds = bySteps
  print("| rule | setting | steps | seconds | ms a step | reached |\n|---|---|---|---|---|---|")
  for contestant in Contestant.all {
    let runs = try seeds.map { try contest.run(contestant.rule(contestant.chosen), seed: $0) }
    let reached = runs.compactMap { $0.reaching(contest.target) }
    let time = Spread(runs.map { 1000 * ($0.seconds.last ?? 0) / max(($0.steps.last ?? 1) - 1, 1) })
    let cells = [
      contestant.name, "\(contestant.setting) \(contestant.chosen)", Spread(reached.map(\.steps))?.description ?? "—",
      Spread(reached.map(\.seconds))?.description ?? "—", time?.description ?? "—", "\(reached.count) of \(runs.count)",
    ]
    print("| \(cells.joined(separator: " | ")) |")
    let spread = runs[0].steps.indices.compactMap { place in Spread(runs.map { 1 - $0.accuracies[place] }) }
    let errors = (low: spread.map(\.least), middle: spread.map(\.median), high: spread.map(\.most))
    let seconds = runs[0].seconds.indices.compactMap { place in Spread(runs.map { $0.seconds[place] })?.median }
    for (marks, x) in [(0, runs[0].steps), (1, seconds)] {
      let band = Chart.Mark.band(x, low: errors.low, high: errors.high, name: contestant.name)
      let line = Chart.Mark.line(x, errors.middle, name: contestant.name)
      if marks == 0 { bySteps += [band, line] } else { bySeconds += [band, line] }
    }
  }
  let errorAxis = Chart.Axis("error on unseen digits", .logarithmic)
  let subtitle = "median and range of \(seeds.count) seeds"
  let figure = Figure(
    "Until 98 % of unseen digits are read",
    [
      Chart("By steps", subtitle: subtitle, x: "step", y: errorAxis, bySteps, width: 820, height: 520),
      Chart("By seconds", subtitle: subtitle, x: "seconds", y: errorAxis, bySeconds, width: 820, height: 520),
    ], columns: 1)
  try figure.write(to: "curvature.svg")
  print("wrote curvature.svg")
}

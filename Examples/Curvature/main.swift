// Rules that look at curvature compared with those that do not: steps and seconds until a small convolutional network reads 98 % of
// unseen digits, for several seeds. One setting of each rule is tuned first, with a seed of its own.
//
//   swift run -c release Curvature            MNIST in ../shared/data/mnist, or else the digits shipped with the package
//   swift run -c release Curvature DIR        MNIST-style IDX files in DIR
//   … --short                                 the shipped digits, one seed, a few steps, without tuning

import Descent
import Foundation

let arguments = CommandLine.arguments.dropFirst()
let isShort = arguments.contains("--short")
let given = arguments.first { !$0.hasPrefix("--") } ?? "../shared/data/mnist"
let isMNIST = !isShort && FileManager.default.fileExists(atPath: given)
let digits = isMNIST ? try Digits.mnist(in: given) : try Digits.shipped()
let contest = Contest(
  digits: digits, target: isMNIST ? 0.98 : 0.93, batchSize: isMNIST ? 128 : 64,
  steps: isShort ? 40 : isMNIST ? 1000 : 600, interval: 20)
let seeds: [UInt64] = isShort ? [1] : [1, 2, 3, 4, 5]
print(
  "\(digits.training.count) digits to train on, \(digits.test.count) to test on, batches of \(contest.batchSize),",
  "target \(contest.target)")

// The value with which the target is reached in the fewest steps, or the highest accuracy where none reaches it.
var chosen = Contestant.all.map { $0.tried[1] }
for (number, contestant) in Contestant.all.enumerated() where !isShort {
  let trials = try contestant.tried.map { try contest.run(contestant.rule($0), seed: 100, goesOn: false) }
  for (value, trial) in zip(contestant.tried, trials) {
    let found = trial.reaching(contest.target).map { String(format: "%.0f steps", $0.steps) } ?? "not reached"
    let best = String(format: "%.4f", trial.accuracies.max() ?? 0)
    print("\(contestant.name), \(contestant.setting) \(value): \(found), at best \(best)")
  }
  let ranks = trials.map { ($0.reaching(contest.target)?.steps ?? .infinity, -($0.accuracies.max() ?? 0)) }
  let best = ranks.indices.min { ranks[$0] < ranks[$1] } ?? 1
  chosen[number] = contestant.tried[best]
}

var bySteps: [Chart.Mark] = [.level(y: 1 - contest.target, name: "target")]
var bySeconds = bySteps
print("| rule | setting | steps | seconds | ms a step | reached |\n|---|---|---|---|---|---|")
for (contestant, value) in zip(Contestant.all, chosen) {
  let trials = try seeds.map { try contest.run(contestant.rule(value), seed: $0) }
  let reached = trials.compactMap { $0.reaching(contest.target) }
  let time = Spread(trials.map { 1000 * ($0.seconds.last ?? 0) / max(($0.steps.last ?? 1) - 1, 1) })
  let cells = [
    contestant.name, "\(contestant.setting) \(value)", Spread(reached.map(\.steps))?.description ?? "—",
    Spread(reached.map(\.seconds))?.description ?? "—", time?.description ?? "—",
    "\(reached.count) of \(trials.count)",
  ]
  print("| \(cells.joined(separator: " | ")) |")
  let spread = trials[0].steps.indices.compactMap { place in Spread(trials.map { 1 - $0.accuracies[place] }) }
  let errors = (low: spread.map(\.least), middle: spread.map(\.median), high: spread.map(\.most))
  let seconds = trials[0].seconds.indices.compactMap { place in Spread(trials.map { $0.seconds[place] })?.median }
  func marks(_ x: [Double]) -> [Chart.Mark] {
    [
      .band(x, low: errors.low, high: errors.high, name: contestant.name),
      .line(x, errors.middle, name: contestant.name),
    ]
  }
  bySteps += marks(trials[0].steps)
  bySeconds += marks(seconds)
}
let errorAxis = Chart.Axis("error on unseen digits", .logarithmic)
let subtitle = seeds.count == 1 ? "one seed" : "median and range of \(seeds.count) seeds"
let figure = Figure(
  "Rules that look at curvature, and others",
  [
    Chart("By steps", subtitle: subtitle, x: "step", y: errorAxis, bySteps, width: 820, height: 520),
    Chart("By seconds", subtitle: subtitle, x: "seconds", y: errorAxis, bySeconds, width: 820, height: 520),
  ], columns: 1)
try figure.write(to: "curvature.svg")
print("wrote curvature.svg")

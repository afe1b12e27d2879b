import Descent
import Foundation

/// One training: the accuracy on unseen digits after every few steps.
struct Trial {
  /// After how many steps.
  var steps: [Double] = []
  /// After how many seconds of steps; reading digits and testing are left out.
  var seconds: [Double] = []
  var accuracies: [Double] = []

  /// The steps and seconds after which an accuracy is reached; `nil` where it never is.
  func reaching(_ accuracy: Double) -> (steps: Double, seconds: Double)? {
    accuracies.firstIndex { $0 >= accuracy }.map { (steps[$0], seconds[$0]) }
  }
}

/// Digits, and how long and how often a rule may train on them.
struct Contest {
  let digits: Digits
  let target: Double
  let batchSize: Int
  let steps: Int
  let interval: Int

  /// A training by a rule. It ends with the interval in which the target is reached, unless it is to go on.
  func run(_ rule: any Optimizer, seed: UInt64, goesOn: Bool = true) throws -> Trial {
    let step = try TrainingStep(Network(), optimizer: rule, seed: seed) { (model: Network, batch: Batch) in
      softmaxCrossEntropy(model(batch.input), batch.target)
    }
    let accuracy = compiled { (model: Network, images: Tensor, labels: Tensor) in
      (model(images).argMax() .== labels).converted(to: .float32).mean()
    }
    var run = Trial()
    var seconds = 0.0
    let clock = ContinuousClock()
    let batches = digits.training.batched(batchSize, seed: seed, droppingRemainder: true)
    for epoch in 0...steps {
      for index in 0..<batches.batchCount {
        let batch = try batches.batch(index, epoch: epoch)
        // The first step compiles the plan; that is left out of the seconds.
        let begin = clock.now
        _ = try step(batch).item()
        let taken = begin.duration(to: clock.now)
        if step.stepCount > 1 {
          seconds += Double(taken.components.attoseconds) * 1e-18 + Double(taken.components.seconds)
        }
        guard step.stepCount % interval == 0 else { continue }
        run.steps.append(Double(step.stepCount))
        run.seconds.append(seconds)
        run.accuracies.append(try accuracy(step.model, digits.test.images, digits.test.labels).item())
        if step.stepCount >= steps || !goesOn && run.reaching(target) != nil { return run }
      }
    }
    return run
  }
}

/// The middle one of some numbers, and the ends.
struct Spread: CustomStringConvertible {
  let median: Double
  let least: Double
  let most: Double

  init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    (least, most) = (first, last)
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  var description: String { "\(text(median)) (\(text(least))–\(text(most)))" }

  private func text(_ value: Double) -> String { String(format: value < 100 ? "%.1f" : "%.0f", value) }
}

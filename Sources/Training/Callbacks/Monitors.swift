import DescentData
import DescentTensors

extension Callback {
  /// Records the learning rate, as `learning rate`.
  ///
  /// - Parameter count: Every how many steps; each epoch's end records it in any case.
  public static func learningRate(everySteps count: Int = 1) -> Callback { Callback(LearningRateMonitor(count: count)) }

  /// Records the Euclidean norm of all gradients together, as `gradient norm`, before any clipping.
  ///
  /// - Parameters:
  ///   - count: Every how many steps.
  ///   - byParameter: Whether the norm of each parameter's gradient is recorded, too, as `gradient norm/conv1.weight`.
  public static func gradientNorms(everySteps count: Int = 1, byParameter: Bool = false) -> Callback {
    Callback(GradientNormMonitor(count: count, byParameter: byParameter))
  }

  /// Records how the numbers of parameters and of their gradients are distributed, as `weights/conv1.weight` and
  /// `gradients/conv1.weight`, for what shows histograms, such as `tensorBoard`.
  ///
  /// - Parameters:
  ///   - count: Every how many steps; the first one is among them.
  ///   - gradients: Whether gradients are looked at, too.
  public static func histograms(everySteps count: Int = 100, gradients: Bool = true) -> Callback {
    Callback(HistogramMonitor(count: count, gradients: gradients))
  }

  /// Records pictures that the model makes, or that show what it makes of examples.
  ///
  /// ```swift
  /// .pictures("samples", everyEpochs: 1) { (model: Generator) in [try Picture(model(noise)[0])] }
  /// ```
  ///
  /// - Parameters:
  ///   - name: What they are called; several are numbered.
  ///   - count: Every how many epochs.
  ///   - make: Makes the pictures from the model as it is.
  public static func pictures<Model>(
    _ name: String, everyEpochs count: Int = 1, _ make: @escaping @Sendable (Model) throws -> [Picture]
  ) -> Callback { Callback(PictureMonitor(title: name, count: count, make: make)) }
}

/// Whether something is due in a step, counted from 1, that happens every so many.
private func isDue(_ step: Int, every count: Int) -> Bool { (step - 1) % max(1, count) == 0 }

struct LearningRateMonitor: TrainingCallback {
  typealias State = StatelessCallback
  let count: Int
  let name = "learning rate"

  func step(_ training: TrainingContext, state: inout State) throws {
    if isDue(training.progress.stepCount, every: count) { try record(training) }
  }

  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
    if !isDue(training.progress.stepCount, every: count) { try record(training) }
  }

  private func record(_ training: TrainingContext) throws {
    if let rate = try training.learningRate() { training.record(rate, named: name) }
  }
}

struct GradientNormMonitor: TrainingCallback {
  typealias State = StatelessCallback
  let count: Int
  let byParameter: Bool
  let name = "gradient norm"

  func observation(ofStep number: Int) -> StepObservation {
    StepObservation(gradientNorms: isDue(number, every: count))
  }

  func step(_ training: TrainingContext, state: inout State) throws {
    guard isDue(training.progress.stepCount, every: count) else { return }
    let norms = training.gradientNorms.sorted { $0.key < $1.key }
    let squares = norms.map { $0.value * $0.value }
    training.record(squares.reduce(0, +).squareRoot(), named: name)
    if byParameter { for (path, norm) in norms { training.record(norm, named: "\(name)/\(path)") } }
  }
}

struct HistogramMonitor: TrainingCallback {
  typealias State = StatelessCallback
  let count: Int
  let gradients: Bool
  let name = "histograms"

  func observation(ofStep number: Int) -> StepObservation {
    StepObservation(gradients: gradients && isDue(number, every: count))
  }

  func step(_ training: TrainingContext, state: inout State) throws {
    guard isDue(training.progress.stepCount, every: count) else { return }
    let trained = try training.trainedPaths()
    let weights = try training.tensors().filter { trained.contains($0.key) }
    try record(weights, "weights", training)
    if gradients { try record(training.gradients, "gradients", training) }
  }

  private func record(_ tensors: [String: Tensor], _ kind: String, _ training: TrainingContext) throws {
    for (path, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      training.record(.histogram(Histogram(try tensor.scalars())), named: "\(kind)/\(path)")
    }
  }
}

struct PictureMonitor<Model>: TrainingCallback {
  typealias State = StatelessCallback
  let title: String
  let count: Int
  let make: @Sendable (Model) throws -> [Picture]

  var name: String { "pictures \(title)" }

  func epoch(_ epoch: TrainingReport.Epoch, _ training: TrainingContext, state: inout State) throws {
    guard epoch.number % max(1, count) == 0 else { return }
    let pictures = try make(training.model())
    for (number, picture) in pictures.enumerated() {
      training.record(.picture(picture), named: pictures.count == 1 ? title : "\(title)/\(number + 1)")
    }
  }
}

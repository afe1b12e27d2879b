import DescentGraph
import DescentTensors

/// What a model predicts in the terms of a loss: derivatives of the loss with respect to outputs for targets as predicted, whose covariance
/// is the loss's second derivative. Methods that look at curvature draw them.
struct PredictedTargets: Sendable {
  /// The derivatives, from outputs, targets and how they are drawn.
  private let residuals: @Sendable (_ outputs: Tensor, _ targets: Tensor, PassProbe.Draw) -> Tensor

  /// The losses of a body, whose outputs and losses go to the run's probe, where there is one.
  static func probed(
    _ outputs: Tensor, _ predicted: PredictedTargets?, _ targets: Tensor, _ body: (Tensor) -> Tensor
  ) -> Tensor {
    guard let probe = Run.current.probe else { return body(outputs) }
    let draw = predicted.map { predicted -> @Sendable (PassProbe.Draw) -> Tensor in
      { predicted.residuals(outputs, targets, $0) }
    }
    return probe.loss(outputs, residuals: draw, body)
  }

  /// Targets with normal errors of variance ½, of the squared difference.
  static let normal = PredictedTargets { outputs, _, draw in
    let root = Tensor(repeating: 2.0.squareRoot(), shape: outputs.shape, outputs.elementType)
    return elements(root, draw) { $0.normal(outputs.shape).converted(to: outputs.elementType) * root }
  }

  /// Labels 0 and 1 with the probabilities that logits say.
  ///
  /// - Parameters:
  ///   - positiveWeights: What the part of positive labels counts.
  ///   - smoothing: The share of each label in whose place ½ is taken.
  static func bernoulli(_ positiveWeights: Tensor?, smoothing: Double) -> PredictedTargets {
    PredictedTargets { logits, labels, draw in
      let type = logits.elementType
      let probabilities = sigmoid(logits)
      // The second derivative is p (1 − p) times (w − 1) y + 1.
      let importance = positiveWeights.map { weights -> Tensor in
        let smoothed = labels * number(1 - smoothing, type) + number(smoothing / 2, type)
        return sqrt((weights.converted(to: type) - number(1, type)) * smoothed + number(1, type))
      }
      let spread = sqrt(probabilities * (number(1, type) - probabilities))
      return elements(importance.map { spread * $0 } ?? spread, draw) { key in
        let drawn = (key.uniform(logits.shape).converted(to: type) .< probabilities).converted(to: type)
        let residual = probabilities - drawn
        return importance.map { residual * $0 } ?? residual
      }
    }
  }

  /// Classes with the probabilities that logits say.
  ///
  /// - Parameters:
  ///   - labels: The labels of rows, which say what each of them counts.
  ///   - classWeights: What each class counts.
  ///   - smoothing: The share of each label that is spread over all classes.
  static func softmax(_ labels: ClassLabels, _ classWeights: Tensor?, smoothing: Double) -> PredictedTargets {
    PredictedTargets { logits, _, draw in
      let (probabilities, classes, type) = (DescentTensors.softmax(logits), logits.shape[-1], logits.elementType)
      let importance = classWeights.map { weights -> Tensor in
        let own =
          switch labels {
          case .numbers(let numbers): weights.taken(numbers.indices)
          case .probabilities(let shares): (shares * weights).sum(axes: [-1])
          }
        return sqrt(own * number(1 - smoothing, type) + weights.mean() * number(smoothing, type)).expanded(axis: -1)
      }
      switch draw {
      case .one(let key):
        let residual = probabilities - key.categorical(logits: logits).oneHot(count: classes, type)
        return importance.map { residual * $0 } ?? residual
      case .all(let key):
        let columns = units(classes, logits) - probabilities
        let residuals = columns * sqrt(probabilities).moved(-1, to: 0).expanded(axis: -1)
        return apart(importance.map { residuals * $0 } ?? residuals, logits.shape, key)
      }
    }
  }

  /// The derivatives of losses of elements that are independent of each other.
  ///
  /// - Parameters:
  ///   - root: The root of the second derivative, in the outputs' shape.
  ///   - one: Gives one draw.
  private static func elements(_ root: Tensor, _ draw: PassProbe.Draw, _ one: (RandomKey) -> Tensor) -> Tensor {
    switch draw {
    case .one(let key): return one(key)
    case .all(let key):
      let columns = root.rank >= 2 ? units(root.shape[-1], root) * root : root.expanded(axis: 0)
      return apart(columns, root.shape, key)
    }
  }

  /// A 1 at each place of the last axis in turn, `[count, 1…, count]`.
  private static func units(_ count: Int, _ outputs: Tensor) -> Tensor {
    let unit = Tensor(integers: Array(0..<count)).oneHot(count: count, outputs.elementType)
    return unit.reshaped(Shape([count] + [Int](repeating: 1, count: outputs.rank - 1) + [count]))
  }

  /// Rows are kept apart by random signs, so that in the mean nothing is left of their products with each other.
  private static func apart(_ columns: Tensor, _ outputs: Shape, _ key: RandomKey) -> Tensor {
    let rows = outputs.rank >= 2 ? Array(outputs.sizes.dropLast()) + [1] : outputs.sizes
    let shape = Shape([columns.shape[0]] + rows)
    let isPositive = key.bernoulli(shape, probability: 0.5)
    return columns * `where`(isPositive, number(1, columns.elementType), number(-1, columns.elementType))
  }
}

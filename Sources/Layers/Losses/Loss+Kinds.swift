import DescentTensors

/// A setting as it is written in a call; `nil` where it has its default.
private func setting<Value: Equatable & Sendable>(_ name: String, _ value: Value, unless usual: Value) -> String? {
  value == usual ? nil : "\(name): \(value)"
}

/// Weights as a setting: all of them where they are few and known, else their shape.
private func setting(_ name: String, _ weights: Tensor?) -> String? {
  guard let weights else { return nil }
  guard weights.count <= 16, let numbers = try? weights.scalars() else { return "\(name): \(weights.shape)" }
  return "\(name): \(numbers)"
}

extension Loss {
  /// The cross-entropy of softmax probabilities; see `softmaxCrossEntropy(_:_:classWeights:labelSmoothing:ignoring:weights:reduction:)`.
  public static func softmaxCrossEntropy(
    classWeights: Tensor? = nil, labelSmoothing: Double = 0, ignoring: Int? = nil
  ) -> Loss {
    Loss(
      "softmaxCrossEntropy",
      [
        setting("classWeights", classWeights), setting("labelSmoothing", labelSmoothing, unless: 0),
        ignoring.map { "ignoring: \($0)" },
      ]
    ) { LossTerms.softmaxCrossEntropy($0, $1, classWeights, labelSmoothing, ignoring, $2) }
  }

  /// The cross-entropy of independent sigmoid probabilities; see
  /// `sigmoidCrossEntropy(_:_:positiveWeights:labelSmoothing:weights:reduction:)`.
  public static func sigmoidCrossEntropy(positiveWeights: Tensor? = nil, labelSmoothing: Double = 0) -> Loss {
    Loss(
      "sigmoidCrossEntropy",
      [setting("positiveWeights", positiveWeights), setting("labelSmoothing", labelSmoothing, unless: 0)]
    ) { LossTerms.sigmoidCrossEntropy($0, $1, positiveWeights, labelSmoothing, $2) }
  }

  /// The focal loss of independent sigmoid probabilities; see `sigmoidFocalLoss(_:_:gamma:alpha:weights:reduction:)`.
  public static func sigmoidFocalLoss(gamma: Double = 2, alpha: Double? = nil) -> Loss {
    Loss("sigmoidFocalLoss", [setting("gamma", gamma, unless: 2), alpha.map { "alpha: \($0)" }]) {
      LossTerms.sigmoidFocalLoss($0, $1, gamma, alpha, $2)
    }
  }

  /// The focal loss of softmax probabilities; see `softmaxFocalLoss(_:_:gamma:classWeights:ignoring:weights:reduction:)`.
  public static func softmaxFocalLoss(
    gamma: Double = 2, classWeights: Tensor? = nil, ignoring: Int? = nil
  ) -> Loss {
    Loss(
      "softmaxFocalLoss",
      [
        setting("gamma", gamma, unless: 2), setting("classWeights", classWeights),
        ignoring.map { "ignoring: \($0)" },
      ]
    ) { LossTerms.softmaxFocalLoss($0, $1, gamma, classWeights, ignoring, $2) }
  }

  /// −log p[label] of logarithms of probabilities; see
  /// `negativeLogLikelihood(_:_:classWeights:ignoring:weights:reduction:)`.
  public static func negativeLogLikelihood(classWeights: Tensor? = nil, ignoring: Int? = nil) -> Loss {
    Loss(
      "negativeLogLikelihood", [setting("classWeights", classWeights), ignoring.map { "ignoring: \($0)" }]
    ) { LossTerms.negativeLogLikelihood($0, $1, classWeights, ignoring, $2) }
  }

  /// The cross-entropy of independent probabilities; see `binaryCrossEntropy(_:_:weights:reduction:)`.
  public static func binaryCrossEntropy() -> Loss {
    Loss("binaryCrossEntropy") { LossTerms.binaryCrossEntropy($0, $1, $2) }
  }

  /// The Kullback–Leibler divergence from targets; see
  /// `kullbackLeiblerDivergence(_:_:targetsAreLogarithms:weights:reduction:)`.
  public static func kullbackLeiblerDivergence(targetsAreLogarithms: Bool = false) -> Loss {
    Loss("kullbackLeiblerDivergence", [setting("targetsAreLogarithms", targetsAreLogarithms, unless: false)]) {
      LossTerms.kullbackLeiblerDivergence($0, $1, targetsAreLogarithms, $2)
    }
  }

  /// The squared difference; see `meanSquaredError(_:_:weights:reduction:)`.
  public static func meanSquaredError() -> Loss {
    Loss("meanSquaredError") { LossTerms.meanSquaredError($0, $1, $2) }
  }

  /// The absolute difference; see `meanAbsoluteError(_:_:weights:reduction:)`.
  public static func meanAbsoluteError() -> Loss {
    Loss("meanAbsoluteError") { LossTerms.meanAbsoluteError($0, $1, $2) }
  }

  /// Half the square near 0 and a straight line far away; see `huberLoss(_:_:delta:weights:reduction:)`.
  public static func huberLoss(delta: Double = 1) -> Loss {
    Loss("huberLoss", [setting("delta", delta, unless: 1)]) { LossTerms.huberLoss($0, $1, delta, $2) }
  }

  /// Log cosh of the difference; see `logCoshLoss(_:_:weights:reduction:)`.
  public static func logCoshLoss() -> Loss { Loss("logCoshLoss") { LossTerms.logCoshLoss($0, $1, $2) } }

  /// The likelihood of counts; see `poissonLoss(_:_:ratesAreLogarithms:includingConstant:weights:reduction:)`.
  public static func poissonLoss(ratesAreLogarithms: Bool = true, includingConstant: Bool = false) -> Loss {
    Loss(
      "poissonLoss",
      [
        setting("ratesAreLogarithms", ratesAreLogarithms, unless: true),
        setting("includingConstant", includingConstant, unless: false),
      ]
    ) { LossTerms.poissonLoss($0, $1, ratesAreLogarithms, includingConstant, $2) }
  }

  /// The distance from the right side of 0; see `hingeLoss(_:_:margin:isSquared:weights:reduction:)`.
  public static func hingeLoss(margin: Double = 1, isSquared: Bool = false) -> Loss {
    Loss("hingeLoss", [setting("margin", margin, unless: 1), setting("isSquared", isSquared, unless: false)]) {
      LossTerms.hingeLoss($0, $1, margin, isSquared, $2)
    }
  }

  /// log(1 + e^−y·z); see `softMarginLoss(_:_:weights:reduction:)`.
  public static func softMarginLoss() -> Loss {
    Loss("softMarginLoss") { LossTerms.softMarginLoss($0, $1, $2) }
  }

  /// The loss of distances that are to be small or large; see `hingeEmbeddingLoss(_:_:margin:weights:reduction:)`.
  public static func hingeEmbeddingLoss(margin: Double = 1) -> Loss {
    Loss("hingeEmbeddingLoss", [setting("margin", margin, unless: 1)]) {
      LossTerms.hingeEmbeddingLoss($0, $1, margin, $2)
    }
  }

  /// The label's distance from all other classes; see
  /// `multiMarginLoss(_:_:margin:isSquared:classWeights:ignoring:weights:reduction:)`.
  public static func multiMarginLoss(
    margin: Double = 1, isSquared: Bool = false, classWeights: Tensor? = nil, ignoring: Int? = nil
  ) -> Loss {
    Loss(
      "multiMarginLoss",
      [
        setting("margin", margin, unless: 1), setting("isSquared", isSquared, unless: false),
        setting("classWeights", classWeights), ignoring.map { "ignoring: \($0)" },
      ]
    ) { LossTerms.multiMarginLoss($0, $1, margin, isSquared, classWeights, ignoring, $2) }
  }

  /// 1 − cosine; see `cosineLoss(_:_:weights:reduction:)`.
  public static func cosineLoss() -> Loss { Loss("cosineLoss") { LossTerms.cosineLoss($0, $1, $2) } }

  /// Finding each query's own key; see `infoNCELoss(_:_:temperature:isSymmetric:weights:reduction:)`.
  public static func infoNCELoss(temperature: Double = 0.1, isSymmetric: Bool = false) -> Loss {
    Loss(
      "infoNCELoss",
      [setting("temperature", temperature, unless: 0.1), setting("isSymmetric", isSymmetric, unless: false)]
    ) { LossTerms.infoNCELoss($0, $1, temperature, isSymmetric, $2) }
  }

  /// 1 − the Dice coefficient; see `diceLoss(_:_:smoothing:isSquared:weights:reduction:)`.
  public static func diceLoss(smoothing: Double = 1, isSquared: Bool = false) -> Loss {
    Loss("diceLoss", [setting("smoothing", smoothing, unless: 1), setting("isSquared", isSquared, unless: false)]) {
      LossTerms.diceLoss($0, $1, smoothing, isSquared, $2)
    }
  }

  /// Connectionist temporal classification; see `ctcLoss(_:_:blank:inputLengths:weights:reduction:)`.
  public static func ctcLoss(blank: Int = 0) -> Loss {
    Loss("ctcLoss", [setting("blank", blank, unless: 0)]) { LossTerms.ctcLoss($0, $1, blank, nil, $2) }
  }
}

import DescentTensors
import Foundation

extension Metric {
  /// The mean of −log p[label] in nats, of logits `[batch…, classes]`: the log-loss.
  ///
  /// - Parameter ignored: A class number whose rows count nothing.
  public static func logLoss(ignoring ignored: Int? = nil) -> Metric {
    Metric("logLoss", meanOf: .softmaxCrossEntropy(ignoring: ignored)) { $0 }
  }

  /// The mean of −log p[label] in nats, of logits and labels 0 and 1 of one shape.
  public static let binaryLogLoss = Metric("binaryLogLoss", meanOf: .sigmoidCrossEntropy()) { $0 }

  /// e to the power of the log-loss: among how many equally likely tokens a model chooses as badly, of logits
  /// `[batch…, tokens]`.
  ///
  /// - Parameter ignored: A token whose rows count nothing, such as that of padding.
  public static func perplexity(ignoring ignored: Int? = nil) -> Metric {
    Metric("perplexity", meanOf: .softmaxCrossEntropy(ignoring: ignored)) { exp($0) }
  }

  /// The log-loss in bits, of logits `[batch…, characters]`.
  ///
  /// - Parameter ignored: A character whose rows count nothing, such as that of padding.
  public static func bitsPerCharacter(ignoring ignored: Int? = nil) -> Metric {
    Metric("bitsPerCharacter", meanOf: .softmaxCrossEntropy(ignoring: ignored)) { $0 / 0.6931471805599453 }
  }

  /// The mean over rows of Σ (p − t)² over the classes, of logits `[batch…, classes]`: from 0 to 2; NaN where a label is no
  /// class.
  public static let brierScore = Metric("brierScore") { logits, labels in
    ClassLabels.matched("brierScore", logits, labels, isLoss: false) { logits, labels in
      let probabilities = softmax(logits)
      switch labels {
      case .probabilities(let shares): return square(probabilities - shares).sum(axes: [-1])
      case .numbers(let numbers):
        let shares = numbers.indices.oneHot(count: numbers.classes, probabilities.elementType)
        let scores = square(probabilities - shares).sum(axes: [-1])
        return `where`(numbers.isValid, scores, number(.nan, scores.elementType))
      }
    }
  }
}

import DescentGraph
import DescentTensors

/// The mean over all elements of max(0, 1 − y · z), which asks for the right sign and some distance from 0.
///
/// - Parameters:
///   - outputs: z, in any shape.
///   - labels: y, −1 or 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func hingeLoss(_ outputs: Tensor, _ labels: Tensor) -> Tensor { hingeLoss(outputs, labels, reduction: .mean) }

/// max(0, margin − y · z) of elements that count differently, or its sum. Of the difference of two scores it is PyTorch's
/// margin ranking loss.
///
/// - Parameters:
///   - outputs: z, in any shape.
///   - labels: y, −1 or 1 of any element type, in the same shape.
///   - margin: The distance that is asked for.
///   - isSquared: Whether the square is taken, which has a derivative everywhere.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func hingeLoss(
  _ outputs: Tensor, _ labels: Tensor, margin: Double = 1, isSquared: Bool = false, weights: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  LossTerms.hingeLoss(outputs, labels, margin, isSquared, weights).reduced(reduction)
}

/// The mean over all elements of log(1 + e^−y·z), which asks for the right sign.
///
/// - Parameters:
///   - outputs: z, in any shape.
///   - labels: y, −1 or 1 of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the outputs have 16 bits.
public func softMarginLoss(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
  softMarginLoss(outputs, labels, reduction: .mean)
}

/// log(1 + e^−y·z) of elements that count differently, or its sum.
///
/// - Parameters:
///   - outputs: z, in any shape.
///   - labels: y, −1 or 1 of any element type, in the same shape.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the outputs' shape; in Float32 where the outputs have 16 bits.
public func softMarginLoss(
  _ outputs: Tensor, _ labels: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.softMarginLoss(outputs, labels, weights).reduced(reduction)
}

/// The mean over all elements of a distance where the label is 1, and of max(0, 1 − distance) where it is −1.
///
/// - Parameters:
///   - distances: How far two things are apart, in any shape.
///   - labels: 1 where they belong together, −1 where they do not, of any element type, in the same shape.
/// - Returns: A scalar, in Float32 where the distances have 16 bits.
public func hingeEmbeddingLoss(_ distances: Tensor, _ labels: Tensor) -> Tensor {
  hingeEmbeddingLoss(distances, labels, reduction: .mean)
}

/// A distance where the label is 1, and max(0, margin − distance) where it is −1, of elements that count differently.
///
/// - Parameters:
///   - distances: How far two things are apart, in any shape.
///   - labels: 1 where they belong together, −1 where they do not, of any element type, in the same shape.
///   - margin: How far apart things are to be that do not belong together.
///   - weights: What each element counts, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of elements.
/// - Returns: A scalar, or the distances' shape; in Float32 where the distances have 16 bits.
public func hingeEmbeddingLoss(
  _ distances: Tensor, _ labels: Tensor, margin: Double = 1, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.hingeEmbeddingLoss(distances, labels, margin, weights).reduced(reduction)
}

/// The mean over rows of Σ max(0, 1 − z[label] + z[other]) over the other classes, divided by the number of classes: the
/// label's score is to be larger than all others by a distance.
///
/// - Parameters:
///   - outputs: Scores z `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers.
/// - Returns: A scalar, in Float32 where the scores have 16 bits.
public func multiMarginLoss(_ outputs: Tensor, _ labels: Tensor) -> Tensor {
  multiMarginLoss(outputs, labels, reduction: .mean)
}

/// Σ max(0, margin − z[label] + z[other]) over the other classes, divided by the number of classes, of classes and rows that
/// count differently.
///
/// - Parameters:
///   - outputs: Scores z `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers.
///   - margin: The distance that is asked for.
///   - isSquared: Whether the squares are summed.
///   - classWeights: What each class counts `[classes]`; see `softmaxCrossEntropy`.
///   - ignoring: A class number whose rows count nothing.
///   - weights: What each row counts besides, `[batch…]`, or a mask; see `Reduction`.
///   - reduction: What becomes of the losses of rows `[batch…]`.
/// - Returns: A scalar, or `[batch…]`; in Float32 where the scores have 16 bits.
public func multiMarginLoss(
  _ outputs: Tensor, _ labels: Tensor, margin: Double = 1, isSquared: Bool = false, classWeights: Tensor? = nil,
  ignoring: Int? = nil, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  LossTerms.multiMarginLoss(outputs, labels, margin, isSquared, classWeights, ignoring, weights).reduced(reduction)
}

extension LossTerms {
  static func hingeLoss(
    _ outputs: Tensor, _ labels: Tensor, _ margin: Double, _ isSquared: Bool, _ weights: Tensor?
  ) -> LossTerms {
    ofElements("hingeLoss", outputs, labels, weights) {
      let losses = relu(number(margin, $0.elementType) - $1 * $0)
      return isSquared ? square(losses) : losses
    }
  }

  static func softMarginLoss(_ outputs: Tensor, _ labels: Tensor, _ weights: Tensor?) -> LossTerms {
    ofElements("softMarginLoss", outputs, labels, weights) { softplus(-$1 * $0) }
  }

  static func hingeEmbeddingLoss(
    _ distances: Tensor, _ labels: Tensor, _ margin: Double, _ weights: Tensor?
  ) -> LossTerms {
    ofElements("hingeEmbeddingLoss", distances, labels, weights) {
      `where`($1 .> 0, $0, relu(number(margin, $0.elementType) - $0))
    }
  }

  static func multiMarginLoss(
    _ outputs: Tensor, _ labels: Tensor, _ margin: Double, _ isSquared: Bool, _ classWeights: Tensor?,
    _ ignored: Int?, _ weights: Tensor?
  ) -> LossTerms {
    let name = "multiMarginLoss"
    return ofClasses(name, outputs, labels, classWeights: classWeights, ignoring: ignored, weights) {
      outputs, labels, classWeights in
      guard case .numbers(let numbers) = labels else {
        return LayerSite(name).failure("takes class numbers as integers, found probabilities \(outputs.shape)")
      }
      let type = outputs.elementType
      let chosen = numbers.picked(from: outputs).expanded(axis: -1)
      let violations = relu(outputs - chosen + number(margin, type))
      let isOther = numbers.indices.expanded(axis: -1) .!= Tensor(rangeTo: numbers.classes)
      let counted = `where`(isOther, isSquared ? square(violations) : violations, number(0, type))
      let losses = counted.sum(axes: [-1]) / Double(numbers.classes)
      return classWeights.map { scaled(losses, by: $0.taken(numbers.indices)) } ?? losses
    }
  }
}

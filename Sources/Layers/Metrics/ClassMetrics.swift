import DescentGraph
import DescentTensors

/// How numbers of single classes become one.
public enum ClassAverage: String, Codable, Hashable, Sendable, CaseIterable {
  /// All decisions count the same, whatever their class. Of whole rows of classes, micro precision, recall and F1 are the
  /// accuracy.
  case micro
  /// All classes that occur among labels or predictions count the same.
  case macro
  /// Each class counts as much as it has labels.
  case weighted
  /// No average: a number for each class.
  case none
}

/// Rows of predictions whose class is known.
///
/// Of logits `[batch…, classes]` the largest is what is predicted, and labels are class numbers `[batch…]` or probabilities
/// `[batch…, classes]`, of which the largest counts. A number that is not a class counts as a wrong prediction of what was
/// predicted.
struct ClassDecisions {
  /// What was predicted, as int32, `[rows]`.
  let predicted: Tensor
  /// What is right, `[rows]`; −1 where it is not a class.
  let actual: Tensor
  /// What each row counts, in Float64, `[rows]`.
  let weights: Tensor
  /// The logits `[rows, classes]`.
  let logits: Tensor
  let classes: Int

  init(
    _ name: String, _ logits: Tensor, _ labels: Tensor, _ weights: Tensor?, ignoring ignored: Int? = nil
  ) throws {
    let (wide, labels) = try ClassLabels.matched(name, logits, labels, isLoss: false, ignoring: ignored)
    let rows = wide.shape.removing(axes: [wide.rank - 1])
    classes = wide.shape[-1]
    var counts = try weights.map {
      let numbers = try LossWeights($0, for: rows, of: name).numbers
      return numbers.converted(to: .float64).broadcast(to: rows).reshaped([rows.count])
    }
    self.logits = wide.reshaped([rows.count, classes])
    predicted = self.logits.argMax().reshaped([rows.count])
    switch labels {
    case .probabilities(let shares): actual = shares.argMax().reshaped([rows.count])
    case .numbers(let numbers):
      let none = Tensor(integers: [-1], shape: [], .int32)
      if let isCounted = numbers.isCounted?.reshaped([rows.count]) {
        let zero = number(0, .float64)
        counts = `where`(isCounted, counts ?? Tensor(ones: [rows.count], .float64), zero)
        actual = `where`(isCounted, `where`(numbers.isValid, numbers.indices, none).reshaped([rows.count]), none)
      } else {
        actual = `where`(numbers.isValid, numbers.indices, none).reshaped([rows.count])
      }
    }
    self.weights = counts ?? Tensor(ones: [rows.count], .float64)
  }

  /// The weights of rows for which something holds, and 0 elsewhere.
  func weights(where condition: Tensor) -> Tensor { `where`(condition, weights, number(0, .float64)) }

  /// The classes' true positives, predictions and labels: `[3, classes]`.
  var counts: Tensor {
    let hits = weights(where: predicted .== actual)
    return stacked([
      predicted.binCount(classes, weights: hits), predicted.binCount(classes, weights: weights),
      actual.binCount(classes, weights: weights),
    ])
  }
}

/// Numbers of single classes, from their true positives, predictions and labels.
struct ClassCounts {
  let hits: [Double]
  let predicted: [Double]
  let actual: [Double]

  init(_ part: MetricTotals.Part) {
    let classes = part.values.count / 3
    hits = Array(part.values[..<classes])
    predicted = Array(part.values[classes..<2 * classes])
    actual = Array(part.values[(2 * classes)...])
  }

  /// An average of a number that is made of true positives, predictions and labels; a quotient of nothing is 0.
  func average(
    _ average: ClassAverage, _ formula: (_ hits: Double, _ predicted: Double, _ actual: Double) -> (Double, Double)
  ) -> Tensor {
    func quotient(_ parts: (Double, Double)) -> Double { parts.1 == 0 ? 0 : parts.0 / parts.1 }
    let numbers = hits.indices.map { quotient(formula(hits[$0], predicted[$0], actual[$0])) }
    switch average {
    case .none: return Tensor(numbers, .float64)
    case .micro:
      let sums = [hits, predicted, actual].map { $0.reduce(0, +) }
      return Tensor(quotient(formula(sums[0], sums[1], sums[2])), .float64)
    case .macro:
      let known = numbers.indices.filter { predicted[$0] > 0 || actual[$0] > 0 }
      return Tensor(quotient((known.reduce(0) { $0 + numbers[$1] }, Double(known.count))), .float64)
    case .weighted:
      let sum = numbers.indices.reduce(0) { $0 + numbers[$1] * actual[$1] }
      return Tensor(quotient((sum, actual.reduce(0, +))), .float64)
    }
  }
}

extension Metric {
  /// A share of the weights of rows, those for which something holds.
  private static func share(
    _ name: String, ignoring ignored: Int?, _ isCounted: @escaping @Sendable (ClassDecisions) throws -> Tensor
  ) -> Metric {
    Metric(
      name, joining: [.sum, .sum],
      contributions: { logits, labels, weights in
        let decisions = try ClassDecisions(name, logits, labels, weights, ignoring: ignored)
        return [decisions.weights(where: try isCounted(decisions)).sum(), decisions.weights.sum()]
      }, value: { Tensor($0[0].number / $0[1].number, .float64) })
  }

  /// A number made of each class's true positives, predictions and labels.
  private static func counted(
    _ name: String, ignoring ignored: Int?, _ value: @escaping @Sendable (ClassCounts) -> Tensor
  ) -> Metric {
    Metric(
      name, joining: [.sum],
      contributions: { logits, labels, weights in
        [try ClassDecisions(name, logits, labels, weights, ignoring: ignored).counts]
      }, value: { value(ClassCounts($0[0])) })
  }

  /// The share of rows whose largest logit is the label's, of logits `[batch…, classes]`.
  public static let accuracy = accuracy(ignoring: nil)

  /// The share of rows whose largest logit is the label's.
  ///
  /// - Parameter ignored: A class number whose rows count nothing.
  public static func accuracy(ignoring ignored: Int?) -> Metric {
    share("accuracy", ignoring: ignored) { $0.predicted .== $0.actual }
  }

  /// The share of rows whose label is among the classes of the `count` largest logits.
  ///
  /// - Parameters:
  ///   - count: How many classes are looked at, at least 1; of equal logits the lower class comes first.
  ///   - ignored: A class number whose rows count nothing.
  public static func topAccuracy(_ count: Int, ignoring ignored: Int? = nil) -> Metric {
    share("topAccuracy(\(count))", ignoring: ignored) { decisions in
      guard count >= 1 else {
        throw TensorError("topAccuracy", "looks at 1 class or more, found \(count)")
      }
      let places = Tensor(rangeTo: decisions.classes)
      let actual = decisions.actual.expanded(axis: -1)
      let logits = decisions.logits
      let own = `where`(actual .== places, logits, number(0, logits.elementType)).sum(axes: [-1], keepingAxes: true)
      let isBefore = (logits .> own) .| ((logits .== own) .& (places .< actual))
      let isKnown = (decisions.actual .>= 0) .& (own .== own).reshaped(decisions.actual.shape)
      let rank = isBefore.converted(to: .int32).sum(axes: [-1])
      return isKnown .& (rank .< Tensor(integers: [min(count, decisions.classes)], shape: [], .int32))
    }
  }

  /// The mean over classes that have labels of the share of them that are found: what chance alone reaches is 1 / classes,
  /// however uneven the classes are.
  public static let balancedAccuracy = counted("balancedAccuracy", ignoring: nil) { counts in
    let known = counts.actual.indices.filter { counts.actual[$0] > 0 }
    let sum = known.reduce(0) { $0 + counts.hits[$1] / counts.actual[$1] }
    return Tensor(sum / Double(known.count), .float64)
  }

  /// How many of the predictions of a class are right, of logits `[batch…, classes]`; 0 of a class that is never predicted.
  public static func precision(_ average: ClassAverage = .macro, ignoring ignored: Int? = nil) -> Metric {
    counted("precision(\(average))", ignoring: ignored) {
      $0.average(average) { hits, predicted, _ in (hits, predicted) }
    }
  }

  /// How many of the labels of a class are found, of logits `[batch…, classes]`; 0 of a class without labels.
  public static func recall(_ average: ClassAverage = .macro, ignoring ignored: Int? = nil) -> Metric {
    counted("recall(\(average))", ignoring: ignored) { $0.average(average) { hits, _, actual in (hits, actual) } }
  }

  /// The harmonic mean of precision and recall of a class, of logits `[batch…, classes]`.
  public static func f1(_ average: ClassAverage = .macro, ignoring ignored: Int? = nil) -> Metric {
    counted("f1(\(average))", ignoring: ignored) {
      $0.average(average) { hits, predicted, actual in (2 * hits, predicted + actual) }
    }
  }

  /// The intersection of what is predicted and what is there, over their union, of each class: for pictures whose pixels
  /// have classes, logits `[batch, height, width, classes]`. Also called Jaccard's index.
  public static func intersectionOverUnion(_ average: ClassAverage = .macro, ignoring ignored: Int? = nil) -> Metric {
    counted("intersectionOverUnion(\(average))", ignoring: ignored) {
      $0.average(average) { hits, predicted, actual in (hits, predicted + actual - hits) }
    }
  }

  /// How often each class, row by row, is taken for each class, column by column: a matrix `[classes, classes]`.
  ///
  /// - Parameter ignored: A class number whose rows count nothing.
  public static func confusionMatrix(ignoring ignored: Int? = nil) -> Metric {
    let name = "confusionMatrix"
    return Metric(
      name, joining: [.sum],
      contributions: { logits, labels, weights in
        let decisions = try ClassDecisions(name, logits, labels, weights, ignoring: ignored)
        let classes = decisions.classes
        guard classes <= 10_000 else { throw TensorError(name, "\(classes) classes have too large a matrix") }
        let size = Tensor(integers: [classes], shape: [], .int32)
        // What is no class has a negative place, and is passed over.
        let place = decisions.actual * size + decisions.predicted
        let isClass = decisions.actual .>= 0
        let matrix = `where`(isClass, place, Tensor(integers: [-1], shape: [], .int32))
          .binCount(classes * classes, weights: decisions.weights)
        return [matrix.reshaped([classes, classes])]
      }, value: { Tensor($0[0].values, shape: $0[0].shape ?? [], .float64) })
  }

  /// The expected calibration error: how far the largest probabilities are from the share of them that are right, in parts
  /// of equal width, the mean by how many examples a part has.
  ///
  /// Source: Guo et al., "On calibration of modern neural networks", 2017.
  ///
  /// - Parameter bins: How many parts there are.
  public static func calibrationError(bins: Int = 15) -> Metric {
    let name = "calibrationError"
    return Metric(
      name, joining: [.sum],
      contributions: { logits, labels, weights in
        let decisions = try ClassDecisions(name, logits, labels, weights)
        let confidence = softmax(decisions.logits).max(axes: [-1])
        let isRight = (decisions.predicted .== decisions.actual).converted(to: .float64)
        return [try Calibration.bins(bins, confidence, isRight, decisions.weights, name)]
      }, value: { Calibration.error($0[0]) })
  }
}

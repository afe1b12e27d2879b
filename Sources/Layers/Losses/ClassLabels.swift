import DescentGraph
import DescentTensors

/// The labels of rows of logits: a class number or a probability of each class.
enum ClassLabels {
  case numbers(ClassNumbers)
  case probabilities(Tensor)

  /// Calls a function with logits in an element type fit for sums, and the labels that go with them.
  ///
  /// - Parameters:
  ///   - name: The function that asks.
  ///   - logits: `[batch…, classes]`.
  ///   - labels: Class numbers `[batch…]` or probabilities `[batch…, classes]`.
  ///   - isLoss: Whether every label has to be a class; what is merely compared with predictions may be none.
  ///   - body: The function.
  /// - Returns: The function's result, or a tensor that carries the error where logits and labels do not fit.
  static func matched(
    _ name: String, _ logits: Tensor, _ labels: Tensor, isLoss: Bool = true, _ body: (Tensor, ClassLabels) -> Tensor
  ) -> Tensor {
    if logits.error != nil { return logits }
    if labels.error != nil { return labels }
    let site = LayerSite(name)
    if let refusal = site.refusal(of: logits) { return refusal }
    guard let classes = logits.shape.last, classes > 0 else {
      return site.failure("takes logits [batch…, classes], found \(logits.shape)")
    }
    let wide = logits.converted(to: logits.elementType.accumulator)
    if labels.shape == logits.shape {
      return .calling(name) { body(wide, .probabilities(labels.converted(to: wide.elementType))) }
    }
    guard labels.shape == logits.shape.removing(axes: [logits.rank - 1]) else {
      return site.failure(
        "logits \(logits.shape) take labels \(logits.shape.removing(axes: [logits.rank - 1])) of class numbers or"
          + " \(logits.shape) of probabilities, found \(labels.shape)")
    }
    guard labels.elementType.isInteger else {
      return site.failure("class numbers must be integers, found \(labels.elementType); convert with converted(to:)")
    }
    if isLoss, let error = ExpectedLabels.refusal(of: labels, below: classes, in: name) {
      return Tensor(error: error)
    }
    return .calling(name) { body(wide, .numbers(ClassNumbers(labels, classes: classes))) }
  }
}

/// Class numbers, one for each row.
struct ClassNumbers {
  /// The numbers, as int32.
  let indices: Tensor
  /// Whether each lies in the range of the classes.
  let isValid: Tensor
  let classes: Int

  init(_ labels: Tensor, classes: Int) {
    // Compared as the widest integers: a narrow type could not hold the number of classes, and int32 would fold large
    // numbers into the range.
    let wide = labels.converted(to: .int64)
    isValid = (wide .>= number(0, .int64)) .& (wide .< number(Double(classes), .int64))
    indices = wide.converted(to: .int32)
    self.classes = classes
  }

  /// Of each row `[batch…, classes]` the element that the row's number names; NaN where there is none.
  func picked(from rows: Tensor) -> Tensor {
    let isNamed = indices.expanded(axis: -1) .== Tensor(rangeTo: classes)
    // A choice rather than a product, in which an infinite logit of another class would give NaN.
    let element = `where`(isNamed, rows, number(0, rows.elementType)).sum(axes: [-1])
    return `where`(isValid, element, number(.nan, rows.elementType))
  }
}

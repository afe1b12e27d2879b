import DescentGraph
import DescentTensors

/// The labels of rows of logits: a class number or a probability of each class.
enum ClassLabels {
  case numbers(ClassNumbers)
  case probabilities(Tensor)

  /// Logits in an element type fit for sums, and the labels that go with them.
  ///
  /// - Parameters:
  ///   - name: The function that asks.
  ///   - logits: `[batch…, classes]`.
  ///   - labels: Class numbers `[batch…]` or probabilities `[batch…, classes]`.
  ///   - isLoss: Whether every label has to be a class; what is merely compared with predictions may be none.
  ///   - ignored: A number that stands for no class.
  /// - Throws: `TensorError` where logits and labels do not fit, or that one of them carries.
  static func matched(
    _ name: String, _ logits: Tensor, _ labels: Tensor, isLoss: Bool = true, ignoring ignored: Int? = nil
  ) throws -> (logits: Tensor, labels: ClassLabels) {
    if let error = logits.error ?? labels.error { throw error }
    let wide = try LossTerms.wide(name, logits)
    guard let classes = logits.shape.last, classes > 0 else {
      throw TensorError(name, "takes logits [batch…, classes], found \(logits.shape)")
    }
    if labels.shape == logits.shape {
      guard ignored == nil else {
        throw TensorError(name, "takes class numbers where one is ignored, found probabilities \(labels.shape)")
      }
      return (wide, .probabilities(labels.converted(to: wide.elementType)))
    }
    guard labels.shape == logits.shape.removing(axes: [logits.rank - 1]) else {
      throw TensorError(
        name,
        "logits \(logits.shape) take labels \(logits.shape.removing(axes: [logits.rank - 1])) of class numbers or"
          + " \(logits.shape) of probabilities, found \(labels.shape)")
    }
    guard labels.elementType.isInteger else {
      throw TensorError(
        name, "class numbers must be integers, found \(labels.elementType); convert with converted(to:)")
    }
    if isLoss, let error = ExpectedLabels.refusal(of: labels, below: classes, ignoring: ignored, in: name) {
      throw error
    }
    return (wide, .numbers(ClassNumbers(labels, classes: classes, ignoring: ignored)))
  }

  /// What a body makes of logits and their labels, or a tensor that carries the error where they do not fit.
  static func matched(
    _ name: String, _ logits: Tensor, _ labels: Tensor, isLoss: Bool = true, _ body: (Tensor, ClassLabels) -> Tensor
  ) -> Tensor {
    .calling(name) {
      Tensor(catching: {
        let (logits, labels) = try matched(name, logits, labels, isLoss: isLoss)
        return body(logits, labels)
      })
    }
  }
}

/// Class numbers, one for each row.
struct ClassNumbers {
  /// The numbers, as int32.
  let indices: Tensor
  /// Whether each lies in the range of the classes, or is to be ignored.
  let isValid: Tensor
  /// Whether each counts; `nil` where all do.
  let isCounted: Tensor?
  let classes: Int

  init(_ labels: Tensor, classes: Int, ignoring ignored: Int? = nil) {
    // Compared as the widest integers: a narrow type could not hold the number of classes, and int32 would fold large
    // numbers into the range.
    let wide = labels.converted(to: .int64)
    let isClass = (wide .>= number(0, .int64)) .& (wide .< number(Double(classes), .int64))
    let isCounted = ignored.map { wide .!= Tensor(integers: [$0], shape: [], .int64) }
    self.isCounted = isCounted
    isValid = isCounted.map { isClass .| .!$0 } ?? isClass
    indices = wide.converted(to: .int32)
    self.classes = classes
  }

  /// Of each row `[batch…, classes]` the element that the row's number names; NaN where there is none, any where it is
  /// ignored.
  ///
  /// Gathered: a comparison with all classes reads every row once more, and once more for the derivative, which of 50,000
  /// classes takes more than twice as long.
  func picked(from rows: Tensor) -> Tensor {
    let element = rows.takenAlong(indices.expanded(axis: -1)).squeezed(axes: [-1])
    return `where`(isValid, element, number(.nan, rows.elementType))
  }
}

import DescentTensors

/// The fraction of rows whose largest logit is the label's.
///
/// - Parameters:
///   - logits: `[batch…, classes]`.
///   - labels: Class numbers `[batch…]` as integers, or probabilities `[batch…, classes]`, of which the largest counts.
/// - Returns: A scalar float32 from 0 to 1.
public func accuracy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  ClassLabels.matched("accuracy", logits, labels, isLoss: false) { logits, labels in
    let found = logits.argMax()
    switch labels {
    case .numbers(let numbers): return ((found .== numbers.indices) .& numbers.isValid).converted(to: .float32).mean()
    case .probabilities(let weights): return (found .== weights.argMax()).converted(to: .float32).mean()
    }
  }
}

/// The fraction of elements whose sigmoid lies on the label's side of ½.
///
/// - Parameters:
///   - logits: Any shape.
///   - labels: Probabilities, or 0 and 1 of any element type, in the same shape.
/// - Returns: A scalar float32 from 0 to 1.
public func binaryAccuracy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  LossTerms.ofElements("binaryAccuracy", logits, labels, nil) { logits, labels in
    ((logits .> 0) .== (labels .> 0.5)).converted(to: .float32)
  }.reduced(.mean)
}

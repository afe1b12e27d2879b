import DescentData
import DescentGraph
import DescentLayers
import DescentTensors

extension Trainer {
  /// What the model makes of a data set, batch by batch: memory stays bounded by a batch, apart from what is given back.
  ///
  /// ```swift
  /// let logits = try trainer.predict(digits.test) { model, batch in model(batch.input) }
  /// ```
  ///
  /// - Parameters:
  ///   - source: The batches; they are taken as they are, not as for training.
  ///   - pass: Uses the model on a batch, compiled once for each form of batch.
  /// - Returns: What the pass gives, its tensors joined along their leading axis.
  /// - Throws: `TensorError` of a mistake in the pass, where there are no batches, or where what it gives cannot be joined.
  public func predict<Output: Codable & Sendable>(
    _ source: any BatchSource<Input>, _ pass: @escaping @Sendable (Model, Input) throws -> Output
  ) throws -> Output {
    var parts: [ModelTree] = []
    try forEach(source, pass) { output in parts.append(try ModelTree(output)) }
    guard let first = parts.first else { throw TensorError("predict", "there are no batches") }
    if let other = parts.first(where: { $0.structure != first.structure }) {
      throw TensorError(
        "predict",
        "the pass gives other parts or plain values for some batches: \(other.leaves.count) tensors, for the"
          + " first batch \(first.leaves.count); only tensors can be joined")
    }
    let joined = try first.leaves.indices.map { index -> Tensor? in
      let tensors = parts.compactMap { $0.leaves[index].tensor }
      guard tensors.allSatisfy({ $0.rank > 0 }) else {
        throw TensorError("predict", "the pass gives a scalar for a batch, not a row for each example")
      }
      return tensors.isEmpty ? nil : concatenated(tensors, axis: 0)
    }
    let output = try first.rebuilt(Output.self, with: joined)
    try DescentTensors.evaluate(ModelTree(output).leaves.compactMap(\.tensor))
    return output
  }

  /// Uses the model on each batch of a data set, in order.
  private func forEach<Output: Codable & Sendable>(
    _ source: any BatchSource<Input>, _ pass: @escaping @Sendable (Model, Input) throws -> Output,
    _ body: (Output) throws -> Void
  ) throws {
    let (model, precision) = (model, precision)
    let function = compiled { (input: Input) in
      let run = Run.current.inference()
      return try run.with(precision ?? run.precision).perform {
        try Run.current.result(try pass(model, try Run.current.input(input)))
      }
    }
    let batches = Prefetcher(count: source.batchCount) { try source.batch($0, epoch: 0) }
    defer { batches.stop() }
    while let batch = try batches.next() {
      let output = try function(batch)
      try DescentTensors.evaluate(try ModelTree(output).leaves.compactMap(\.tensor))
      try body(output)
    }
  }
}

extension Trainer where Model: Layer<Tensor, Tensor>, Input == Batch {
  /// The model's outputs for a data set, batch by batch, `[count, …]`.
  ///
  /// - Parameter source: The batches; they are taken as they are, not as for training.
  /// - Throws: `TensorError` of a mistake in the model, or where there are no batches.
  public func predict(_ source: any BatchSource<Batch>) throws -> Tensor {
    try predict(source) { model, batch in try model(batch.input) }
  }
}

extension Scan {
  /// One loop for all examples; what no example changes stays as it is.
  package func batched(_ context: BatchContext) -> [Symbol] {
    attempt(context) { () throws(OperationError) in
      var isBatched = context.isBatched
      func wide() throws(OperationError) -> (body: Body, isBatched: [Bool]) {
        let forced = body.outputTypes.indices.map { $0 < carryCount && isBatched[$0] }
        return try context.transforms.batched(body, size: context.size, isBatched: isBatched, forced: forced)
      }
      var step = try wide()
      while let grown = carries.first(where: { step.isBatched[$0] && !isBatched[$0] }) {
        for index in grown..<carryCount where step.isBatched[index] { isBatched[index] = true }
        step = try wide()
      }
      let operands = context.operands.indices.map { index in
        guard isBatched[index] else { return context.operands[index] }
        return sequences.contains(index) ? context.operands[index].swappingFront() : context.batched(index)
      }
      let scan = Scan(
        step.body, length: length, carryCount: carryCount, sequenceCount: sequenceCount, isReversed: isReversed)
      let results = context.builder.emit(scan, operands)
      return results.enumerated().map { index, result in
        guard step.isBatched[index] else { return result.broadcast(leading: context.size) }
        return index < carryCount ? result : result.swappingFront()
      }
    }
  }
}

extension Symbol {
  /// The value with its first two axes exchanged.
  func swappingFront() -> Symbol {
    transposed([1, 0] + Array(2..<max(2, shape.rank)))
  }
}

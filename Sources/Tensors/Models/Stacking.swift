import CNative
import DescentGraph

/// Values of one structure put together into one whose tensors have an axis of them in front.
package enum Stacking {
  /// Stacks values: the tensors at each place, `[…]`, become one, `[count, …]`; all else has to be the same in all.
  ///
  /// - Parameters:
  ///   - values: The values, at least one.
  ///   - padding: What fills up tensors that are smaller than the largest of their place along some axis; `nil` where sizes
  ///     have to agree.
  ///   - function: What errors are told in the name of.
  /// - Throws: `TensorError` where the values differ in structure, element type, rank, size or anything that is not a tensor; it
  ///   names the place.
  /// - Complexity: O(bytes), one copy.
  package static func stacked<Value: Codable>(
    _ values: [Value], padding: Double? = nil, for function: String
  ) throws -> Value {
    if let tensors = values as? [Tensor], let stacked = try stack(tensors, "", padding, function) as? Value {
      return stacked
    }
    let trees = try values.map { try ModelTree($0) }
    guard let first = trees.first else { throw TensorError(function, "there are no examples to put together") }
    let structure = first.structure
    for (place, tree) in trees.enumerated() where tree.structure != structure {
      throw TensorError(
        function,
        "examples 0 and \(place) of a batch differ in what is no tensor, or in how many tensors they hold: what changes from"
          + " example to example has to be a tensor")
    }
    let tensors = try first.leaves.indices.map { leaf in
      try stack(
        try trees.map { tree in
          guard let tensor = tree.leaves[leaf].tensor else {
            throw TensorError(function, "the tensor \(tree.leaves[leaf].path) has no value")
          }
          return tensor
        }, first.leaves[leaf].path, padding, function)
    }
    return try first.rebuilt(Value.self, with: tensors)
  }

  /// The rows of a value's tensors at some places, gathered in one copy for each tensor.
  ///
  /// - Throws: `TensorError` where a place does not exist or memory runs out.
  package static func gathered<Value: Codable>(_ value: Value, _ places: [Int], for function: String) throws -> Value {
    if let tensor = value as? Tensor, let rows = try gather(tensor, places, function) as? Value { return rows }
    let tree = try ModelTree(value)
    return try tree.rebuilt(
      Value.self, with: try tree.leaves.map { try gather($0.tensor ?? Tensor(0), places, function) })
  }

  /// The number of rows that all tensors of a value have.
  ///
  /// - Throws: `TensorError` where there is no tensor, one has no axis, or their numbers of rows differ; it names them.
  package static func rowCount(of value: some Encodable, for function: String) throws -> Int {
    let leaves = try ModelTree(value).leaves
    var first: (path: String, count: Int)?
    for leaf in leaves {
      guard let tensor = leaf.tensor else { throw TensorError(function, "the tensor \(leaf.path) has no value") }
      if let error = tensor.error { throw error }
      guard tensor.rank >= 1 else { throw TensorError(function, "\(named(leaf.path)) has no axis of examples") }
      if let first, first.count != tensor.shape[0] {
        throw TensorError(
          function, "\(named(first.path)) has \(first.count) examples, \(named(leaf.path)) \(tensor.shape[0])")
      }
      first = first ?? (leaf.path, tensor.shape[0])
    }
    guard let first else { throw TensorError(function, "the value holds no tensors") }
    return first.count
  }

  private static func named(_ path: String) -> String { path.isEmpty ? "the tensor" : "the tensor \(path)" }

  // MARK: Copying

  /// The rows of a tensor at some places, gathered in one copy.
  package static func gather(_ tensor: Tensor, _ places: [Int], _ function: String) throws -> Tensor {
    let source = try tensor.literal()
    var shape = source.type.shape
    guard shape.rank >= 1 else { throw TensorError(function, "a tensor has no axis of examples") }
    let rows = shape[0]
    let rowBytes = rows == 0 ? 0 : source.type.byteCount / rows
    shape[0] = places.count
    let target = try made(source.type.with(shape: shape), function)
    let indices = places.map(Int64.init)
    let wrong = try source.withHostBytes { bytes in
      target.fill { filled in
        dn_gather_rows(
          bytes.baseAddress, Int64(rowBytes), Int64(rows), indices, Int64(indices.count), filled.baseAddress)
      }
    }
    guard wrong < 0 else {
      throw TensorError(function, "there is no example \(places[Int(wrong)]) among \(rows)")
    }
    return Tensor(target)
  }

  private static func made(_ type: TensorType, _ function: String) throws -> HostLiteral {
    do throws(OperationError) { return try HostLiteral(uninitialized: type) } catch {
      throw TensorError(function, error.message)
    }
  }

  private static func stack(
    _ tensors: [Tensor], _ path: String, _ padding: Double?, _ function: String
  ) throws -> Tensor {
    try evaluate(tensors)
    let sources = try tensors.map { try $0.literal() }
    guard let first = sources.first?.type else { throw TensorError(function, "there are no examples to put together") }
    var sizes = Array(first.shape)
    for (place, source) in sources.enumerated() where source.type != first {
      func differ(_ advice: String) -> TensorError {
        TensorError(
          function,
          "\(named(path)) is \(first) in example 0 of a batch and \(source.type) in example \(place)\(advice)")
      }
      guard source.type.elementType == first.elementType, source.type.shape.rank == sizes.count else {
        throw differ("")
      }
      guard padding != nil else { throw differ(": pad the batch, or bring examples to one size") }
      for (axis, size) in source.type.shape.enumerated() { sizes[axis] = max(sizes[axis], size) }
    }
    let type = TensorType(Shape([sources.count] + sizes), first.elementType)
    guard type.shape.checkedCount != nil else {
      throw TensorError(function, "a batch of \(type) is larger than any memory")
    }
    let target = try made(type, function)
    let rowBytes = type.byteCount / sources.count
    let isRagged = sources.contains { Array($0.type.shape) != sizes }
    let filler = isRagged ? try Tensor(padding ?? 0, first.elementType).literal() : nil
    try target.fill { bytes in
      if let filler { try fill(bytes, with: filler) }
      for (place, source) in sources.enumerated() {
        let row = UnsafeMutableRawBufferPointer(rebasing: bytes[place * rowBytes..<(place + 1) * rowBytes])
        try source.withHostBytes { copy($0, Array(source.type.shape), to: row, sizes, first.elementType.byteCount) }
      }
    }
    return Tensor(target)
  }

  /// Fills memory with one element.
  private static func fill(_ bytes: UnsafeMutableRawBufferPointer, with element: Literal) throws {
    try element.withHostBytes { element in
      var filled = min(element.count, bytes.count)
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: element[..<filled]))
      // Doubling, so that few copies do it.
      while filled < bytes.count {
        let more = min(filled, bytes.count - filled)
        UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<filled + more])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<more]))
        filled += more
      }
    }
  }

  /// Copies a block into the corner of a larger one.
  private static func copy(
    _ source: UnsafeRawBufferPointer, _ shape: [Int], to target: UnsafeMutableRawBufferPointer, _ sizes: [Int],
    _ width: Int
  ) {
    // Where all axes but the first agree, the block is one run.
    guard shape.count > 1, shape.dropFirst() != sizes.dropFirst() else {
      if !source.isEmpty { target.copyMemory(from: source) }
      return
    }
    let from = shape.dropFirst().reduce(width, *)
    let to = sizes.dropFirst().reduce(width, *)
    for index in 0..<shape[0] {
      copy(
        UnsafeRawBufferPointer(rebasing: source[index * from..<(index + 1) * from]), Array(shape.dropFirst()),
        to: UnsafeMutableRawBufferPointer(rebasing: target[index * to..<(index + 1) * to]), Array(sizes.dropFirst()),
        width)
    }
  }
}

import DescentGraph

/// Sums of products over named axes, in Einstein's notation: `einsum("bij,bjk->bik", a, b)` is a batch of products.
///
/// A letter names an axis of each operand in order. Letters that stand before the arrow and not after it are summed
/// over; those that operands share have the same size. A letter that an operand has twice takes its diagonal. `...`
/// stands for further axes, which are repeated to a common shape. Without an arrow, the result has the letters that
/// stand once, in alphabetical order.
///
/// Several operands are multiplied in pairs, each time the pair that takes the fewest multiplications. A mistake in the
/// text is reported with its column.
/// - Complexity: that of the products, and O(operands³) to find their order.
public func einsum(_ specification: String, _ operands: Tensor...) -> Tensor { einsum(specification, operands) }

/// Sums of products over named axes, in Einstein's notation, of any number of operands.
public func einsum(_ specification: String, _ operands: [Tensor]) -> Tensor {
  .calling {
    if let failed = operands.first(where: { $0.error != nil }) { return failed }
    do throws(EinsumSpecification.Mistake) {
      let parsed = try EinsumSpecification(specification)
      guard parsed.operands.count == operands.count else {
        return .failure(
          "einsum",
          "\"\(specification)\" is for \(parsed.operands.count) operand\(parsed.operands.count == 1 ? "" : "s"),"
            + " not \(operands.count)")
      }
      var contraction = try Contraction(parsed, operands)
      return contraction.result()
    } catch {
      return .failure("einsum", "column \(error.column) of \"\(specification)\": \(error.message)")
    }
  }
}

/// The name of an axis: a letter, or the place of an axis that an ellipsis stands for, counted from the last.
private enum AxisName: Hashable {
  case letter(Character)
  case further(Int)
}

/// A tensor whose axes have names, each its own.
private struct NamedTensor {
  var tensor: Tensor
  var names: [AxisName]

  func axis(_ name: AxisName) -> Int? { names.firstIndex(of: name) }

  /// The sum over axes that are not wanted.
  func keeping(_ wanted: Set<AxisName>) -> NamedTensor {
    let axes = names.indices.filter { !wanted.contains(names[$0]) }
    if axes.isEmpty { return self }
    return NamedTensor(tensor: tensor.sum(axes: axes), names: names.filter(wanted.contains))
  }

  /// The diagonal wherever two axes have the same name.
  func withoutRepetition() -> NamedTensor {
    for (second, name) in names.enumerated() {
      guard let first = names[..<second].firstIndex(of: name) else { continue }
      let type = TensorType(tensor.shape, .int32)
      let isEqual = Tensor.record(
        Compare(.equal),
        [.record(Iota(type: type, axis: first), []), .record(Iota(type: type, axis: second), [])])
      let zeros = Tensor(zeros: tensor.shape, tensor.elementType)
      var rest = names
      rest.remove(at: second)
      let diagonal = `where`(isEqual, tensor, zeros).sum(axes: [second])
      return NamedTensor(tensor: diagonal, names: rest).withoutRepetition()
    }
    return self
  }
}

private struct Contraction {
  private var factors: [NamedTensor] = []
  private let wanted: [AxisName]
  private var sizes: [AxisName: Int] = [:]

  init(_ parsed: EinsumSpecification, _ operands: [Tensor]) throws(EinsumSpecification.Mistake) {
    var furtherCount = 0
    for (term, operand) in zip(parsed.operands, operands) {
      let further = operand.rank - term.indices.count
      guard term.ellipsis == nil ? further == 0 : further >= 0 else {
        let least = term.ellipsis == nil ? "" : "at least "
        throw EinsumSpecification.Mistake(
          column: term.column,
          message: "names \(least)\(term.indices.count) ax\(term.indices.count == 1 ? "is" : "es") of a tensor"
            + " \(operand.shape), which has \(operand.rank)")
      }
      furtherCount = max(furtherCount, further)
      factors.append(NamedTensor(tensor: operand, names: Self.names(term, further: further)))
    }
    wanted = Self.names(parsed.result, further: parsed.result.ellipsis == nil ? 0 : furtherCount)
    try findSizes(parsed, operands)
    for index in factors.indices {
      factors[index] = squeezed(factors[index]).withoutRepetition()
    }
  }

  private static func names(_ term: EinsumSpecification.Term, further: Int) -> [AxisName] {
    var names = term.indices.map(AxisName.letter)
    if let place = term.ellipsis {
      names.insert(contentsOf: (0..<further).reversed().map(AxisName.further), at: place)
    }
    return names
  }

  private mutating func findSizes(
    _ parsed: EinsumSpecification, _ operands: [Tensor]
  ) throws(EinsumSpecification.Mistake) {
    for (factor, term) in zip(factors, parsed.operands) {
      for (axis, name) in factor.names.enumerated() {
        let size = factor.tensor.shape[axis]
        guard let known = sizes[name], known != size else {
          sizes[name] = size
          continue
        }
        if case .letter(let letter) = name {
          let column = term.indices.lastIndex(of: letter).map { term.columns[$0] } ?? term.column
          throw EinsumSpecification.Mistake(
            column: column,
            message: "\(letter) has size \(size) in \(factor.tensor.shape) and \(known) before")
        }
        guard known == 1 || size == 1 else {
          throw EinsumSpecification.Mistake(
            column: term.column,
            message: "the further axes of \(operands.map { "\($0.shape)" }.joined(separator: " and ")) do not fit")
        }
        sizes[name] = known == 1 ? size : known
      }
    }
  }

  /// Without those further axes that are to be repeated: a product repeats what lacks an axis.
  private func squeezed(_ factor: NamedTensor) -> NamedTensor {
    let axes = factor.names.indices.filter {
      factor.tensor.shape[$0] == 1 && sizes[factor.names[$0]] != 1
    }
    if axes.isEmpty { return factor }
    return NamedTensor(
      tensor: factor.tensor.reshaped(factor.tensor.shape.removing(axes: axes)),
      names: factor.names.indices.filter { !axes.contains($0) }.map { factor.names[$0] })
  }

  mutating func result() -> Tensor {
    for index in factors.indices { factors[index] = factors[index].keeping(needed(without: [index])) }
    while factors.count > 1 {
      let (first, second) = cheapestPair()
      let product = product(factors[first], factors[second], keeping: needed(without: [first, second]))
      factors.remove(at: second)
      factors[first] = product
    }
    let (tensor, names) = (factors[0].tensor, factors[0].names)
    if tensor.error != nil { return tensor }
    let order = wanted.compactMap { names.firstIndex(of: $0) }
    return order == Array(names.indices) ? tensor : tensor.transposed(order)
  }

  /// The names that the result or a factor other than the given ones has.
  private func needed(without excluded: [Int]) -> Set<AxisName> {
    var names = Set(wanted)
    for (index, factor) in factors.enumerated() where !excluded.contains(index) { names.formUnion(factor.names) }
    return names
  }

  /// The pair whose product takes the fewest multiplications.
  private func cheapestPair() -> (Int, Int) {
    var (best, pair) = (Double.infinity, (0, 1))
    for second in factors.indices {
      for first in 0..<second {
        let names = Set(factors[first].names).union(factors[second].names)
        let cost = names.reduce(1.0) { $0 * Double(sizes[$1] ?? 1) }
        if cost < best { (best, pair) = (cost, (first, second)) }
      }
    }
    return pair
  }

  private func product(_ a: NamedTensor, _ b: NamedTensor, keeping: Set<AxisName>) -> NamedTensor {
    let shared = a.names.filter { b.names.contains($0) }
    let (batch, summed) = (shared.filter(keeping.contains), shared.filter { !keeping.contains($0) })
    let dot = Dot(
      leftBatch: batch.compactMap(a.axis), rightBatch: batch.compactMap(b.axis),
      leftContracted: summed.compactMap(a.axis), rightContracted: summed.compactMap(b.axis))
    let names = batch + a.names.filter { !shared.contains($0) } + b.names.filter { !shared.contains($0) }
    return NamedTensor(tensor: .record(dot, [a.tensor, b.tensor]), names: names)
  }
}

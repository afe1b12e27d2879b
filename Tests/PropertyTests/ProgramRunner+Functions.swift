import DescentGraph
import DescentTensors

/// Functions whose values stay within a few units, so that neither overflow nor cancellation hides a wrong answer.
extension ProgramRunner {
  /// A step's value, and what was done in words.
  func apply(_ step: Step, _ operands: [Tensor], _ scope: [Int: Tensor]) throws -> (Tensor, String) {
    let (x, y) = (operands[0], operands[operands.count - 1])
    let numbers = step.numbers
    switch step.form {
    case .elementwise: return elementwise(x, numbers)
    case .combined: return combined(x, y, numbers)
    case .moved: return moved(x, numbers)
    case .reduced: return reduced(x, numbers)
    case .joined: return joined(x, y, numbers)
    case .contracted: return contracted(x, y, numbers)
    case .indexed: return indexed(x, y, numbers)
    case .stopped: return (stopGradient(x), "stopGradient")
    default: return try transformed(step, x, y, scope)
    }
  }

  private func elementwise(_ x: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    switch numbers[0] % 20 {
    case 0: (tanh(x), "tanh")
    case 1: (sin(x), "sin")
    case 2: (sigmoid(x), "sigmoid")
    case 3: (exp(-abs(x)), "exp(-abs)")
    case 4: (log1p(square(x)), "log1p(square)")
    case 5: (erf(x), "erf")
    case 6: (rsqrt(square(x) + 1), "rsqrt(1 + square)")
    case 7: (0.5 * x, "half")
    case 8: (relu(x - 0.1), "relu(· - 0.1)")
    case 9: (softplus(x) - 0.5, "softplus - 0.5")
    case 10: (gelu(x, .exact), "gelu")
    case 11: (abs(x), "abs")
    case 12: (x - 0.5 * floor(1.7 * x + 0.3), "· - floor(1.7 · + 0.3) / 2")
    case 13: (`where`(x .> 0.05, x, -0.5 * x), "where(· > 0.05, ·, -· / 2)")
    case 14: (cbrt(square(x) + 0.5), "cbrt(square + 0.5)")
    case 15: (-x, "minus")
    case 16: (asinh(x), "asinh")
    case 17: (pow(sin(x) + 1.5, -2), "pow(sin + 1.5, -2)")
    case 18: (tanh(x).named("kept"), "tanh, named kept")
    default: (x.clamped(-0.83, 0.91), "clamped")
    }
  }

  private func combined(_ x: Tensor, _ other: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    var y = other.fitted(to: x.shape)
    // Repeated along some axes, as a bias is.
    let axes = x.shape.indices.filter { numbers[1] >> $0 & 3 == 0 }
    if !axes.isEmpty { y = tanh(y.sum(axes: axes, keepingAxes: true)) }
    let note = axes.isEmpty ? "" : " (second one tanh of its sums over \(axes))"
    let (value, words): (Tensor, String) =
      switch numbers[0] % 10 {
      case 0: (sin(x + y), "sin of sum")
      case 1: (x - y, "difference")
      case 2: (tanh(x * y), "tanh of product")
      case 3: (x / (square(y) + 1), "· / (1 + square)")
      case 4: (maximum(x, y), "maximum")
      case 5: (`where`(x .< y + 0.07, x, 0.5 * y), "where(· < ·, ·, half)")
      case 6: (pow(square(x) + 0.5, tanh(y)), "pow(0.5 + square, tanh)")
      case 7: (atan2(x, square(y) + 0.7), "atan2(·, 0.7 + square)")
      case 8: (logAddExp(x, y), "logAddExp")
      default: (0.5 * x + 0.5 * x * y, "half of · + product")
      }
    return (value, words + note)
  }

  private func moved(_ x: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    let rank = x.rank
    let axis = rank == 0 ? 0 : numbers[1] % rank
    switch numbers[0] % (rank == 0 ? 3 : 11) {
    case 0: return (x.reshaped([x.count]), "flattened")
    case 1: return (x.expanded(axis: numbers[1] % (rank + 1)), "expanded at \(numbers[1] % (rank + 1))")
    case 2:
      let shape = Shape([1 + numbers[1] % 3] + x.shape.sizes)
      return (x.broadcast(to: shape), "broadcast to \(shape)")
    case 3:
      let order = (0..<rank).map { ($0 + numbers[1]) % rank }
      return (x.transposed(order), "transposed \(order)")
    case 4: return (x.reversed(axes: [axis]), "reversed \(axis)")
    case 5:
      let start = numbers[2] % (x.shape[axis] + 1)
      let end = start + numbers[3] % (x.shape[axis] - start + 1)
      return (x.sliced(start..<end, axis: axis), "slice \(start)..<\(end) of axis \(axis)")
    case 6:
      let step = 2 + numbers[2] % 2
      return (x.moved(axis, to: 0)[.strided(by: step)].moved(0, to: axis), "every \(step) of axis \(axis)")
    case 7:
      let low = (0..<rank).map { (numbers[2] >> $0) % 3 }
      let high = (0..<rank).map { (numbers[3] >> $0) % 2 }
      return (x.padded(low: low, high: high, with: Double(numbers[1] % 2) * 0.5), "padded \(low) \(high)")
    case 8: return (x.rolled(by: numbers[2] % 5, axis: axis), "rolled by \(numbers[2] % 5) along \(axis)")
    case 9: return (x.repeated(2, axis: axis), "repeated twice along \(axis)")
    default:
      let counts = (0..<rank).map { $0 == axis ? 2 : 1 }
      return (x.tiled(counts), "tiled \(counts)")
    }
  }

  private func reduced(_ x: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    let axes = x.shape.indices.filter { numbers[1] >> $0 & 1 == 1 }
    // The extreme or mean of nothing is not finite, and would spread.
    if x.count == 0 || x.rank == 0 || axes.isEmpty { return (tanh(x.sum(axes: axes)), "tanh of sum over \(axes)") }
    let isKept = numbers[2] % 2 == 0
    let axis = numbers[2] % x.rank
    switch numbers[0] % 13 {
    case 0: return (tanh(x.sum(axes: axes, keepingAxes: isKept)), "tanh of sum over \(axes)")
    case 1: return (x.max(axes: axes, keepingAxes: isKept), "maximum over \(axes)")
    case 2: return (x - x.min(axes: axes, keepingAxes: true), "less its minimum over \(axes)")
    case 3: return (x.mean(axes: axes, keepingAxes: isKept), "mean over \(axes)")
    case 4: return (tanh(x.product(axes: axes, keepingAxes: isKept)), "tanh of product over \(axes)")
    case 5: return (logSumExp(x, axes: axes, keepingAxes: isKept), "logSumExp over \(axes)")
    case 6: return (softmax(x, axis: axis), "softmax along \(axis)")
    case 7: return (tanh(x.variance(axes: axes, keepingAxes: isKept)), "tanh of variance over \(axes)")
    case 8: return (sin(x.cumulativeSum(axis: axis, reversed: isKept)), "sin of cumulative sum along \(axis)")
    case 9: return (tanh(x.cumulativeProduct(axis: axis)), "tanh of cumulative product along \(axis)")
    case 10: return (x.cumulativeMax(axis: axis, reversed: isKept), "cumulative maximum along \(axis)")
    case 11: return (x.cumulativeLogSumExp(axis: axis), "cumulative logSumExp along \(axis)")
    default: return ((x + 0.3).norm(axes: axes, keepingAxes: isKept), "norm of · + 0.3 over \(axes)")
    }
  }

  private func joined(_ x: Tensor, _ y: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    guard x.rank > 0 else { return (stacked([x, y.fitted(to: x.shape)]), "stacked") }
    let axis = numbers[1] % x.rank
    switch numbers[0] % 3 {
    case 0: return (concatenated([x, y.fitted(to: x.shape)], axis: axis), "concatenated along \(axis)")
    case 1: return (stacked([y.fitted(to: x.shape), x], axis: axis), "stacked at \(axis)")
    default:
      let cut = numbers[2] % (x.shape[axis] + 1)
      let parts = x.split([cut, x.shape[axis] - cut], axis: axis)
      return (concatenated([sin(parts[1]), 0.5 * parts[0]], axis: axis), "halves at \(cut) of axis \(axis), exchanged")
    }
  }

  private func contracted(_ x: Tensor, _ y: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    for left in x.shape.indices.reversed() {
      for right in y.shape.indices where x.shape[left] == y.shape[right] && x.shape[left] > 0 {
        if numbers[0] % 4 == 0 { continue }
        return (tanh(tensordot(x, y, axes: ([left], [right]))), "tanh of tensordot over \(left), \(right)")
      }
    }
    if x.rank >= 2, numbers[0] % 2 == 0 {
      return (tanh(matmul(x, x.swapped(-1, -2))), "tanh of product with its transpose")
    }
    if x.rank >= 1, x.count > 0, numbers[0] % 3 == 0 {
      let signal = x.reshaped([1, x.count, 1])
      let size = 1 + numbers[1] % min(3, x.count)
      let filter = y.fitted(to: [size]).reshaped([size, 1, 1])
      return (tanh(convolution(signal, filter)).reshaped([-1]), "tanh of convolution with \(size) numbers")
    }
    return (tanh(outer(x.first(10), y.first(10))), "tanh of outer product of the first ten")
  }

  private func indexed(_ x: Tensor, _ y: Tensor, _ numbers: [Int]) -> (Tensor, String) {
    guard x.count > 0, x.rank > 0 else { return (sin(x), "sin") }
    let axis = numbers[1] % x.rank
    let size = x.shape[axis]
    let places = (0..<3).map { (numbers[2] / (1 << (3 * $0))) % size }
    let indices = Tensor(integers: places)
    switch numbers[0] % 7 {
    case 0: return (x.taken(indices, axis: axis), "taken \(places) along \(axis)")
    case 1: return (x.sorted(axis: axis, descending: numbers[2] % 2 == 0), "sorted along \(axis)")
    case 2:
      let count = 1 + numbers[2] % size
      return (x.topK(count, axis: axis).values, "top \(count) along \(axis)")
    case 3:
      let hot = x.argMax(axis: axis).oneHot(count: size, float)
      return (x.scalar * hot, "scalar times one-hot argmax along \(axis)")
    case 4:
      // A start that is computed, as in a decoder's cache.
      let start = `where`(x.sum() .> 0.03, Tensor(integers: [0], shape: []), Tensor(integers: [size - 1], shape: []))
      let part = y.fitted(to: x.sliced(0..<1, axis: axis).shape)
      return (x.replacing(from: start.reshaped([1]), with: part, axes: [axis]), "part of axis \(axis) replaced")
    case 5:
      let start = `where`(x.sum() .> 0.03, Tensor(integers: [size], shape: []), Tensor(integers: [0], shape: []))
      let sizes = x.shape.enumerated().map { $0 == axis ? 1 + numbers[2] % size : $1 }
      return (x.sliced(from: start.reshaped([1]), sizes: [sizes[axis]], axes: [axis]), "computed slice of axis \(axis)")
    default:
      let rows = x.moved(axis, to: 0)
      let updates = y.fitted(to: Shape([3] + rows.shape.sizes.dropFirst()))
      return (tanh(rows.scattered(updates, at: indices)), "tanh with rows added at \(places) of axis \(axis)")
    }
  }
}

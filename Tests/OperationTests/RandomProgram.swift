import DescentGraph

/// A graph made by chance: elementwise functions, moves of axes, parts, reductions, products, choices.
///
/// Values stay within a few units, so that neither overflow nor cancellation hides a wrong answer.
struct RandomProgram {
  private var random: SplitMix64
  private let builder = GraphBuilder()
  private var values: [Symbol] = []
  private(set) var arguments: [ReferenceArray] = []
  private let operands: Operands

  init(seed: UInt64, _ float: ElementType) {
    random = SplitMix64(state: seed)
    operands = Operands(float: float)
    for _ in 0..<3 {
      let shape = Shape((0..<below(4)).map { _ in [1, 2, 3, 5][below(4)] })
      arguments.append(operands.spread(shape, -1.2...1.2, salt: seed &+ UInt64(arguments.count)))
      values.append(builder.input(TensorType(shape, float)))
    }
  }

  /// Writes nodes and gives the last few of them as outputs.
  mutating func graph(nodes: Int) throws -> Graph {
    for _ in 0..<nodes { step() }
    return try builder.graph(outputs: Array(values.suffix(3)))
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
  private mutating func coin() -> Bool { below(2) == 0 }

  /// A value written before, mostly one of the last.
  private mutating func pick() -> Symbol {
    coin() ? values[below(values.count)] : values[max(0, values.count - 1 - below(4))]
  }

  /// A value written before that has the shape of another, or one made to have it.
  private mutating func partner(of x: Symbol) -> Symbol {
    let alike = values.filter { $0.shape == x.shape }
    if !alike.isEmpty, below(4) > 0 { return alike[below(alike.count)] }
    let kept = x.shape.indices.filter { _ in coin() }
    guard kept.count < x.shape.rank else { return x }
    let source = x.sum(axes: x.shape.indices.filter { !kept.contains($0) }).apply(Tanh())
    return source.broadcast(x.shape, axes: kept)
  }

  private mutating func step() {
    let x = pick()
    let result =
      switch below(8) {
      case 0, 1: unary(x)
      case 2, 3: binary(x)
      case 4, 5: moved(x)
      case 6: reduced(x)
      default: joined(x)
      }
    values.append(result.shape.count > 400 ? result.sum(axes: Array(result.shape.indices)).apply(Tanh()) : result)
  }

  private mutating func unary(_ x: Symbol) -> Symbol {
    switch below(9) {
    case 0: x.apply(Tanh())
    case 1: x.apply(Sin())
    case 2: x.apply(Logistic())
    case 3: x.apply(Negate()).apply(Abs()).apply(Negate()).apply(Exp())
    case 4: x.apply(Square()).apply(Log1p())
    case 5: x.apply(Erf())
    case 6: (x.apply(Square()) + 1).apply(Rsqrt())
    case 7: 0.5 * x
    default: x.apply(Compare(.greater), x.zeros).converted(to: x.type.elementType)
    }
  }

  private mutating func binary(_ x: Symbol) -> Symbol {
    let y = partner(of: x)
    switch below(7) {
    case 0: return (x + y).apply(Sin())
    case 1: return x - y
    case 2: return (x * y).apply(Tanh())
    case 3: return x / (y.apply(Square()) + 1)
    case 4: return x.apply(Maximum(), y)
    case 5: return x.selected(where: x.apply(Compare(.less), y), otherwise: 0.5 * y)
    default: return x + x
    }
  }

  private mutating func moved(_ x: Symbol) -> Symbol {
    let rank = x.shape.rank
    switch below(7) {
    case 0: return x.transposed(Array(0..<rank).shuffled(using: &random))
    case 1: return x.reshaped([x.shape.count])
    case 2: return x.reshaped(Shape([1] + x.shape.sizes + [1]))
    case 3: return x.broadcast(leading: 1 + below(3))
    case 4: return x.apply(Reverse(axes: Array(0..<rank).filter { _ in coin() }))
    case 5:
      let starts = x.shape.map { below($0 + 1) }
      let limits = zip(starts, x.shape).map { $0 + below($1 - $0 + 1) }
      return x.apply(Slice(starts: starts, limits: limits, steps: starts.map { _ in 1 + below(2) }))
    default:
      let low = x.shape.map { _ in below(3) - 1 }
      let interior = x.shape.map { _ in below(2) }
      // As much behind as is needed, lest a size become negative.
      let pad = Pad(low: low, high: low.map { max(-$0, below(3) - 1) }, interior: interior)
      return x.apply(pad, x.builder.constant(coin() ? 0 : 0.5, TensorType([], x.type.elementType)))
    }
  }

  private mutating func reduced(_ x: Symbol) -> Symbol {
    let axes = x.shape.indices.filter { _ in coin() }
    // The extreme of nothing is infinite, and would spread.
    let isEmpty = axes.contains { x.shape[$0] == 0 }
    switch below(isEmpty ? 1 : 3) {
    case 0: return x.sum(axes: axes).apply(Tanh())
    case 1: return x.apply(Reduce(.maximum, axes: axes))
    default: return x - x.apply(Reduce(.minimum, axes: axes)).broadcastBack(x.shape, over: axes)
    }
  }

  private mutating func joined(_ x: Symbol) -> Symbol {
    let y = pick()
    if x.shape.rank > 0, coin() {
      let axis = below(x.shape.rank)
      return builder.emit(Concatenate(axis: axis), [x, partner(of: x)])[0]
    }
    for left in x.shape.indices {
      for right in y.shape.indices where x.shape[left] == y.shape[right] {
        return x.apply(Dot(leftContracted: [left], rightContracted: [right]), y).apply(Tanh())
      }
    }
    return x.apply(Dot(leftContracted: [], rightContracted: []), y)
  }
}

import DescentGraph

extension OperationTable {
  /// Every way that a power is computed: none, by multiplying, by the library, as a reciprocal.
  var integerPowers: [Sample] {
    let exponents = [0, 1, 2, 3, 4, 7, 13, 64, 65, 300, -1, -2, -3, -7, -8, -70]
    let floats = exponents.flatMap { exponent in
      [
        Sample(IntegerPower(exponent), operands.spread([7], 0.7...1.3)),
        Sample(IntegerPower(exponent), operands.spread([3, 2], -1.3 ... -0.7)),
        Sample(IntegerPower(exponent), operands.edges, isSmooth: false),
      ]
    }
    // At 0 all derivatives of whole powers exist.
    let zeros = (0...4).map { Sample(IntegerPower($0), operands.exactly([0, 0.5, -0.5])) }
    let wholes = [0, 1, 2, 3, 7, 64, 65, 300].flatMap { integers(IntegerPower($0)) }
    let shapes: [Shape] = [[], [0, 2], [1, 1, 3], [3, 17]]
    return floats + zeros + wholes + shapes.map { Sample(IntegerPower(5), operands.spread($0)) }
  }

  var polygammas: [Sample] {
    [1, 2, 3, 4].flatMap { unary(Polygamma(order: $0), [0.6...4, -1.8 ... -1.2, 10...30]) }
      + [20, 170].map { Sample(Polygamma(order: $0), operands.spread([5], 2...3), isSmooth: false) }
  }

  /// All quadrants and the axes, far out and near the origin.
  var angles: [Sample] {
    let (y, x) = ([0, 1, 0, -1, 1, 1, -1, -1.0], [1, 0, -1, 0, 1, -1, 1, -1.0])
    return binary(Atan2(), left: 0.2...1.5)
      + [
        Sample(Atan2(), operands.exactly(y), operands.exactly(x), isSmooth: false),
        Sample(Atan2(), operands.exactly([0.5, 1, -1, -1]), operands.exactly([2, -1, 1, -1])),
        Sample(Atan2(), operands.exactly([1, -1, 0]), operands.exactly([0, 0, 2])),
      ]
  }

  var clamps: [Sample] {
    let shapes: [Shape] = [[7], [], [2, 0], [1, 3, 1], [3, 17]]
    let edges = operands.edges
    let ties = [-2, -1, -0.5, 0, 1, 2, 3.0]
    func bounds(_ value: Double, _ count: Int) -> ReferenceArray {
      operands.exactly([Double](repeating: value, count: count))
    }
    return shapes.map {
      Sample(
        Clamp(), operands.spread($0, -1 ... -0.5), operands.spread($0, salt: 2), operands.spread($0, 0.5...1, salt: 3))
    } + [
      Sample(Clamp(), bounds(-1, ties.count), operands.exactly(ties), bounds(1, ties.count), isSmooth: false),
      Sample(Clamp(), bounds(1, ties.count), operands.exactly(ties), bounds(-1, ties.count), isSmooth: false),
      Sample(Clamp(), bounds(-1, edges.type.count), edges, bounds(1, edges.type.count), isSmooth: false),
      Sample(Clamp(), edges, bounds(0.25, edges.type.count), edges, isSmooth: false),
    ]
      + ElementType.allCases.filter(\.isInteger).map { type in
        Sample(
          Clamp(), operands.integers([1, 1, 1, 5, -3], type), operands.integers([0, 2, 9, 2, .min], type),
          operands.integers([3, 3, 3, 3, .max], type))
      }
  }

  var bitcasts: [Sample] {
    let numbers: [Int64] = [0, 1, -1, .min, .max, 0x3f80_0000, 0x4049_0fdb, 0x3c00, 0x3ff0_0000_0000_0000, 77]
    let types = ElementType.allCases.filter { $0 != .bool }
    return types.flatMap { source in
      types.filter { $0.byteCount == source.byteCount }.flatMap { target -> [Sample] in
        if !source.isFloatingPoint {
          // A NaN has many patterns, of which the reference keeps one.
          let plain = target.isFloatingPoint ? [0, 1, 0x3c00, 0x3f80, 77] : numbers
          return [
            Sample(Bitcast(to: target), operands.integers(plain, source)),
            Sample(Bitcast(to: target), operands.integers([7], source, [])),
            Sample(Bitcast(to: target), operands.integers([], source, [2, 0])),
          ]
        }
        let reals = ReferenceArray(TensorType([7], source), reals: [0, -0.0, 1, -1.5, 0.25, .infinity, -.infinity])
        return [Sample(Bitcast(to: target), reals, isSmooth: false)]
      }
    }
  }

  var cumulations: [Sample] {
    let shapes: [(Shape, Int)] = [
      ([7], 0), ([1], 0), ([0], 0), ([0, 3], 1), ([3, 0], 1), ([2, 5], 1), ([5, 2], 0), ([2, 3, 4], 1), ([3, 17], 1),
      ([2, 300], 0),
    ]
    let floats = Cumulative.Kind.allCases.flatMap { kind in
      [false, true].flatMap { isReversed in
        shapes.map { shape, axis in
          Sample(Cumulative(kind, axis: axis, isReversed: isReversed), operands.spread(shape))
        } + [
          Sample(
            Cumulative(kind, axis: 0, isReversed: isReversed), operands.exactly([1, 1, 0, -0.0, .nan, 1]),
            isSmooth: false),
          Sample(
            Cumulative(kind, axis: 0, isReversed: isReversed),
            operands.exactly([-.infinity, -.infinity, 2, 90, 90, -1e4, .infinity, 3]), isSmooth: false),
        ]
      }
    }
    // A product is differentiable where factors are 0, one of them or several.
    let zeros = [[2, 0, 3, 4], [0, 2, 0, 3], [0, 0, 0.0]].map {
      Sample(Cumulative(.product, axis: 0), operands.exactly($0))
    }
    let integers = ElementType.allCases.filter(\.isInteger).flatMap { type in
      [Cumulative.Kind.sum, .product, .maximum, .minimum].flatMap { kind in
        [
          Sample(
            Cumulative(kind, axis: 0, isReversed: kind == .minimum),
            operands.integers([3, -4, 100, 90, .min, .max], type, [3, 2])),
          Sample(Cumulative(kind, axis: 1), operands.integers([3, -4, 100, 90, .min, .max], type, [2, 3])),
        ]
      }
    }
    return floats + zeros + integers
  }

  /// Products with one factor 0 and with several, whose derivatives a quotient would miss. Beside them stand ordinary
  /// ones, which give the differences a scale.
  var productsOfZeros: [Sample] {
    let rows: [Double] = [2, 0, 3, 4, 5, 0, 2, 0, 3, 1, 0, 0, 0, 0, 0, 1, 2, 0.5, 3, 1]
    return [
      Sample(Reduce(.product, axes: [1]), operands.exactly(rows, [4, 5])),
      Sample(Reduce(.product, axes: [0, 2]), operands.exactly([0, 1, 2, 3, 0, 0, 4, 5, 6, 7, 8, 9], [2, 3, 2])),
    ]
  }
}

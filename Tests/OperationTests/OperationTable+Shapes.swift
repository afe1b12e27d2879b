import DescentGraph

extension OperationTable {
  var reshapes: [Sample] {
    let pairs: [(Shape, Shape)] = [
      ([2, 3], [3, 2]), ([6], [1, 6, 1]), ([], [1]), ([1], []), ([0, 3], [5, 0]), ([4], [4]),
    ]
    return pairs.map { Sample(Reshape(shape: $1), operands.spread($0)) }
      + [Sample(Reshape(shape: [4]), operands.booleans([true, false, false, true], [2, 2]))]
  }

  var transposes: [Sample] {
    let cases: [(Shape, [Int])] = [
      ([2, 3], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, 2, 1]), ([2, 1, 3, 2], [3, 1, 0, 2]), ([], []),
      ([5], [0]), ([0, 2], [1, 0]),
    ]
    return cases.map { Sample(Transpose(permutation: $1), operands.spread($0)) }
      + [Sample(Transpose(permutation: [1, 0]), operands.integers([1, 2, 3, 4, 5, 6], .int8, [2, 3]))]
  }

  var broadcasts: [Sample] {
    let cases: [(Shape, Shape, [Int])] = [
      ([], [3], []), ([], [], []), ([3], [2, 3], [1]), ([3], [3, 2], [0]), ([2, 3], [2, 4, 3], [0, 2]),
      ([1], [5, 1], [1]), ([0], [0, 2], [0]), ([2], [0, 2], [1]), ([2, 3], [2, 3], [0, 1]),
    ]
    return cases.map { Sample(Broadcast(shape: $1, axes: $2), operands.spread($0)) }
      + [Sample(Broadcast(shape: [2, 2], axes: [1]), operands.booleans([true, false]))]
  }

  var reversals: [Sample] {
    let cases: [(Shape, [Int])] = [
      ([5], [0]), ([2, 3], [1]), ([2, 3], [0, 1]), ([2, 3], []), ([], []), ([0, 2], [0]),
    ]
    return cases.map { Sample(Reverse(axes: $1), operands.spread($0)) }
      + [Sample(Reverse(axes: [0]), operands.integers([1, 2, 3], .uint16))]
  }

  var concatenations: [Sample] {
    let cases: [([Shape], Int)] = [
      ([[2], [3]], 0), ([[2, 3], [2, 1], [2, 2]], 1), ([[1, 2], [2, 2]], 0), ([[0], [2]], 0), ([[3]], 0),
      ([[0, 2], [0, 3]], 1),
    ]
    return cases.map { shapes, axis in
      let parts = shapes.indices.map { operands.spread(shapes[$0], salt: UInt64($0) + 1) }
      return Sample(Concatenate(axis: axis), operands: parts)
    } + [Sample(Concatenate(axis: 0), operands.booleans([true]), operands.booleans([false, true]))]
  }

  /// Padding outwards, inwards and between, and all of them together.
  var pads: [Sample] {
    let cases: [(Shape, [Int], [Int], [Int])] = [
      ([3], [1], [2], [0]), ([4], [-1], [-2], [0]), ([3], [0], [0], [2]), ([2, 3], [1, 0], [0, 2], [1, 0]),
      ([2, 3], [-1, 1], [2, -2], [0, 1]), ([], [], [], []), ([0], [2], [1], [3]), ([1], [0], [0], [5]),
      ([4], [-3], [3], [1]), ([3], [-5], [4], [0]), ([2], [3], [-4], [0]), ([5, 1], [-1, 0], [1, -1], [0, 0]),
      ([4], [-2], [-3], [2]),
    ]
    return cases.map { shape, low, high, interior in
      Sample(
        Pad(low: low, high: high, interior: interior), operands.spread(shape), operands.exactly([0.7], []))
    } + [
      Sample(Pad(low: [1], high: [1]), operands.integers([1, 2], .int32), operands.integers([-9], .int32, [])),
      Sample(Pad(low: [1], high: [1]), operands.booleans([false]), operands.booleans([true], [])),
      Sample(
        Pad(low: [1], high: [0]), operands.exactly([1, .nan]), operands.exactly([.infinity], []), isSmooth: false),
    ]
  }

  var slices: [Sample] {
    let cases: [(Shape, [Int], [Int], [Int])] = [
      ([5], [1], [4], [1]), ([7], [1], [7], [2]), ([7], [0], [7], [3]), ([5], [2], [2], [1]), ([], [], [], []),
      ([3, 4], [1, 0], [3, 4], [1, 3]), ([0, 2], [0, 1], [0, 2], [1, 1]), ([4], [0], [4], [100]), ([6], [5], [6], [4]),
    ]
    return cases.map { shape, starts, limits, steps in
      Sample(Slice(starts: starts, limits: limits, steps: steps), operands.spread(shape))
    } + [Sample(Slice(starts: [1], limits: [3]), operands.booleans([true, false, true, true]))]
  }

  var reductions: [Sample] {
    let shapes: [(Shape, [Int])] = [
      ([5], [0]), ([2, 3], [1]), ([2, 3], [0]), ([2, 3], [0, 1]), ([2, 3, 4], [0, 2]), ([2, 3], []), ([], []),
      ([0, 3], [0]), ([3, 0], [0]), ([1, 4], [0]), ([3, 17], [1]),
    ]
    let reducers: [Reduce.Reducer] = [.sum, .product, .maximum, .minimum]
    let floats = reducers.flatMap { reducer in
      // The extreme of nothing is infinite, and has no differences.
      shapes.map {
        Sample(
          Reduce(reducer, axes: $1), operands.spread($0), isSmooth: [.sum, .product].contains(reducer) || $0 != [0, 3])
      }
        + [
          Sample(
            Reduce(reducer, axes: [1]),
            operands.exactly([1, 1, 0, .nan, 1, 2, .infinity, 1, -.infinity, -0.0, 0, 0], [4, 3]), isSmooth: false)
        ]
    }
    let integers = ElementType.allCases.filter(\.isInteger).flatMap { type in
      reducers.flatMap { reducer in
        [
          Sample(Reduce(reducer, axes: [0]), operands.integers([3, -4, 100, 90, .min, .max], type, [3, 2])),
          Sample(Reduce(reducer, axes: [0]), operands.integers([], type, [0, 2])),
        ]
      }
    }
    let booleans = [Reduce.Reducer.and, .or].flatMap { reducer in
      [
        Sample(Reduce(reducer, axes: [1]), operands.booleans([true, true, true, false, false, false], [3, 2])),
        Sample(Reduce(reducer, axes: [0]), operands.booleans([], [0, 2])),
      ]
    }
    return floats + integers + booleans
  }

  var searches: [Sample] {
    [ArgReduce.Extreme.argMaximum, .argMinimum].flatMap { extreme -> [Sample] in
      [
        Sample(ArgReduce(extreme, axis: 0), operands.spread([6])),
        Sample(ArgReduce(extreme, axis: 1), operands.spread([2, 5, 3])),
        Sample(ArgReduce(extreme, axis: 0), operands.spread([1, 3])),
        Sample(ArgReduce(extreme, axis: 1), operands.spread([0, 3])),
        Sample(ArgReduce(extreme, axis: 1), operands.exactly([1, 2, 2, .nan, 1, .nan, -0.0, 0, 0], [3, 3])),
        Sample(ArgReduce(extreme, axis: 0), operands.integers([1 << 53, 1 << 53 + 1, 1 << 53 - 1], .int64)),
        Sample(ArgReduce(extreme, axis: 0), operands.integers([1, -1, 0], .uint64)),
        Sample(ArgReduce(extreme, axis: 0), operands.integers([1, -1, 0, 1], .int8)),
      ]
    }
  }
}

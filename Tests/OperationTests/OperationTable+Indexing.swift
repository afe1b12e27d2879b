import DescentGraph

extension OperationTable {
  /// Parts inside, and parts that are moved inside from either end.
  var dynamicSlices: [Sample] {
    let cases: [(Shape, [Int], [Int], [Int64])] = [
      ([7], [0], [3], [2]), ([7], [0], [3], [-4]), ([7], [0], [3], [100]), ([4, 5], [0, 1], [2, 3], [1, 4]),
      ([4, 5], [1], [1], [3]), ([3, 4, 2], [1], [2], [1]), ([3, 4, 2], [2, 0], [1, 2], [1, 1]), ([], [], [], []),
      ([5], [0], [0], [2]), ([5], [0], [5], [1]), ([0, 3], [1], [2], [1]), ([3, 67], [0], [2], [1]),
    ]
    return cases.map { shape, axes, sizes, starts in
      Sample(DynamicSlice(axes: axes, sizes: sizes), operands.spread(shape), operands.integers(starts, .int32))
    } + [
      Sample(
        DynamicSlice(axes: [0], sizes: [2]), operands.booleans([true, false, false]), operands.integers([2], .uint8)),
      Sample(
        DynamicSlice(axes: [0], sizes: [2]), operands.integers([5, 6, 7], .int64), operands.integers([-1], .uint64)),
    ]
  }

  var dynamicUpdateSlices: [Sample] {
    let cases: [(Shape, [Int], Shape, [Int64])] = [
      ([7], [0], [3], [2]), ([7], [0], [3], [-4]), ([7], [0], [3], [100]), ([4, 5], [0, 1], [2, 3], [1, 4]),
      ([4, 5], [1], [4, 1], [3]), ([3, 4, 2], [2, 0], [2, 4, 1], [0, 1]), ([], [], [], []), ([5], [0], [0], [2]),
      ([5], [0], [5], [1]), ([0, 3], [1], [0, 2], [1]), ([3, 67], [0], [2, 67], [1]),
    ]
    return cases.map { shape, axes, part, starts in
      Sample(
        DynamicUpdateSlice(axes: axes), operands.spread(shape), operands.integers(starts, .int64),
        operands.spread(part, salt: 5))
    } + [
      Sample(
        DynamicUpdateSlice(axes: [0]), operands.booleans([true, false, false]), operands.integers([2], .int8),
        operands.booleans([true]))
    ]
  }

  /// Ways to address parts: the tensor, the indices' shape and the geometry. Along an axis, by vectors, in batches, with
  /// windows that overlap, with the places before, among and after the other axes.
  private var geometries: [(Shape, Shape, IndexGeometry)] {
    let ways: [(Shape, Shape, IndexGeometry)] = [
      ([5], [4, 1], IndexGeometry(axes: [0])),
      ([5, 3], [4, 1], IndexGeometry(axes: [0])),
      ([5, 3], [2, 3, 1], IndexGeometry(axes: [0])),
      ([3, 5], [4, 1], IndexGeometry(axes: [1], position: 1)),
      ([2, 5, 3], [4, 1], IndexGeometry(axes: [1], position: 1)),
      ([2, 5, 3], [4, 1], IndexGeometry(axes: [1], position: 3)),
      ([4, 5], [6, 2], IndexGeometry(axes: [0, 1])),
      ([4, 2, 5], [3, 2], IndexGeometry(axes: [2, 0], position: 1)),
      ([3, 5], [3, 4, 1], IndexGeometry(batch: 1, axes: [1])),
      ([3, 5, 2], [3, 4, 1], IndexGeometry(batch: 1, axes: [1])),
      ([2, 3, 5], [2, 3, 4, 1], IndexGeometry(batch: 2, axes: [2])),
      ([2, 4, 5], [2, 1], IndexGeometry(batch: 1, axes: [1], sizes: [2])),
      ([2, 4, 5], [2, 3, 1], IndexGeometry(batch: 1, axes: [2], position: 1)),
      ([6], [4, 1], IndexGeometry(axes: [0], sizes: [3])),
      ([4, 5], [3, 2], IndexGeometry(axes: [0, 1], sizes: [2, 3])),
      ([4, 5], [3, 1], IndexGeometry(axes: [1], sizes: [2], position: 2)),
      ([4, 70], [9, 1], IndexGeometry(axes: [0])),
      ([3], [1], IndexGeometry(axes: [0])),
      ([3], [4, 0], IndexGeometry(axes: [])),
      ([3, 0], [4, 1], IndexGeometry(axes: [0])),
      ([3, 2], [0, 1], IndexGeometry(axes: [0])),
      ([2, 3], [4, 1], IndexGeometry(axes: [0], sizes: [0])),
    ]
    return ways.flatMap { tensor, indices, way in
      [IndexGeometry.Outside.clamped, .dropped].map { outside in
        let geometry = IndexGeometry(
          batch: way.batch, axes: way.axes, sizes: way.sizes, position: way.position, outside: outside)
        return (tensor, indices, geometry)
      }
    }
  }

  /// Index vectors some of which meet, and some of which lie outside.
  private func indices(_ shape: Shape, _ type: ElementType = .int32, salt: UInt64 = 3) -> ReferenceArray {
    var random = SplitMix64(state: salt &+ UInt64(shape.count))
    return operands.integers((0..<shape.count).map { _ in Int64(random.next() % 8) - 1 }, type, shape)
  }

  var gathers: [Sample] {
    let floats = geometries.map { tensor, places, geometry in
      Sample(Gather(geometry), operands.spread(tensor), indices(places))
    }
    let rows = IndexGeometry(axes: [0])
    let types = ElementType.allCases.filter(\.isInteger).flatMap { type in
      [
        Sample(Gather(rows), operands.integers([1, -2, 3, 4, 5, 6], type, [3, 2]), indices([4, 1])),
        Sample(Gather(rows), operands.integers([1, 2, 3], .int16), operands.integers([2, -1, 0, 100], type, [4, 1])),
      ]
    }
    return floats + types + [
      Sample(Gather(rows), operands.booleans([true, false]), operands.integers([1, 1, 0], .int32, [3, 1])),
      Sample(Gather(rows), operands.edges, indices([30, 1]), isSmooth: false),
    ]
  }

  /// Kinks, where an update ties with what it meets, lie away from the samples; products also have factors that are 0.
  var scatters: [Sample] {
    let floats = geometries.flatMap { tensor, places, geometry in
      ScatterCombination.allCases.map { combination in
        let updates = geometry.gathered(from: tensor, at: places)
        return Sample(
          Scatter(combination, geometry), operands.spread(tensor), indices(places), operands.spread(updates, salt: 9))
      }
    }
    let rows = IndexGeometry(axes: [0])
    let many = operands.integers((0..<300).map { Int64($0 * $0 % 7) }, .int32, [300, 1])
    let dense = ScatterCombination.allCases.flatMap { combination in
      [
        Sample(
          Scatter(combination, rows), operands.spread([7]), many, operands.spread([300, 1], salt: 9), isSmooth: false),
        Sample(
          Scatter(combination, rows), operands.spread([7, 40]), many, operands.spread([300, 1, 40], salt: 9),
          isSmooth: false),
      ]
    }
    let places = operands.integers([0, 2, 2, 1, 0, 5, -1], .int32, [7, 1])
    let integers = ElementType.allCases.filter(\.isInteger).flatMap { type in
      ScatterCombination.allCases.map { combination in
        Sample(
          Scatter(combination, IndexGeometry(axes: [0], outside: .dropped)),
          operands.integers([3, -4, 100], type), places,
          operands.integers([90, .max, -7, 2, .min, 1, 1], type, [7, 1]))
      }
    }
    let products = [
      [0, 0, 0.5], [0, 1.5, -1], [1, 0, 0], [0.7, 0, -1],
    ].map { factors in
      Sample(
        Scatter(.multiply, rows), operands.exactly([factors[0], 2]), operands.integers([0, 0, 1], .int32, [3, 1]),
        operands.exactly([factors[1], factors[2], -0.5], [3, 1]))
    }
    return floats + dense + integers + products + [
      Sample(
        Scatter(.set, rows), operands.booleans([true, false]), operands.integers([1, 1], .int32, [2, 1]),
        operands.booleans([false, true], [2, 1])),
      Sample(
        Scatter(.maximum, rows), operands.exactly([1, .nan, -.infinity, 0]),
        operands.integers([0, 1, 2, 3, 0], .int32, [5, 1]), operands.exactly([.nan, 3, 2, -0.0, 4], [5, 1]),
        isSmooth: false),
    ]
  }

  var sorts: [Sample] {
    let lines: [(Shape, Int)] = [
      ([9], 0), ([3, 40], 1), ([6, 3], 0), ([2, 5, 3], 1), ([1], 0), ([0], 0), ([3, 0], 0), ([0, 3], 1), ([1500], 0),
    ]
    return [false, true].flatMap { isDescending -> [Sample] in
      let floats = lines.map { shape, axis in
        Sample(Sort(axis: axis, isDescending: isDescending), operands.spread(shape), isSmooth: shape != [1500])
      }
      let sort = Sort(axis: 0, isDescending: isDescending)
      let carried = [
        Sample(
          Sort(axis: 1, isDescending: isDescending), operands.spread([2, 6]),
          operands.integers((0..<12).map { $0 }, .int8, [2, 6]), operands.spread([2, 6], salt: 4)),
        Sample(
          sort, operands.integers([2, 1, 2, 1, 2], .int32), operands.spread([5]),
          operands.booleans([true, false, true, true, false])),
        Sample(sort, operands.booleans([true, false, true, false]), operands.integers([1, 2, 3, 4], .uint16)),
        Sample(sort, operands.edges, isSmooth: false),
        Sample(sort, operands.exactly([.nan, 1, .nan, -.infinity, 0, -0.0, 0, .infinity]), isSmooth: false),
      ]
      let integers = ElementType.allCases.filter(\.isInteger).flatMap { type in
        [
          Sample(sort, operands.integers([3, -4, 100, 90, .min, .max, 0, 3, -1], type)),
          Sample(sort, operands.integers((0..<3000).map { ($0 &* 7919) % 1009 - 500 }, type)),
        ]
      }
      return floats + carried + integers
    }
  }

  var tops: [Sample] {
    let lines: [(Shape, Int, Int)] = [
      ([9], 0, 3), ([3, 40], 1, 2), ([6, 3], 0, 6), ([2, 50, 3], 1, 4), ([4], 0, 0), ([0], 0, 0), ([3, 0], 0, 2),
    ]
    return [false, true].flatMap { isSmallest -> [Sample] in
      let floats = lines.map { shape, axis, count in
        Sample(TopK(count: count, axis: axis, isSmallest: isSmallest), operands.spread(shape))
      }
      let ties = (0..<900).map { Double($0 * 37 % 11) }
      let others = [
        Sample(TopK(count: 5, axis: 0, isSmallest: isSmallest), operands.edges, isSmooth: false),
        Sample(TopK(count: 100, axis: 0, isSmallest: isSmallest), operands.exactly(ties), isSmooth: false),
        Sample(
          TopK(count: 3, axis: 0, isSmallest: isSmallest), operands.exactly([0, -0.0, .nan, 1, 1, .nan, 0, 1]),
          isSmooth: false),
        Sample(TopK(count: 1, axis: 0, isSmallest: isSmallest), operands.booleans([false, true, true])),
      ]
      let integers = ElementType.allCases.filter(\.isInteger).map { type in
        Sample(
          TopK(count: 4, axis: 0, isSmallest: isSmallest),
          operands.integers((0..<200).map { ($0 &* 7919) % 101 - 50 }, type))
      }
      return floats + others + integers
    }
  }
}

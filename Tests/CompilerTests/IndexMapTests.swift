import DescentGraph
import Testing

@testable import DescentCompiler

/// A view's map says of every point which element of the operand it shows: held against what the view's reference
/// evaluation shows.
@Suite struct IndexMapTests {
  /// The number of the element that each point of a space means, in the order of the points.
  private func elements(_ map: IndexMap, _ shape: Shape, in space: IterationSpace) -> [Int] {
    let layout = map.layout(Layout(dense: shape), rank: space.extents.count)
    return layout.places(Shape(space.extents))
  }

  /// The map of the operand of a view whose points are those of its result, checked for every point.
  @discardableResult
  private func operand(
    of operation: some Operation, _ source: Shape, location: SourceLocation = #_sourceLocation
  ) throws -> (map: IndexMap, space: IterationSpace)? {
    let type = TensorType(source, .float64)
    let result = try operation.resultTypes(of: [type])[0]
    let numbers = ReferenceArray(type, reals: (0..<source.count).map(Double.init))
    let shown = operation.evaluate([numbers], [result])[0].reals.map { Int($0) }
    var space = IterationSpace(extents: result.shape.sizes)
    let identity = IndexMap(identity: result.shape)
    guard let map = identity.operand(of: operation, from: source, to: result.shape, in: &space) else { return nil }
    #expect(elements(map, source, in: space) == shown, sourceLocation: location)
    #expect(map.coordinates.count == source.rank, sourceLocation: location)
    return (map, space)
  }

  @Test func identity() {
    let map = IndexMap(identity: [3, 1, 2])
    #expect(map.coordinates.map(\.terms) == [[.init(axis: 0, stride: 1)], [], [.init(axis: 2, stride: 1)]])
    #expect(map.coordinates.allSatisfy { $0.offset == 0 })
    #expect(elements(map, [3, 1, 2], in: IterationSpace(extents: [3, 1, 2])) == Array(0..<6))
  }

  @Test func views() throws {
    #expect(try operand(of: Transpose(permutation: [2, 0, 1]), [3, 4, 5]) != nil)
    #expect(try operand(of: Transpose(permutation: [1, 0]), [3, 1]) != nil)
    let reversed = try #require(try operand(of: Reverse(axes: [0, 2]), [3, 4, 5]))
    #expect(reversed.map.coordinates.map(\.offset) == [2, 0, 4])
    #expect(reversed.map.coordinates.map { $0.terms.map(\.stride) } == [[-1], [1], [-1]])
    #expect(try operand(of: StopGradient(), [3, 4]) != nil)
    // Views that repeat or leave out elements are none of these.
    #expect(try operand(of: Slice(starts: [1], limits: [3]), [4]) == nil)
    #expect(try operand(of: Broadcast(shape: [2, 3], axes: [1]), [3]) == nil)
  }

  /// Turning twice is turning back, from wherever the first has ended.
  @Test func twice() throws {
    var space = IterationSpace(extents: [3, 4])
    let shape: Shape = [3, 4]
    let once = try #require(
      IndexMap(identity: shape).operand(of: Reverse(axes: [1]), from: shape, to: shape, in: &space))
    let twice = try #require(once.operand(of: Reverse(axes: [1]), from: shape, to: shape, in: &space))
    #expect(twice == IndexMap(identity: shape))
    let other = try #require(once.operand(of: Reverse(axes: [0]), from: shape, to: shape, in: &space))
    #expect(elements(other, shape, in: space) == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    // A reshape of what runs backwards has no map.
    #expect(once.operand(of: Reshape(shape: [12]), from: [12], to: shape, in: &space) == nil)
  }

  @Test func reshapes() throws {
    for (source, target) in [
      ([6], [2, 3]), ([2, 3], [6]), ([2, 3, 4], [6, 4]), ([2, 3, 4], [2, 12]), ([24], [2, 3, 4]), ([2, 1, 3], [1, 6]),
      ([1, 1], [1]), ([4, 6], [2, 2, 6]), ([4, 6], [4, 2, 3]), ([4, 6], [2, 2, 3, 2]), ([1], []), ([], [1, 1]),
    ] as [(Shape, Shape)] {
      let found = try operand(of: Reshape(shape: target), source)
      #expect(found != nil, "\(source) to \(target)")
    }
  }

  /// Where the operand's axes end within an axis of the space, that is divided: points keep their order.
  @Test func divisions() throws {
    let joined = try #require(try operand(of: Reshape(shape: [12]), [3, 4]))
    #expect(joined.space.extents == [3, 4] && joined.space.divisions.count == 1)
    #expect(joined.space.divisions[0].axis == 0 && joined.space.divisions[0].inner == 4)
    let crossing = try #require(try operand(of: Reshape(shape: [4, 6]), [2, 12]))
    #expect(crossing.space.extents == [2, 2, 6])
    let twice = try #require(try operand(of: Reshape(shape: [24, 2]), [2, 3, 4, 2]))
    #expect(twice.space.extents == [2, 3, 4, 2] && twice.space.divisions.count == 2)
    // Axes that meet nowhere: of six elements, rows of two and rows of three.
    #expect(try operand(of: Reshape(shape: [3, 2]), [2, 3]) == nil)
    #expect(try operand(of: Reshape(shape: [4, 9]), [6, 6]) == nil)
  }

  /// A division is told to all maps of the space, which mean the same elements as before.
  @Test func dividing() {
    var space = IterationSpace(extents: [5, 12, 2])
    let turned = IndexMap([
      .init(offset: 11, terms: [.init(axis: 1, stride: -1)]), .init(terms: [.init(axis: 2, stride: 1)]),
      .init(offset: 1, terms: [.init(axis: 0, stride: 1)]),
    ])
    let before = elements(turned, [12, 2, 6], in: space)
    space.divide(axis: 1, inner: 3)
    #expect(space.extents == [5, 4, 3, 2])
    let divided = turned.dividing(axis: 1, inner: 3)
    #expect(elements(divided, [12, 2, 6], in: space) == before)
    #expect(divided.coordinates[0].terms == [.init(axis: 1, stride: -3), .init(axis: 2, stride: -1)])
    #expect(divided.coordinates[1].terms == [.init(axis: 3, stride: 1)])
    #expect(divided.coordinates[2] == turned.coordinates[2])
  }

  /// Within a wider space, a coordinate may be made of several axes; what it is in memory adds up.
  @Test func layouts() {
    let map = IndexMap([
      .init(offset: 2, terms: [.init(axis: 0, stride: 3), .init(axis: 2, stride: 1)]),
      .init(offset: 1, terms: [.init(axis: 0, stride: 1)]),
    ])
    let layout = map.layout(Layout(offset: 5, strides: [10, -1]), rank: 3)
    #expect(layout == Layout(offset: 5 + 20 - 1, strides: [29, 0, 10]))
  }
}

import DescentData
import DescentSearch
import Foundation
import Testing

@Suite struct FrontTests {
  @Test func aPointDominatesWhatIsWorseInOneAndBetterInNone() {
    #expect(dominates([1, 2], [1, 3]))
    #expect(!dominates([1, 2], [1, 2]))
    #expect(!dominates([1, 3], [2, 2]))
    #expect(dominates([1, 2], [1, .nan]))
    #expect(!dominates([.nan, 2], [1, 3]))
    #expect(!dominates([1], [2, 2]))
  }

  @Test func frontsAreThoseOfTheirDefinition() {
    for (seed, objectives) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
      var random = ElementRandom(seed: UInt64(seed), epoch: 0, index: 0)
      // Few distinct values make equal points and ties.
      let points = (0..<80).map { _ in (0..<objectives).map { _ in Double(random.place(below: 6)) } }
      var rest = Set(points.indices)
      var expected: [[Int]] = []
      while !rest.isEmpty {
        let front = rest.filter { point in !rest.contains { dominates(points[$0], points[point]) } }.sorted()
        expected.append(front)
        rest.subtract(front)
      }
      #expect(nonDominatedFronts(of: points) == expected)
    }
    #expect(nonDominatedFronts(of: []).isEmpty)
  }

  @Test func crowdingDistancesAreThoseOfThePaper() {
    let distances = crowdingDistances(of: [[0, 10], [4, 4], [1, 7], [10, 0]])
    #expect(distances[0] == .infinity && distances[3] == .infinity)
    #expect(abs(distances[1] - (0.9 + 0.7)) < 1e-15)
    #expect(abs(distances[2] - (0.4 + 0.6)) < 1e-15)
    #expect(crowdingDistances(of: []).isEmpty)
    #expect(crowdingDistances(of: [[1, 1]]) == [.infinity])
    #expect(crowdingDistances(of: [[1, 1], [1, 1], [1, 1]]).filter { $0 == 0 }.count == 1)
  }
}

@Suite struct HypervolumeTests {
  @Test func volumesOfFewPointsAreThoseOfTheirBoxes() throws {
    #expect(try hypervolume(of: [], reference: [1, 1]) == 0)
    #expect(try hypervolume(of: [[2], [3]], reference: [5]) == 3)
    #expect(try hypervolume(of: [[1, 3], [2, 2], [3, 1]], reference: [4, 4]) == 6)
    // Dominated, doubled and outside.
    #expect(try hypervolume(of: [[1, 3], [1, 3], [2, 3], [0, 5], [4, 0], [.nan, 0]], reference: [4, 4]) == 3)
    // Two boxes of 2 × 2 × 1 and 1 × 1 × 2 that share 1 × 1 × 1.
    #expect(try hypervolume(of: [[0, 0, 1], [1, 1, 0]], reference: [2, 2, 2]) == 5)
    #expect(try hypervolume(of: [[0, 0, 0, 0, 0]], reference: [2, 2, 2, 2, 2]) == 32)
    #expect(try hypervolume(of: [[-.infinity, 0]], reference: [1, 1]) == .infinity)
  }

  @Test func unionsOfBoxesAreThoseOfInclusionAndExclusion() throws {
    for objectives in 2...5 {
      var random = ElementRandom(seed: 7, epoch: 0, index: objectives)
      let points = (0..<9).map { _ in (0..<objectives).map { _ in random.unit() } }
      let reference = [Double](repeating: 1, count: objectives)
      var expected = 0.0
      for subset in 1..<(1 << points.count) {
        let members = points.indices.filter { subset >> $0 & 1 == 1 }
        let corner = (0..<objectives).map { axis in members.map { points[$0][axis] }.max() ?? 0 }
        expected += (members.count % 2 == 1 ? 1 : -1) * corner.reduce(1) { $0 * (1 - $1) }
      }
      #expect(abs(try hypervolume(of: points, reference: reference) - expected) < 1e-12)
      for (position, contribution) in try hypervolumeContributions(of: points, reference: reference).enumerated() {
        var others = points
        others.remove(at: position)
        #expect(abs(expected - contribution - (try hypervolume(of: others, reference: reference))) < 1e-12)
      }
    }
  }

  /// On a line, n points evenly spread miss n + 1 triangles of the area.
  @Test func evenPointsOnALineMissTriangles() throws {
    let count = 1_000
    let points = (1...count).map { [Double($0) / Double(count + 1), 1 - Double($0) / Double(count + 1)] }
    let volume = try hypervolume(of: points, reference: [1, 1])
    #expect(abs(volume - (0.5 - 0.5 / Double(count + 1))) < 1e-12)
  }

  @Test func orderDoesNotMatter() throws {
    var random = ElementRandom(seed: 9, epoch: 0, index: 0)
    let points = (0..<60).map { _ in (0..<3).map { _ in random.unit() } }
    let volume = try hypervolume(of: points, reference: [1, 1, 1])
    #expect(abs(try hypervolume(of: points.reversed(), reference: [1, 1, 1]) - volume) < 1e-13)
    #expect(abs(try hypervolume(of: points.map { [$0[2], $0[0], $0[1]] }, reference: [1, 1, 1]) - volume) < 1e-13)
  }

  @Test func mistakesAreTold() {
    #expect(throws: (any Error).self) { try hypervolume(of: [[1, 2, 3]], reference: [4, 4]) }
    #expect(throws: (any Error).self) { try hypervolume(of: [], reference: []) }
    #expect(throws: (any Error).self) { try hypervolume(of: [[1, 2]], reference: [4, .infinity]) }
    #expect(throws: (any Error).self) { try hypervolumeContributions(of: [[1]], reference: [4, 4]) }
  }
}

import Descent
import Testing

@testable import DescentCaptions

/// Generated scenes: what is drawn, what is said, and what is held out.
@Suite struct SceneTests {
  @Test func everyColorAndShapeIsSeenAndTheHeldOutPairsAreNot() {
    let pairs = SceneColor.allCases.flatMap { color in SceneShape.allCases.map { (color, $0) } }
    let heldOut = pairs.filter { SceneCombinations.unseen.contains($0.0, $0.1) }
    #expect(heldOut.count == 8)
    #expect(pairs.filter { SceneCombinations.seen.contains($0.0, $0.1) }.count == 32)
    #expect(Set(heldOut.map(\.0)).count == SceneColor.allCases.count)
    #expect(Set(heldOut.map(\.1)).count == SceneShape.allCases.count)
    for number in 0..<500 {
      for kind in SceneCombinations.allCases {
        for object in SceneGenerator(kind, seed: 3).scene(number).objects {
          #expect(kind.contains(object.color, object.shape))
        }
      }
    }
  }

  @Test func aSeedGivesItsScenesInAnyOrder() {
    let generator = SceneGenerator(.seen, seed: 5)
    let forward = (0..<50).map { generator.example($0).sentence }
    let backward = (0..<50).reversed().map { generator.example($0).sentence }
    #expect(forward == backward.reversed())
    #expect(forward != (0..<50).map { SceneGenerator(.seen, seed: 6).example($0).sentence })
    #expect(Set((0..<300).map { generator.scene($0).objects.count }) == [1, 2, 3])
    #expect(generator.example(7).scene == generator.scene(7))
  }

  /// Each shape alone on white paper covers the area that geometry says, and nothing beyond its radius.
  @Test func shapesAreDrawnWithTheirAreas() throws {
    let (side, radius) = (64, 0.2)
    for shape in SceneShape.allCases {
      let object = Scene.Object(
        color: .black, shape: shape, size: .large, place: ScenePlace(row: 1, column: 1), x: 0.5, y: 0.5, radius: radius,
        turn: 0.1, samples: [0, 0, 0])
      let picture = try Scene.pictures(of: [Scene(objects: [object], paper: 1)], side: side)
      #expect(picture.shape == [1, side, side, 3])
      let ink = try (1 - picture[0, 0..., 0..., 0]).floats()
      #expect(ink.allSatisfy { $0 >= 0 && $0 <= 1 })
      let r = radius * Double(side)
      let area: Double =
        switch shape {
        case .circle: .pi * r * r
        case .square, .diamond: 4 * 0.886 * 0.886 * r * r
        // An inner radius ρ gives an area of 3√3 ρ².
        case .triangle: 3 * 3.0.squareRoot() * 0.68 * 0.68 * r * r
        case .cross: 4 * 0.36 * r * r * (2 * 1.02 - 0.36)
        }
      let found = ink.reduce(0.0) { $0 + Double($1) }
      #expect(abs(found - area) < 0.02 * area, "\(shape): \(found) is not \(area)")
      for (place, value) in ink.enumerated() where value > 0 {
        let (x, y) = (Double(place % side) + 0.5 - 32, Double(place / side) + 0.5 - 32)
        #expect((x * x + y * y).squareRoot() < 1.6 * r + 1, "\(shape) reaches \(x), \(y)")
      }
    }
  }

  @Test func picturesHaveTheColorsOfTheirScenes() throws {
    let scenes = (0..<6).map { SceneGenerator(.seen, seed: 8).scene($0) }
    let pictures = try Scene.pictures(of: scenes, side: 48)
    for (number, scene) in scenes.enumerated() {
      // The last shape lies on top of all.
      let object = try #require(scene.objects.last)
      let (row, column) = (Int(object.y * 48), Int(object.x * 48))
      let found = try pictures[number, row, column].scalars()
      for (a, b) in zip(found, object.samples) { #expect(abs(a - b) < 1e-5) }
    }
    // Drawn by itself a scene is the same as among others.
    let alone = try Scene.pictures(of: [scenes[4]], side: 48).floats()
    #expect(alone == (try pictures[4].floats()))
    #expect(throws: TensorError.self) { try Scene.pictures(of: scenes, side: 0) }
  }

  @Test func picturesCanBeDifferentiatedInTheShapesNumbers() throws {
    // Not part of the interface, but of how scenes are drawn: a compiled function of tensors.
    let scene = SceneGenerator(.seen, seed: 8).scene(0)
    let numbers = SceneNumbers([scene], side: 16)
    let slope = try gradient(at: numbers) { $0.drawn().sum() }
    let tree = try ModelTree(slope).leaves.compactMap(\.tensor)
    #expect(try tree.contains { try $0.floats().contains { $0 != 0 } })
  }
}

import Testing

@testable import DescentCaptions

/// What is understood of sentences, and how it is judged.
@Suite struct SceneReadingTests {
  private func object(
    _ color: SceneColor, _ shape: SceneShape, _ size: SceneSize, _ row: Int, _ column: Int
  ) -> Scene.Object {
    Scene.Object(
      color: color, shape: shape, size: size, place: ScenePlace(row: row, column: column), x: 0, y: 0, radius: 0,
      turn: 0,
      samples: [0, 0, 0])
  }

  @Test func generatedSentencesAreUnderstood() {
    for kind in SceneCombinations.allCases {
      var accuracy = SlotAccuracy()
      for number in 0..<1_000 {
        let (scene, sentence) = SceneGenerator(kind, seed: 4).example(number)
        accuracy.add(sentence, of: scene)
        #expect(CaptionVocabulary.split(sentence).count < SceneGenerator.longest, "\(sentence)")
      }
      #expect(accuracy.right == accuracy.asked)
      #expect(accuracy.flawless == 1_000)
      for slot in SlotAccuracy.Slot.allCases { #expect(accuracy.share(slot) == 1) }
    }
  }

  @Test func placesAndRelationsAreToldApart() {
    let list = SceneReading("two shapes: a tiny red disk in the top left corner and at the edge a big box in blue")
    #expect(list.count == 2)
    #expect(list.relation == nil)
    #expect(
      list.claims == [
        .init(color: .red, shape: .circle, size: .small, place: ScenePlace(row: 0, column: 0)),
        .init(color: .blue, shape: .square, size: .large, place: nil),
      ])
    let relation = SceneReading("a small red plus is to the right of a large green triangle")
    #expect(relation.relation == .rightOf)
    #expect(
      relation.claims == [
        .init(color: .red, shape: .cross, size: .small, place: nil),
        .init(color: .green, shape: .triangle, size: .large, place: nil),
      ])
    // What is said twice and differently is not said.
    #expect(SceneReading("a red blue circle at the top").claims[0].color == nil)
    #expect(SceneReading("a circle at the top bottom").claims[0].place == nil)
    #expect(SceneReading("a circle at the top in the middle").claims[0].place == nil)
    #expect(SceneReading("").claims.isEmpty)
  }

  /// One sentence with known mistakes against one scene.
  @Test func mistakesCountWhereTheyAre() {
    let scene = Scene(
      objects: [object(.red, .circle, .small, 0, 0), object(.blue, .square, .large, 2, 2)], paper: 1)
    func judged(_ sentence: String) -> [String] {
      var accuracy = SlotAccuracy()
      accuracy.add(sentence, of: scene)
      return zip(accuracy.right, accuracy.asked).map { "\($0)/\($1)" } + ["\(accuracy.flawless)"]
    }
    // count, color, shape, size, place, relation
    #expect(
      judged("a large blue square at the bottom right and a small red circle at the top left")
        == ["1/1", "2/2", "2/2", "2/2", "2/2", "0/0", "1"])
    #expect(
      judged("a large blue circle at the bottom right and a small red circle at the left")
        == ["1/1", "2/2", "1/2", "2/2", "1/2", "0/0", "0"])
    #expect(judged("a small red circle at the top left") == ["0/1", "1/2", "1/2", "1/2", "1/2", "0/0", "0"])
    #expect(
      judged("three shapes: a large blue square at the bottom right and a small red circle at the top left")
        == ["0/1", "2/2", "2/2", "2/2", "2/2", "0/0", "0"])
    #expect(
      judged("a small red circle above a large blue square") == ["1/1", "2/2", "2/2", "2/2", "0/0", "1/1", "1"])
    #expect(
      judged("a small red circle below a large blue square") == ["1/1", "2/2", "2/2", "2/2", "0/0", "0/1", "0"])
    #expect(judged("") == ["0/1", "0/2", "0/2", "0/2", "0/2", "0/0", "0"])
    let many = Array(repeating: "a red circle", count: 40).joined(separator: ", ")
    #expect(judged(many) == ["0/1", "1/2", "1/2", "0/2", "0/2", "0/0", "0"])
    #expect(SlotAccuracy().share() == nil)
  }
}

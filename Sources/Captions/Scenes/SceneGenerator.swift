import Descent

/// Makes scenes: the same ones for a seed on every machine, in any order and from any thread.
public struct SceneGenerator: Sendable {
  /// Which combinations of color and shape there are.
  public let combinations: SceneCombinations
  private let seed: UInt64
  private let pairs: [(color: SceneColor, shape: SceneShape)]

  /// The most words of a sentence, that of the end included.
  static let longest = 36

  /// The scenes of a seed.
  public init(_ combinations: SceneCombinations, seed: UInt64) {
    self.combinations = combinations
    self.seed = seed
    pairs = SceneColor.allCases.flatMap { color in SceneShape.allCases.map { (color, $0) } }
      .filter { combinations.contains($0.0, $0.1) }
  }

  /// A scene, and a sentence that says what is to be seen.
  public func example(_ index: Int) -> (scene: Scene, sentence: String) {
    var random = ElementRandom(seed: seed, epoch: 0, index: index)
    let scene = scene(&random)
    return (scene, scene.sentence(using: &random))
  }

  /// A scene.
  public func scene(_ index: Int) -> Scene {
    var random = ElementRandom(seed: seed, epoch: 0, index: index)
    return scene(&random)
  }

  private func scene(_ random: inout ElementRandom) -> Scene {
    let count = 1 + random.place(below: Scene.mostObjects)
    var places = Set<Int>()
    while places.count < count { places.insert(random.place(below: ScenePlace.all.count)) }
    let objects = places.sorted().map { object(at: ScenePlace.all[$0], &random) }
    return Scene(objects: objects, paper: random.number(in: 0.80...1))
  }

  private func object(at place: ScenePlace, _ random: inout ElementRandom) -> Scene.Object {
    let (color, shape) = pairs[random.place(below: pairs.count)]
    let size = SceneSize.allCases[random.place(below: 2)]
    let jitter = -0.022...0.022
    return Scene.Object(
      color: color, shape: shape, size: size, place: place,
      x: (Double(place.column) + 0.5) / 3 + random.number(in: jitter),
      y: (Double(place.row) + 0.5) / 3 + random.number(in: jitter), radius: random.number(in: size.radii),
      turn: random.number(in: -0.14...0.14),
      samples: color.samples.map { min(1, max(0, $0 + random.number(in: -0.06...0.06))) })
  }
}

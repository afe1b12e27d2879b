import Descent

/// What a sentence says of a scene, as far as it can be understood.
public struct SceneReading: Hashable, Sendable {
  /// What is said of one shape; `nil` where nothing is said.
  struct Claim: Hashable, Sendable {
    var color: SceneColor?
    var shape: SceneShape?
    var size: SceneSize?
    var place: ScenePlace?
  }

  /// The shapes, in the order in which they are named.
  var claims: [Claim] = []
  /// How many shapes there are, where the sentence begins with that.
  var count: Int?
  /// Where the first shape lies, seen from the second, where the sentence says that instead of their places.
  var relation: SceneRelation?

  /// Reads a sentence. Words that belong to no description are passed over.
  public init(_ sentence: String) {
    var words = Self.words(of: sentence)[...]
    if let colon = words.firstIndex(of: ":") {
      count = words.first.flatMap { Scene.numbers.firstIndex(of: $0) }
      words = words[(colon + 1)...]
    }
    if let (place, length, relation) = Self.relation(in: words) {
      self.relation = relation
      claims = [Self.claim(words[..<place]), Self.claim(words[(place + length)...])]
    } else {
      claims = words.split { $0 == "," || $0 == "and" }.map(Self.claim)
    }
  }

  /// The words in small letters, with signs as words of their own.
  private static func words(of sentence: String) -> [String] {
    sentence.lowercased().replacing(",", with: " , ").replacing(":", with: " : ").split(separator: " ").map(String.init)
  }

  /// The first words that say where one thing lies, seen from another.
  private static func relation(in words: ArraySlice<String>) -> (place: Int, length: Int, SceneRelation)? {
    let phrases = SceneRelation.allCases.flatMap { relation in
      relation.words.map { (relation, $0.split(separator: " ").map(String.init)) }
    }
    for place in words.indices {
      for (relation, phrase) in phrases where words[place...].starts(with: phrase) {
        return (place, phrase.count, relation)
      }
    }
    return nil
  }

  private static func claim(_ words: ArraySlice<String>) -> Claim {
    /// The one thing that words name; nothing where they name several.
    func only<Value: Hashable>(_ values: [Value]) -> Value? { Set(values).count == 1 ? values[0] : nil }
    var claim = Claim()
    claim.color = only(words.compactMap { SceneColor(rawValue: $0) })
    claim.shape = only(words.compactMap { word in SceneShape.allCases.first { $0.words.contains(word) } })
    claim.size = only(words.compactMap { word in SceneSize.allCases.first { $0.words.contains(word) } })
    claim.place = place(words)
    return claim
  }

  private static func place(_ words: ArraySlice<String>) -> ScenePlace? {
    let rows = words.compactMap { ["top", "bottom"].firstIndex(of: $0) }
    let columns = words.compactMap { ["left", "right"].firstIndex(of: $0) }
    let isMiddle = words.contains { $0 == "middle" || $0 == "center" }
    guard rows.count <= 1, columns.count <= 1, isMiddle == (rows.isEmpty && columns.isEmpty) else { return nil }
    return ScenePlace(row: rows.first.map { 2 * $0 } ?? 1, column: columns.first.map { 2 * $0 } ?? 1)
  }
}

/// How many of the things that sentences say of scenes are right.
///
/// Each sentence is asked for the number of shapes, for color, shape and size of each shape of the scene, and for the place of
/// each, or, where it tells places by a relation, for that. What it says of shapes is matched with the scene's so that as
/// much as possible is right; of a shape that it does not mention everything is wrong.
public struct SlotAccuracy: Codable, Hashable, Sendable {
  /// What is asked for.
  public enum Slot: String, CaseIterable, Codable, Hashable, Sendable {
    case count, color, shape, size, place, relation
  }

  /// How many there are of each kind, and how many of them are right.
  public private(set) var asked = [Int](repeating: 0, count: Slot.allCases.count)
  public private(set) var right = [Int](repeating: 0, count: Slot.allCases.count)
  /// How many sentences there are, and in how many of them everything is right.
  public private(set) var sentences = 0
  public private(set) var flawless = 0

  /// Nothing seen yet.
  public init() {}

  /// Adds a sentence.
  public mutating func add(_ sentence: String, of scene: Scene) {
    let reading = SceneReading(sentence)
    let best = Self.orders(of: max(scene.objects.count, reading.claims.count))
      .map { Self.judged(reading, scene, order: $0) }.max { Self.total($0) < Self.total($1) }
    guard let best else { return }
    sentences += 1
    for (place, slot) in Slot.allCases.enumerated() {
      asked[place] += best[slot]?.asked ?? 0
      right[place] += best[slot]?.right ?? 0
    }
    // A shape that is not there is wrong, and counts with the number of shapes.
    if best.values.allSatisfy({ $0.asked == $0.right }) { flawless += 1 }
  }

  /// The share that is right of one kind of slot, or of all; `nil` where none was asked for.
  public func share(_ slot: Slot? = nil) -> Double? {
    let places = Slot.allCases.indices.filter { slot == nil || Slot.allCases[$0] == slot }
    let total = places.reduce(0) { $0 + asked[$1] }
    return total > 0 ? Double(places.reduce(0) { $0 + right[$1] }) / Double(total) : nil
  }

  private typealias Judgment = [Slot: (asked: Int, right: Int)]

  private static func total(_ judgment: Judgment) -> Int { judgment.values.reduce(0) { $0 + $1.right } }

  /// What is right where the scene's shapes are those that an order of the claims says.
  private static func judged(_ reading: SceneReading, _ scene: Scene, order: [Int]) -> Judgment {
    var judgment: Judgment = [:]
    func judge(_ slot: Slot, _ isRight: Bool) {
      let before = judgment[slot] ?? (0, 0)
      judgment[slot] = (before.asked + 1, before.right + (isRight ? 1 : 0))
    }
    judge(
      .count,
      reading.claims.count == scene.objects.count && (reading.count ?? scene.objects.count) == scene.objects.count)
    for (number, object) in scene.objects.enumerated() {
      let claim = order[number] < reading.claims.count ? reading.claims[order[number]] : SceneReading.Claim()
      judge(.color, claim.color == object.color)
      judge(.shape, claim.shape == object.shape)
      judge(.size, claim.size == object.size)
      if reading.relation == nil { judge(.place, claim.place == object.place) }
    }
    if let relation = reading.relation {
      let things = [0, 1].map { claim in order.firstIndex(of: claim).flatMap { $0 < scene.objects.count ? $0 : nil } }
      if let first = things[0], let second = things[1] {
        judge(.relation, relation.holds(scene.objects[first].place, scene.objects[second].place))
      } else {
        judge(.relation, false)
      }
    }
    return judgment
  }

  /// All orders of a few things; of many, such as what a model that has learned nothing says, the one there is.
  private static func orders(of count: Int) -> [[Int]] {
    guard count <= 4 else { return [Array(0..<count)] }
    return (0..<count).reduce([[]]) { orders, next in
      orders.flatMap { order in
        (0...order.count).map { place in
          var longer = order
          longer.insert(next, at: place)
          return longer
        }
      }
    }
  }
}

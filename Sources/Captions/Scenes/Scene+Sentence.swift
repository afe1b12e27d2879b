import Descent

extension Scene {
  /// A sentence that says what is to be seen, in one of the ways in which it can be said.
  func sentence(using random: inout ElementRandom) -> String {
    if objects.count == 2, random.unit() < 0.4 { return relation(&random) }
    let isPlaceFirst = random.unit() < 0.3
    let parts = objects.map { object in
      let thing = object.phrase(&random)
      let place = Self.chosen(object.place.words, &random)
      return isPlaceFirst ? "\(place) \(thing)" : "\(thing) \(place)"
    }
    let last = parts.last ?? ""
    let list = parts.count > 1 ? "\(parts.dropLast().joined(separator: ", ")) and \(last)" : last
    guard random.unit() < 0.3 else { return list }
    let nouns = parts.count == 1 ? "shape" : "shapes"
    return "\(Self.numbers[parts.count]) \(nouns): \(list)"
  }

  /// What numbers are called.
  static let numbers = ["no", "one", "two", "three"]

  private func relation(_ random: inout ElementRandom) -> String {
    let order = random.unit() < 0.5 ? [objects[0], objects[1]] : [objects[1], objects[0]]
    let relations = SceneRelation.allCases.filter { $0.holds(order[0].place, order[1].place) }
    let relation = relations[random.place(below: relations.count)]
    let verb = random.unit() < 0.5 ? "is " : ""
    let words = Self.chosen(relation.words, &random)
    return "\(order[0].phrase(&random)) \(verb)\(words) \(order[1].phrase(&random))"
  }

  /// Mostly the usual words.
  static func chosen(_ words: [String], _ random: inout ElementRandom) -> String {
    random.unit() < 0.7 ? words[0] : words[random.place(below: words.count)]
  }
}

extension Scene.Object {
  /// The shape with its color and size, without its place.
  fileprivate func phrase(_ random: inout ElementRandom) -> String {
    let (size, shape) = (Scene.chosen(size.words, &random), Scene.chosen(shape.words, &random))
    return random.unit() < 0.75 ? "a \(size) \(color.rawValue) \(shape)" : "a \(size) \(shape) in \(color.rawValue)"
  }
}

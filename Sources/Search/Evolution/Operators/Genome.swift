import DescentData

/// The parameters that individuals of settings have, in order.
struct Genome: Hashable, Sendable, Codable {
  let parameters: [Space.Parameter]
  /// The whole space where there is one, whose conditions and constraints individuals meet.
  private let space: Space?

  /// The parameters of a declared space.
  init(_ space: Space) throws {
    try space.check()
    parameters = space.parameters
    let isPlain = space.constraints.isEmpty && space.parameters.allSatisfy { $0.condition == nil }
    self.space = isPlain ? nil : space
  }

  /// Parameters that are always there.
  init(_ parameters: [(name: String, domain: Domain)]) {
    self.parameters = parameters.map { Space.Parameter($0.name, $0.domain) }
    space = nil
  }

  /// The individual that has those of some settings that are there.
  func active(_ settings: Settings) -> Settings {
    guard let space else { return settings }
    var found: Settings = [:]
    let domains = space.domains
    for parameter in space.parameters where parameter.condition?.holds(found, in: domains) ?? true {
      found[parameter.name] = settings[parameter.name]
    }
    return found
  }

  /// Settings with all parameters: those that an individual does not have are drawn.
  func completed(_ settings: Settings, _ random: inout ElementRandom) -> Settings {
    guard space != nil else { return settings }
    var settings = settings
    for parameter in parameters where settings[parameter.name] == nil {
      settings[parameter.name] = parameter.domain.setting(from: &random)
    }
    return settings
  }

  /// Refuses an individual whose settings are of other kinds than the parameters, or speak of options that there are not.
  ///
  /// Numbers may lie outside their range, as those of individuals that were repaired may.
  func check(_ individual: Settings, _ subject: String) throws {
    for parameter in parameters {
      guard let setting = individual[parameter.name] else { continue }
      let fits =
        switch (parameter.domain, setting) {
        case (.real, .real(let value)): value.isFinite
        case (.integer, .integer): true
        default: parameter.domain.contains(setting)
        }
      guard fits else {
        throw SearchError(
          subject, "an individual has \(setting) for \(parameter.name), which is \(parameter.domain)")
      }
    }
  }

  /// An individual of settings that are drawn evenly.
  func draw(_ random: inout ElementRandom) -> Settings {
    var settings: Settings = [:]
    for parameter in parameters { settings[parameter.name] = parameter.domain.setting(from: &random) }
    return settings
  }

  /// The first of some tries that the space allows, or the last one.
  func allowed(_ random: inout ElementRandom, _ make: (inout ElementRandom) -> Settings) -> Settings {
    guard let space else { return make(&random) }
    var individual = active(make(&random))
    var tries = 0
    while !space.allows(individual), tries < 1_000 {
      individual = active(make(&random))
      tries += 1
    }
    return individual
  }
}

extension Genome {
  init(from decoder: any Decoder) throws {
    let reader = try StateReader("parameters", decoder, by: CodingKeys.self)
    // Those of a space are the space's own.
    self = try Genome(try reader.optional(.space) ?? Space(try reader.value(.parameters)))
  }
}

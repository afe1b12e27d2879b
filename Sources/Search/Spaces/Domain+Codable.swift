/// As text: `{"kind": "real", "low": 1e-05, "high": 0.1, "scale": "logarithmic"}`, `{"kind": "choice", "options": […]}`.
extension Domain: Codable {
  private enum Key: String, CodingKey {
    case kind, low, high, scale, step, options
  }

  /// Reads a domain.
  ///
  /// - Throws: `DecodingError` where something is missing; `SearchError` of a domain without values.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func range<Bound: Comparable & Decodable>(_: Bound.Type) throws -> ClosedRange<Bound> {
      let low = try container.decode(Bound.self, forKey: .low)
      let high = try container.decode(Bound.self, forKey: .high)
      guard low <= high else { throw SearchError(Self.name(decoder), "the range \(low)...\(high) is empty") }
      return low...high
    }
    func options() throws -> [String] { try container.decode([String].self, forKey: .options) }
    let scale = try container.decodeIfPresent(Scale.self, forKey: .scale) ?? .linear
    let kind = try container.decode(String.self, forKey: .kind)
    switch kind {
    case "real":
      self = .real(
        try range(Double.self), scale: scale, step: try container.decodeIfPresent(Double.self, forKey: .step))
    case "integer":
      self = .integer(
        try range(Int.self), scale: scale, step: try container.decodeIfPresent(Int.self, forKey: .step) ?? 1)
    case "choice": self = .choice(try options())
    case "toggle": self = .toggle
    case "subset": self = .subset(try options())
    case "permutation": self = .permutation(try options())
    default:
      throw SearchError(
        Self.name(decoder),
        "the kind \"\(kind)\" is not known; there are real, integer, choice, toggle, subset and permutation")
    }
    try check(Self.name(decoder))
  }

  private static func name(_ decoder: any Decoder) -> String {
    decoder.codingPath.last.map { $0.stringValue } ?? "domain"
  }

  /// Writes a domain.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .real(let range, let scale, let step):
      try container.encode("real", forKey: .kind)
      try container.encode(range.lowerBound, forKey: .low)
      try container.encode(range.upperBound, forKey: .high)
      if scale != .linear { try container.encode(scale, forKey: .scale) }
      try container.encodeIfPresent(step, forKey: .step)
    case .integer(let range, let scale, let step):
      try container.encode("integer", forKey: .kind)
      try container.encode(range.lowerBound, forKey: .low)
      try container.encode(range.upperBound, forKey: .high)
      if scale != .linear { try container.encode(scale, forKey: .scale) }
      if step != 1 { try container.encode(step, forKey: .step) }
    case .toggle: try container.encode("toggle", forKey: .kind)
    case .choice(let options): try encode("choice", options)
    case .subset(let options): try encode("subset", options)
    case .permutation(let options): try encode("permutation", options)
    }
    func encode(_ kind: String, _ options: [String]) throws {
      try container.encode(kind, forKey: .kind)
      try container.encode(options, forKey: .options)
    }
  }
}

/// As text: `{"real": 0.5}`, `{"choice": 2}`, `{"subset": [0, 3]}`.
extension Setting: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case real, integer, choice, toggle, subset, permutation
  }

  /// Reads a value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a value of a parameter has one kind"))
    }
    switch key {
    case .real: self = .real(try container.decode(Double.self, forKey: key))
    case .integer: self = .integer(try container.decode(Int.self, forKey: key))
    case .choice: self = .choice(try container.decode(Int.self, forKey: key))
    case .toggle: self = .toggle(try container.decode(Bool.self, forKey: key))
    case .subset: self = .subset(try container.decode([Int].self, forKey: key))
    case .permutation: self = .permutation(try container.decode([Int].self, forKey: key))
    }
  }

  /// Writes a value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .real(let value): try container.encode(value, forKey: .real)
    case .integer(let value): try container.encode(value, forKey: .integer)
    case .choice(let place): try container.encode(place, forKey: .choice)
    case .toggle(let isOn): try container.encode(isOn, forKey: .toggle)
    case .subset(let places): try container.encode(places, forKey: .subset)
    case .permutation(let places): try container.encode(places, forKey: .permutation)
    }
  }
}
